import FoundationEssentials
import FoveaConvert
import FoveaCore
import FoveaRuntime
import Glibc
import Testing

/// Opening a model file, and what it says of itself.
struct ModelTests {
  private func bytes() throws -> [UInt8] {
    try convert(smallNetwork(), options: ConversionOptions(precision: .float)).bytes
  }

  @Test func describesItsTensors() throws {
    let model = try smallModel()
    #expect(model.inputs.map(\.name) == ["image", "vector"])
    #expect(model.inputs.map(\.shape) == [[1, 3, 2, 4], [5]])
    #expect(model.inputs.map(\.count) == [24, 5])
    #expect(model.outputs.map(\.name) == ["clamped", "squared"])
    #expect(model.outputs.map(\.shape) == [[1, 3, 2, 4], [5]])
    #expect(model.precision == .float)
    #expect(model.preprocessing == nil)
    #expect(model.macs == 0)
    #expect(model.arenaBytes == 384)
    #expect(model.byteCount.isMultiple(of: 64))
    #expect(model.name == "small")
    #expect(try smallModel(.int8).precision == .int8)
  }

  @Test(
    arguments: [
      [], (0..<24).map { "label \($0)" }, Array(repeating: "", count: 24), Array(repeating: "Käfer, 甲虫", count: 24),
    ])
  func labelsComeBack(_ labels: [String]) throws {
    #expect(try smallModel(labels: labels).labels == labels)
  }

  @Test func opensAFile() throws {
    try withFolder { folder in
      let path = folder + "/small.fovea"
      try writeFile(bytes(), to: path)
      let model = try Model(path: path)
      #expect(model.name == path)
      let session = try Session(model)
      try session.setInput(1, to: [1, 2, 3, 4, 5])
      // A model in use stays what it is when its file is replaced or removed.
      try writeFile(Array(repeating: 0, count: 10), to: path)
      try FileManager.default.removeItem(atPath: path)
      session.run()
      #expect(try session.output(1) == [1, 4, 9, 16, 25])
    }
  }

  private func message(_ path: String, verifying: ModelVerification = .structure) -> String {
    do throws(FoveaError) {
      _ = try Model(path: path, verifying: verifying)
      return "opened"
    } catch {
      return error.description
    }
  }

  @Test func namesWhatIsWrong() throws {
    try withFolder { folder in
      #expect(message(folder) == "\(folder): is a directory")
      #expect(message(folder + "/missing") == "\(folder)/missing: No such file or directory")
      #expect(message("") == ": No such file or directory")
      #expect(message("/dev/null") == "/dev/null: is not a file")
      let empty = folder + "/empty"
      try Data().write(to: URL(filePath: empty))
      #expect(message(empty) == "\(empty): not a Fovea model; make one with `fovea convert`")
      // A pipe that nobody writes to must not be waited for.
      let pipe = folder + "/pipe"
      #expect(unsafe mkfifo(pipe, 0o600) == 0)
      #expect(message(pipe) == "\(pipe): is not a file")
      let truncated = folder + "/truncated"
      try Data(bytes().dropLast(64)).write(to: URL(filePath: truncated))
      #expect(
        message(truncated, verifying: .everything)
          == "\(truncated): the model is damaged: the checksum of its weights does not match")
      #expect(message(truncated).hasPrefix("\(truncated): invalid model: constant "))
    }
  }

  /// Weights are compared with their checksum only where that is asked for; the structure always.
  @Test func changedBytesAreSeen() throws {
    try withFolder { folder in
      let path = folder + "/changed.fovea"
      let sound = try bytes()
      var weight = sound
      weight[weight.count - 1] ^= 1
      try writeFile(weight, to: path)
      #expect(message(path) == "opened")
      #expect(
        message(path, verifying: .everything)
          == "\(path): the model is damaged: the checksum of its weights does not match")
      // Later is not too late.
      let unseen = try Model(path: path, verifying: .structure)
      #expect(throws: FoveaError.invalidModel(file: path, ModelError(.checksumMismatch, in: .constant))) {
        try unseen.verifyContents()
      }
      try Model(bytes: sound).verifyContents()
      var structure = sound
      structure[9] ^= 1
      try writeFile(structure, to: path)
      #expect(message(path) == "\(path): the model is damaged: the checksum of its structure does not match")
    }
  }
}
