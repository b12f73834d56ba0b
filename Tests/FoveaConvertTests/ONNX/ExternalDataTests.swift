import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

/// Weights in other files: of the model's own folder only.
struct ExternalDataTests {
  /// A folder with model.onnx, which adds w [4] of float to x, and weights.bin of 32 bytes; and beside the folder another file.
  private func withFolder<Result>(
    _ entries: [String: String], tensors: Int = 1, _ body: (String) throws -> Result
  ) throws -> Result {
    let root = FileManager.default.temporaryDirectory.path + "/fovea-external-\(UInt64.random(in: 0 ... .max))"
    let folder = root + "/model"
    try FileManager.default.createDirectory(atPath: folder + "/sub", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: root) }
    let numbers: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let bytes = numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) } }
    for path in [folder + "/weights.bin", folder + "/sub/weights.bin", root + "/secret.bin"] {
      try Data(bytes).write(to: URL(filePath: path))
    }
    for (link, target) in [("/link.bin", "../secret.bin"), ("/inner.bin", "sub/weights.bin")] {
      try FileManager.default.createSymbolicLink(atPath: folder + link, withDestinationPath: target)
    }
    let names = (0..<tensors).map { "w\($0)" }
    let initializers = names.map { name in
      var tensor = floats(name, [4], [])
      tensor.dataLocation = 1
      tensor.externalData = entries.map { key, value in
        var entry = ONNXStringStringEntryProto()
        (entry.key, entry.value) = (key, value)
        return entry
      }
      return tensor
    }
    let nodes = names.enumerated().map { index, name in
      node("Add", [index == 0 ? "x" : "y\(index - 1)", name], [index == tensors - 1 ? "y" : "y\(index)"])
    }
    let model = model(inputs: [value("x", [4])], initializers: initializers, nodes)
    let data: Data = try model.serializedBytes()
    try data.write(to: URL(filePath: folder + "/model.onnx"))
    return try body(folder + "/model.onnx")
  }

  @Test(
    arguments: [
      (["location": "weights.bin"], [1, 2, 3, 4]),
      (["location": "weights.bin", "offset": "16", "length": "16", "checksum": "00"], [5, 6, 7, 8]),
      (["location": "sub/weights.bin", "offset": "3"], nil),
      (["location": "./inner.bin", "offset": "4"], [2, 3, 4, 5]),
    ] as [([String: String], [Float]?)])
  func isRead(_ entries: [String: String], _ expected: [Float]?) throws {
    let network = try withFolder(entries) { try importONNX(path: $0) }
    let weights = try #require(network.constants.first?.value.floats)
    if let expected { #expect(weights == expected) }
  }

  @Test(arguments: [
    (["location": "../secret.bin"], "outside of the model's folder"),
    (["location": "sub/../../secret.bin"], "outside of the model's folder"),
    (["location": "/etc/passwd"], "outside of the model's folder"),
    (["location": "link.bin"], "outside of the model's folder"),
    (["location": "weights.bin\0.txt"], "outside of the model's folder"),
    (["location": "missing.bin"], "does not exist"),
    (["location": "sub"], "not a regular file"),
    (["location": ""], "another file that is not named"),
    (["location": "weights.bin", "offset": "17"], "the model takes 16 bytes at 17 of it, and it has 32"),
    (["location": "weights.bin", "offset": "9223372036854775807"], "and it has 32"),
    (["location": "weights.bin", "offset": "9223372036854775808"], "the offset of its external data is"),
    (["location": "weights.bin", "offset": "-4"], "the offset of its external data is \"-4\""),
    (["location": "weights.bin", "length": "12"], "its external data has 12 bytes, its shape and type need 16"),
    (["location": "weights.bin", "length": "many"], "the length of its external data is \"many\""),
  ])
  func isRefused(_ entries: [String: String], _ reason: String) throws {
    let error = try withFolder(entries) { path in
      #expect(throws: ConversionError.self) { try importONNX(path: path) }
    }
    #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
    #expect(error?.description.contains("\n") == false)
  }

  @Test func tensorsMayShareARangeButNotForever() throws {
    let entries = ["location": "weights.bin"]
    #expect(try withFolder(entries, tensors: 8) { try importONNX(path: $0) }.nodes.count == 8)
    let error = try withFolder(entries, tensors: 20) { path in
      #expect(throws: ConversionError.self) { try importONNX(path: path) }
    }
    #expect(error?.description.contains("more than four times") ?? false)
  }

  @Test func modelFromMemoryHasNoFolder() throws {
    let bytes = try withFolder(["location": "weights.bin"]) { try Data(contentsOf: URL(filePath: $0)) }
    let error = #expect(throws: ConversionError.self) { try importONNX(bytes: [UInt8](bytes), source: "memory") }
    #expect(error?.description.hasPrefix("memory: initializer \"w0\"") ?? false)
  }
}
