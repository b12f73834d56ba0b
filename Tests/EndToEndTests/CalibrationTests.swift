import Foundation
import FoveaConvert
import Testing

/// The folder of `convert --calibrate`.
@Suite struct CalibrationTests {
  private let network = fixture("operators/slashed_names_13/")  // one input [1, 3, 5, 5]

  /// Tensors of the network's input, and the options that go with them.
  private func fill(_ folder: String, count: Int = 3) throws {
    var random = Random(state: 8)
    for index in 0..<count {
      let values = (0..<75).map { _ in Float.random(in: -1...1, using: &random) }
      try write(NumPyArray(shape: [1, 3, 5, 5], values: values).fileBytes, to: folder + "\(index).npy")
    }
  }

  @Test(arguments: ["min-max", "percentile", "percentile:99.9", "mse", "entropy", "auto"])
  func tensors(method: String) throws {
    try withTemporaryFolder { folder in
      let inputs = folder + "inputs/"
      try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: true)
      try fill(inputs)
      let model = folder + "m.fovea"
      expectSuccess(
        try fovea(
          "convert", network + "model.onnx", "-o", model, "--calibrate", inputs, "--calibration", method))
      let inspection = try inspect(model)
      #expect(inspection.precision == "int8")
      #expect(inspection.preprocessing == nil, "tensors are no photos")
      #expect(inspection.provenance?.calibration?.folder == "inputs")
      #expect(inspection.provenance?.calibration?.images == 3)
      #expect(inspection.provenance?.calibration?.method.hasPrefix(method.prefix { $0 != ":" }) == true)

      expectSuccess(try fovea("run", model, "--input", inputs + "0.npy", "--output", folder + "q.npy"))
      expectSuccess(try fovea("convert", network + "model.onnx", "-o", model, "--precision", "float"))
      expectSuccess(try fovea("run", model, "--input", inputs + "0.npy", "--output", folder + "f.npy"))
      #expect(relativeDifference(try array(folder + "q.npy"), try array(folder + "f.npy")) < 0.05)
    }
  }

  /// The same photos and options give the same file, whatever the threads; other options give another.
  @Test func sameFileFromTheSamePhotos() throws {
    try withTemporaryFolder { folder in
      let photos = folder + "photos/"
      try FileManager.default.createDirectory(atPath: photos, withIntermediateDirectories: true)
      try write(try contents(fixture("photos/macaw.jpg")), to: photos + "macaw.jpg")
      func convert(_ options: String...) throws -> Data {
        let arguments = [
          "convert", network + "model.onnx", "-o", folder + "m.fovea", "--calibrate", photos, "--crops", "5",
        ]
        expectSuccess(try fovea(arguments + options))
        return try contents(folder + "m.fovea")
      }
      let one = try convert("--threads", "1")
      #expect(try convert("--threads", "3") == one)
      let nearest = try convert("--rounding", "nearest")
      #expect(nearest != one)
      #expect(try convert("--fast") == nearest)
      #expect(try inspect(folder + "m.fovea").provenance?.calibration?.inputs == 5)
    }
  }

  @Test func precisionFloatWins() throws {
    try withTemporaryFolder { folder in
      try fill(folder)
      expectSuccess(
        try fovea(
          "convert", network + "model.onnx", "-o", folder + "m.fovea", "--calibrate", folder, "--precision", "float"))
      let inspection = try inspect(folder + "m.fovea")
      #expect(inspection.precision == "float")
      #expect(inspection.provenance?.calibration == nil)
    }
  }

  @Test func refusals() throws {
    func expectRefused(
      _ status: Int32, _ mentions: String, network: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
      prepare: (String) throws -> Void
    ) throws {
      try withTemporaryFolder { folder in
        try prepare(folder)
        let before = try names(in: folder)
        let outcome = try fovea(
          "convert", network ?? self.network + "model.onnx", "-o", folder + "m.fovea", "--calibrate", folder)
        expectRefusal(outcome, status, mentions, sourceLocation: sourceLocation)
        #expect(try names(in: folder) == before, sourceLocation: sourceLocation)
      }
    }

    let photo = try contents(fixture("photos/macaw.jpg"))
    try expectRefused(65, "to calibrate with") { _ in }
    try expectRefused(65, "b.jpg: ") { folder in
      try write(photo, to: folder + "a.jpg")
      try write(photo.prefix(1000), to: folder + "b.jpg")
    }
    try expectRefused(65, "both photos and") { folder in
      try fill(folder)
      try write(photo, to: folder + "a.jpg")
    }
    try expectRefused(65, "[1, 3, 5, 6]") { folder in
      try fill(folder)
      let wrong = NumPyArray(shape: [1, 3, 5, 6], values: Array(repeating: 0, count: 90))
      try write(wrong.fileBytes, to: folder + "9.npy")
    }
    try expectRefused(65, "one input", network: Models.smallNetwork) { try fill($0) }
    try expectRefused(65, "takes no colour photos", network: fixture("operators/gemm_7/model.onnx")) { folder in
      try write(photo, to: folder + "a.jpg")
    }
    expectRefusal(
      try fovea("convert", network + "model.onnx", "-o", "/tmp/m.fovea", "--calibrate", "/no/folder"), 66,
      "/no/folder: ")
  }

  /// A network from TensorFlow takes photos as they lie in memory, and tensors as its file says.
  @Test func channelsLast() throws {
    try withTemporaryFolder { folder in
      let network = fixture("operators/channels_last_keras_block_17")
      let model = folder + "model.fovea"
      expectSuccess(
        try fovea("convert", network + "/model.onnx", "-o", model, "--calibrate", fixture("photos"), "--crops", "2"))
      let inspection = try inspect(model)
      #expect(inspection.preprocessing?.width == 9)
      #expect(inspection.preprocessing?.height == 7)
      #expect(inspection.precision == "int8")
      expectSuccess(
        try fovea("run", model, "--input", network + "/input_0.npy", "--output", folder + "output.npy"))
      expectSuccess(try fovea("classify", fixture("photos"), "-m", model))
    }
  }
}
