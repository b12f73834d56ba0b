import Foundation
import FoveaConvert
import Testing

/// What `inspect --json` says of models and networks, as far as tests look at it.
struct Inspection: Decodable {
  struct Port: Decodable, Equatable {
    var name: String
    var shape: [Int]
  }

  struct Layer: Decodable {
    var name: String
    var operation: String
    var outputShape: [Int]
    var macs: Int
    var weightBytes: Int
  }

  struct Preprocessing: Decodable, Equatable {
    var width: Int
    var height: Int
    var crop: Float
    var resize: String
    var channels: String
    var mean: [Float]
    var std: [Float]
  }

  struct Provenance: Decodable {
    struct Source: Decodable {
      var file: String
      var sha256: String
    }

    struct Calibration: Decodable {
      var folder: String
      var images: Int
      var method: String
      var inputs: Int?
      var rounding: String?
    }

    var source: Source?
    var calibration: Calibration?
  }

  var format: String
  var precision: String?
  var inputs: [Port]
  var outputs: [Port]
  var macs: Int
  var layers: [Layer]
  var labels: Int?
  var preprocessing: Preprocessing?
  var provenance: Provenance?
  var fileBytes: Int?
  var arenaBytes: Int?
  var lowerBoundBytes: Int?
  var parameters: Int?
}

func inspect(_ path: String) throws -> Inspection {
  try expectSuccess(try fovea("inspect", path, "--json")).json()
}

/// `fovea convert` and `fovea inspect`.
@Suite struct ConvertTests {
  private let small = Models.smallNetwork
  private let rank2 = fixture("operators/add_rank2_13/")

  @Test func summary() throws {
    try withTemporaryFolder { folder in
      let outcome = expectSuccess(try fovea("convert", small, "-o", folder + "small.fovea"))
      #expect(outcome.output.hasPrefix("model         \(folder)small.fovea\n"))
      for word in ["precision", "float", "size", "steps", "MAC"] { #expect(outcome.output.contains(word)) }
      // What was decided for the user.
      #expect(outcome.errors.contains("float"))
      #expect(outcome.errors.contains("--mean"))
      #expect(try names(in: folder) == ["small.fovea"])
      let explicit = try fovea(
        "convert", small, "-o", folder + "small.fovea", "--precision", "float", "--mean", "0,0,0", "--std", "1,1,1")
      #expect(expectSuccess(explicit).errors == "")
      #expect(try names(in: folder) == ["small.fovea"])
    }
  }

  @Test func int8Model() throws {
    let inspection = try inspect(Models.int8())
    #expect(inspection.format == "fovea")
    #expect(inspection.precision == "int8")
    #expect(inspection.inputs == [.init(name: "input", shape: [1, 3, 224, 224])])
    #expect(inspection.outputs == [.init(name: "logits", shape: [1, 1000])])
    #expect(inspection.labels == 1000)
    #expect(inspection.provenance?.source?.file == "efficientnet_lite0.onnx")
    #expect(inspection.provenance?.source?.sha256.count == 64)
    #expect(inspection.provenance?.calibration?.folder == "calibration")
    #expect(inspection.provenance?.calibration?.images == 48)
    #expect(inspection.provenance?.calibration?.method == "min-max")
    #expect(inspection.provenance?.calibration?.inputs == 64)
    #expect(inspection.provenance?.calibration?.rounding == "second-order")
    #expect(inspection.preprocessing?.resize == "bicubic")
    #expect(inspection.preprocessing?.crop == 0.875)
    #expect(inspection.layers.reduce(0) { $0 + $1.macs } == inspection.macs)
    #expect(try #require(inspection.fileBytes) < 5_500_000)
    let bound = try #require(inspection.lowerBoundBytes)
    #expect(bound > 0)
    #expect(try #require(inspection.arenaBytes) >= bound)
  }

  @Test func network() throws {
    let inspection = try inspect(Models.network)
    #expect(inspection.format == "onnx")
    #expect(inspection.inputs == [.init(name: "input", shape: [1, 3, 224, 224])])
    #expect(inspection.macs == (try inspect(Models.float())).macs)
    #expect((4_600_000..<4_800_000).contains(try #require(inspection.parameters)))
    let stem = try #require(inspection.layers.first { $0.name == "/_conv_stem/Conv" })
    #expect(stem.operation == "Conv 3x3 stride 2x2")
    #expect(stem.outputShape == [1, 32, 112, 112])
    #expect(stem.macs == 32 * 112 * 112 * 27)
    #expect(stem.weightBytes == (32 * 27 + 32) * 4)
  }

  @Test func inspectionForPeople() throws {
    let model = expectSuccess(try fovea("inspect", Models.int8())).output
    for text in ["int8 model", "input 1x3x224x224", "1000", "bicubic", "/_conv_stem/Conv", "1x112x112x32", "385.2 M"] {
      #expect(model.contains(text), "\(text)")
    }
    let network = expectSuccess(try fovea("inspect", small)).output
    for text in ["(ONNX)", "image 1x3x6x6", "scores 1x5"] { #expect(network.contains(text), "\(text)") }
  }

  /// The name does not decide what a file is.
  @Test func contentDecides() throws {
    try withTemporaryFolder { folder in
      try write(try contents(small), to: folder + "network.fovea")
      try write(try contents(Models.twoInputsTwoOutputs()), to: folder + "model.onnx")
      #expect(try inspect(folder + "network.fovea").format == "onnx")
      #expect(try inspect(folder + "model.onnx").format == "fovea")
    }
  }

  @Test func photoOptions() throws {
    try withTemporaryFolder { folder in
      let options = [
        "--size", "6", "--crop", "0.5", "--resize", "bilinear", "--mean", "0.1,0.2,0.3", "--std", "0.5,0.25,1",
        "--channels", "bgr",
      ]
      expectSuccess(try fovea(["convert", small, "-o", folder + "m.fovea"] + options))
      let expected = Inspection.Preprocessing(
        width: 6, height: 6, crop: 0.5, resize: "bilinear", channels: "bgr", mean: [0.1, 0.2, 0.3], std: [0.5, 0.25, 1])
      #expect(try inspect(folder + "m.fovea").preprocessing == expected)

      expectSuccess(try fovea("convert", small, "-o", folder + "m.fovea"))
      let usual = Inspection.Preprocessing(
        width: 6, height: 6, crop: 0.875, resize: "bicubic", channels: "rgb", mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225])
      #expect(try inspect(folder + "m.fovea").preprocessing == usual)

      expectSuccess(try fovea("convert", rank2 + "model.onnx", "-o", folder + "m.fovea"))
      #expect(try inspect(folder + "m.fovea").preprocessing == nil)
    }
  }

  @Test(arguments: [
    ["--size", "0"], ["--crop", "0"], ["--crop", "1.5"], ["--crop", "nan"], ["--resize", "nearest"], ["--mean", "1,2"],
    ["--mean", "1,2,x"], ["--mean", "1,2,3,"], ["--std", "1,0,1"], ["--std", "1,1,inf"], ["--channels", "gray"],
    ["--precision", "int4"], ["--precision", "int8"], ["--calibration", "percentile:0"], ["--threads", "0"],
    ["--calibration", "kl"], ["--rounding", "up"], ["--fast", "--rounding", "second-order"], ["--crops", "0"],
    ["--max-drop", "2"], ["--max-drop", "-1%"], ["--max-drop", "loud"], ["--max-drop", "1%"], ["--equalize", "maybe"],
    ["--dump-after", "no-such-pass"],
  ])
  func wrongOptions(options: [String]) throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea(["convert", small, "-o", folder + "m.fovea"] + options)
      #expect(outcome.status == 64, "\(outcome.errors)")
      #expect(outcome.errors.hasPrefix("fovea: "))
      #expect(outcome.output == "")
      #expect(try names(in: folder) == [])
    }
  }

  @Test func dump() throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea(
        "convert", small, "-o", folder + "m.fovea", "--dump-after", "canonicalize-fully-connected")
      #expect(expectSuccess(outcome).output.contains("input image [1, 3, 6, 6]\n"))
    }
  }

  /// What is written must not take the place of what is read, nor of the other result, however the paths are spelled.
  @Test func filesThatAreReadStay() throws {
    try withTemporaryFolder { folder in
      let network = folder + "network.onnx"
      try write(try contents(small), to: network)
      try FileManager.default.createSymbolicLink(atPath: folder + "link.onnx", withDestinationPath: network)
      for (source, output) in [
        (network, network), (network, folder + "./network.onnx"), (folder + "link.onnx", network),
        (network, folder + "link.onnx"), (folder + "link.onnx", folder + "link.onnx"),
      ] {
        expectRefusal(try fovea("convert", source, "-o", output), 64, "would take the place of")
      }
      #expect(try contents(network) == contents(small))
      let report = try fovea(
        "convert", network, "-o", folder + "m.fovea", "--calibrate", folder, "--report", folder + "./m.fovea")
      #expect(report.status == 64)
      #expect(report.errors.contains("name the same file"))
      let model = try Models.twoInputsTwoOutputs()
      let before = try contents(model)
      expectRefusal(try fovea("eval", model, folder, "--html", model), 64, "would take the place of")
      expectRefusal(try fovea("bench", model, "--trace", model), 64, "would take the place of")
      #expect(try contents(model) == before)
    }
  }

  /// Told before the work is done.
  @Test(arguments: ["/proc/self/fd/0", "/no/folder/m.fovea", "/"])
  func targetsThatCannotBeWritten(path: String) throws {
    expectRefusal(try fovea("convert", small, "-o", path, "--calibrate", "/no/photos"), 66, "\(path): ")
    expectRefusal(try fovea("eval", Models.int8(), "/no/photos", "--html", path), 66, "\(path): ")
  }

  /// Ctrl-C leaves nothing behind, and what was there before. (`env`: tests run on threads that block signals.)
  @Test func interruption() throws {
    try withTemporaryFolder { folder in
      try write([1, 2, 3], to: folder + "m.fovea")
      let outcome = try fovea(
        "convert", Models.network, "-o", folder + "m.fovea", "--calibrate", fixture("calibration"),
        shell: "exec timeout --foreground --preserve-status --signal=INT 0.5 env --default-signal=INT \"$@\"")
      // As a status or as a signal, by what `timeout` makes of it.
      #expect([130, -2].contains(outcome.status), "\(outcome.status) \(outcome.errors)")
      #expect(try names(in: folder) == ["m.fovea"])
      #expect(try contents(folder + "m.fovea") == Data([1, 2, 3]))
    }
  }
}
