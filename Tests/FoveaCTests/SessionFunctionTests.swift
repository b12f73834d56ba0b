import CFovea
import FoveaConvert
import Glibc
import Testing

/// Tensors in, tensors out, through fovea.h.
struct SessionFunctionTests {
  private let image = Array(repeating: Float(0.5), count: 108)

  private func set(_ session: OpaquePointer) throws {
    for index in 0..<2 {
      let values = try NumPyArray(path: network + "input_\(index).npy").values
      try #require(fovea_session_set_input(session, index, values, values.count) == FOVEA_OK)
    }
  }

  /// Runs, and compares with ONNX Runtime's outputs.
  private func run(_ session: OpaquePointer) throws {
    #expect(fovea_session_run(session) == FOVEA_OK)
    for index in 0..<2 {
      let expected = try NumPyArray(path: network + "output_\(index).npy").values
      var values = Array(repeating: Float.nan, count: expected.count)
      #expect(fovea_session_get_output(session, index, &values, values.count) == FOVEA_OK)
      #expect(zip(values, expected).allSatisfy { ($0 - $1).magnitude <= 1e-4 })
    }
  }

  @Test(arguments: [0, 1, 2, 5] as [CInt])
  func runs(threads: CInt) throws {
    let model = try openModel()
    let session = try openSession(model, threads: threads)
    // A session keeps what it needs of its model.
    fovea_model_free(model)
    defer { fovea_session_free(session) }
    try set(session)
    try run(session)
    // Inputs stay set.
    try run(session)
  }

  @Test func threadsShareAModel() async throws {
    let model = try openModel()
    defer { fovea_model_free(model) }
    let address = Int(bitPattern: model)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let session = try openSession(#require(OpaquePointer(bitPattern: address)))
          defer { fovea_session_free(session) }
          try set(session)
          try run(session)
        }
      }
      try await group.waitForAll()
    }
  }

  @Test(
    arguments: [
      (2, 108, "the network has 2 inputs, no number 2"),
      (largestSize, 108, "the network has 2 inputs, no number 18446744073709551615"),
      (0, 107, "input \"image\" has 108 values ([1, 3, 6, 6]), not 107"),
      (0, 0, "input \"image\" has 108 values ([1, 3, 6, 6]), not 0"),
      (1, largestSize, "input \"vector\" has 4 values ([1, 4]), not 18446744073709551615"),
    ])
  func inputsThatDoNotFit(_ index: Int, _ count: Int, _ message: String) throws {
    let model = try openModel()
    let session = try openSession(model)
    fovea_model_free(model)
    defer { fovea_session_free(session) }
    #expect(fovea_session_set_input(session, index, image, count) == FOVEA_INVALID_INPUT)
    #expect(lastError() == message)
  }

  @Test(
    arguments: [
      (2, 5, "the network has 2 outputs, no number 2"),
      (0, 4, "output \"scores\" has 5 values ([1, 5]), not 4"),
      (1, largestSize, "output \"features\" has 128 values ([1, 8, 4, 4]), not 18446744073709551615"),
    ])
  func outputsThatDoNotFit(_ index: Int, _ count: Int, _ message: String) throws {
    let model = try openModel()
    let session = try openSession(model)
    fovea_model_free(model)
    defer { fovea_session_free(session) }
    var values = image
    #expect(fovea_session_get_output(session, index, &values, count) == FOVEA_INVALID_INPUT)
    #expect(lastError() == message)
    #expect(values == image)
  }

  @Test(arguments: [-1, 257, .max, .min] as [CInt])
  func threadsThatCannotBe(_ threads: CInt) throws {
    let model = try openModel(photos: true)
    defer { fovea_model_free(model) }
    var handle: OpaquePointer?
    #expect(fovea_session_create(model, threads, &handle) == FOVEA_INVALID_INPUT)
    #expect(lastError() == "threads is \(threads), not a number from 0 to 256")
    #expect(fovea_classifier_create(model, threads, &handle) == FOVEA_INVALID_INPUT)
    #expect(handle == nil)
  }

  /// In a process of its own, for the environment is the whole process's.
  @Test func unavailableInstructionSet() async {
    await #expect(processExitsWith: .success) {
      setenv("FOVEA_ISA", "z80", 1)
      let model = try openModel(photos: true)
      var handle: OpaquePointer?
      try #require(fovea_session_create(model, 1, &handle) == FOVEA_UNAVAILABLE_INSTRUCTION_SET)
      try #require(lastError().hasPrefix("instruction set \"z80\" is not available here; these are: portable"))
      try #require(fovea_classifier_create(model, 1, &handle) == FOVEA_UNAVAILABLE_INSTRUCTION_SET)
      try #require(handle == nil)
    }
  }
}
