import CFovea
import Glibc
import Testing

/// NULL anywhere is an error, and every thread has its own last one.
struct ErrorTests {
  private func expectNull(
    _ argument: String, _ status: fovea_status, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(status == FOVEA_INVALID_INPUT, sourceLocation: sourceLocation)
    #expect(lastError() == "\(argument) is NULL", sourceLocation: sourceLocation)
  }

  @Test func nullInModelFunctions() throws {
    var model: OpaquePointer? = OpaquePointer(bitPattern: 64)
    expectNull("path", fovea_model_open(nil, &model))
    #expect(model == nil)
    expectNull("model", fovea_model_open("net.fovea", nil))
    expectNull("bytes", fovea_model_open_bytes(nil, 0, &model))
    expectNull("bytes", fovea_model_open_bytes(nil, 64, &model))
    expectNull("model", fovea_model_open_bytes([0], 1, nil))
    fovea_model_free(nil)
  }

  @Test func nullInLists() throws {
    let model = try openModel()
    defer { fovea_model_free(model) }
    for model in [nil, model] {
      #expect(fovea_model_inputs(model, nil) == nil)
      #expect(fovea_model_outputs(model, nil) == nil)
      #expect(fovea_model_labels(model, nil) == nil)
    }
    #expect(lastError() == "count is NULL")
    var counts = [7, 7, 7]
    #expect(fovea_model_inputs(nil, &counts[0]) == nil)
    #expect(fovea_model_outputs(nil, &counts[1]) == nil)
    #expect(fovea_model_labels(nil, &counts[2]) == nil)
    #expect(counts == [0, 0, 0])
    #expect(lastError() == "model is NULL")
  }

  @Test func nullInSessionFunctions() throws {
    let model = try openModel()
    defer { fovea_model_free(model) }
    var handle: OpaquePointer? = OpaquePointer(bitPattern: 64)
    expectNull("model", fovea_session_create(nil, 1, &handle))
    #expect(handle == nil)
    expectNull("session", fovea_session_create(model, 1, nil))
    let session = try openSession(model)
    defer { fovea_session_free(session) }
    var values: [Float] = [0, 0, 0, 0]
    expectNull("session", fovea_session_set_input(nil, 1, values, 4))
    expectNull("values", fovea_session_set_input(session, 1, nil, 4))
    expectNull("session", fovea_session_run(nil))
    expectNull("session", fovea_session_get_output(nil, 0, &values, 4))
    expectNull("values", fovea_session_get_output(session, 0, nil, 5))
    fovea_session_free(nil)
  }

  @Test func nullInClassifierFunctions() throws {
    let model = try openModel(photos: true)
    defer { fovea_model_free(model) }
    var handle: OpaquePointer? = OpaquePointer(bitPattern: 64)
    expectNull("model", fovea_classifier_create(nil, 1, &handle))
    #expect(handle == nil)
    expectNull("classifier", fovea_classifier_create(model, 1, nil))
    let classifier = try openClassifier(model)
    defer { fovea_classifier_free(classifier) }
    var predictions = [fovea_prediction()]
    var count = 7
    expectNull("classifier", fovea_classify_path(nil, "cat.jpg", &predictions, 1, &count))
    #expect(count == 0)
    expectNull("path", fovea_classify_path(classifier, nil, &predictions, 1, &count))
    expectNull("predictions", fovea_classify_path(classifier, "cat.jpg", nil, 1, &count))
    expectNull("count", fovea_classify_path(classifier, "cat.jpg", &predictions, 1, nil))
    expectNull("classifier", fovea_classify_bytes(nil, [0], 1, &predictions, 1, &count))
    expectNull("bytes", fovea_classify_bytes(classifier, nil, 1, &predictions, 1, &count))
    expectNull("predictions", fovea_classify_bytes(classifier, [0], 1, nil, 1, &count))
    expectNull("count", fovea_classify_bytes(classifier, [0], 1, &predictions, 1, nil))
    fovea_classifier_free(nil)
  }

  @Test func everyThreadHasItsOwn() throws {
    #expect(fovea_session_run(nil) == FOVEA_INVALID_INPUT)
    var thread = pthread_t()
    let started = pthread_create(
      &thread, nil,
      { _ in
        let isEmpty = lastError().isEmpty
        var model: OpaquePointer?
        _ = fovea_model_open(nil, &model)
        return isEmpty && lastError() == "path is NULL" ? UnsafeMutableRawPointer(bitPattern: 1) : nil
      }, nil)
    try #require(started == 0)
    var result: UnsafeMutableRawPointer?
    pthread_join(thread, &result)
    #expect(result == UnsafeMutableRawPointer(bitPattern: 1))
    #expect(lastError() == "session is NULL")
  }

  /// Whatever a file is called.
  @Test func messagesAreOneLine() {
    var model: OpaquePointer?
    #expect(fovea_model_open("/nowhere/two\nlines\u{7f}", &model) == FOVEA_CANNOT_OPEN)
    #expect(lastError() == "/nowhere/two lines : No such file or directory")
  }

  /// A cut message does not end in half a character.
  @Test(arguments: 0..<4)
  func messagesAreCut(_ shift: Int) {
    var model: OpaquePointer?
    let path = String(repeating: "x", count: shift) + String(repeating: "甲", count: 1000)
    #expect(fovea_model_open(path, &model) == FOVEA_CANNOT_OPEN)
    #expect(path.hasPrefix(lastError()))
    #expect((1020...1023).contains(lastError().utf8.count))
  }
}
