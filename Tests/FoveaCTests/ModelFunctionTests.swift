import CFovea
import FoundationEssentials
import Testing

/// Opening a model through fovea.h, and what it says of itself.
struct ModelFunctionTests {
  @Test func version() {
    #expect(String(cString: fovea_version()).wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
  }

  @Test func describesItsTensors() throws {
    let model = try openModel()
    defer { fovea_model_free(model) }
    var count = 0
    let inputs = UnsafeBufferPointer(start: fovea_model_inputs(model, &count), count: count)
    #expect(inputs.map { String(cString: $0.name) } == ["image", "vector"])
    #expect(inputs.map { Array(UnsafeBufferPointer(start: $0.shape, count: $0.rank)) } == [[1, 3, 6, 6], [1, 4]])
    #expect(inputs.map(\.count) == [108, 4])
    let outputs = UnsafeBufferPointer(start: fovea_model_outputs(model, &count), count: count)
    #expect(outputs.map { String(cString: $0.name) } == ["scores", "features"])
    #expect(outputs.map { Array(UnsafeBufferPointer(start: $0.shape, count: $0.rank)) } == [[1, 5], [1, 8, 4, 4]])
    #expect(outputs.map(\.count) == [5, 128])
  }

  @Test(arguments: [[], ["a", "", "Käfer, 甲虫", "d", "e"]])
  func labels(_ labels: [String]) throws {
    let model = try openModel(labels: labels)
    defer { fovea_model_free(model) }
    var count = -1
    let names = fovea_model_labels(model, &count)
    #expect(UnsafeBufferPointer(start: names, count: count).map { $0.map { String(cString: $0) } } == labels)
  }

  @Test func opensAFile() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString).fovea")
    try Data(modelFile()).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    var model: OpaquePointer?
    #expect(fovea_model_open(path.path, &model) == FOVEA_OK)
    #expect(model != nil)
    fovea_model_free(model)
  }

  @Test func filesThatCannotBeOpened() {
    for path in ["/nowhere/net.fovea", "/tmp", ""] {
      var model: OpaquePointer? = OpaquePointer(bitPattern: 64)
      #expect(fovea_model_open(path, &model) == FOVEA_CANNOT_OPEN)
      #expect(model == nil)
      #expect(lastError().hasPrefix("\(path): "))
    }
  }

  @Test func bytesThatAreNoModel() throws {
    var damaged = try modelFile()
    damaged[damaged.count / 2] ^= 1
    for bytes in [[0], Array("Dear Sir or Madam".utf8), damaged, Array(damaged.dropLast(64))] as [[UInt8]] {
      var model: OpaquePointer? = OpaquePointer(bitPattern: 64)
      #expect(fovea_model_open_bytes(bytes, bytes.count, &model) == FOVEA_INVALID_MODEL)
      #expect(model == nil)
      #expect(lastError().hasPrefix("model: "))
    }
    var model: OpaquePointer?
    #expect(fovea_model_open_bytes(damaged, 0, &model) == FOVEA_INVALID_MODEL)
    #expect(fovea_model_open_bytes(damaged, largestSize, &model) == FOVEA_INVALID_INPUT)
    #expect(lastError() == "size is 18446744073709551615, more than memory can hold")
    #expect(fovea_model_open(repository + "fixtures/photos/koala.jpg", &model) == FOVEA_INVALID_MODEL)
  }
}
