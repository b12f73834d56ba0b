import CFovea
import FoundationEssentials
import Testing

/// Photos in, labels out, through fovea.h.
struct ClassifierFunctionTests {
  private let labels = ["ant", "bee", "cat", "dog", "eel"]
  private let photo = repository + "fixtures/photos/koala.jpg"

  private func classifier(labels: [String]) throws -> OpaquePointer {
    let model = try openModel(photos: true, labels: labels)
    defer { fovea_model_free(model) }
    return try openClassifier(model)
  }

  private func predictions(_ classifier: OpaquePointer, capacity: Int) -> [fovea_prediction] {
    var predictions = Array(repeating: fovea_prediction(), count: 8)
    var count = 0
    #expect(fovea_classify_path(classifier, photo, &predictions, capacity, &count) == FOVEA_OK, "\(lastError())")
    return Array(predictions.prefix(count))
  }

  @Test(arguments: [(0, 0), (1, 1), (5, 5), (8, 5), (largestSize, 5)])
  func fillsTheCallersArray(capacity: Int, count: Int) throws {
    let classifier = try classifier(labels: labels)
    defer { fovea_classifier_free(classifier) }
    let found = predictions(classifier, capacity: capacity)
    #expect(found.count == count)
    #expect(found.map { String(cString: $0.label) } == found.map { labels[Int($0.index)] })
    #expect(found.map(\.probability) == found.map(\.probability).sorted(by: >))
    if count == 5 {
      #expect(Set(found.map(\.index)) == [0, 1, 2, 3, 4])
      #expect((found.reduce(0) { $0 + $1.probability } - 1).magnitude < 1e-5)
    }
  }

  @Test func withoutLabelsClassesAreNumbers() throws {
    let classifier = try classifier(labels: [])
    defer { fovea_classifier_free(classifier) }
    let found = predictions(classifier, capacity: 8)
    #expect(found.count == 5)
    #expect(found.map { String(cString: $0.label) } == found.map { String($0.index) })
  }

  @Test func bytesAreAsTheFile() throws {
    let classifier = try classifier(labels: labels)
    defer { fovea_classifier_free(classifier) }
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: photo)))
    var found = Array(repeating: fovea_prediction(), count: 5)
    var count = 0
    #expect(fovea_classify_bytes(classifier, bytes, bytes.count, &found, 5, &count) == FOVEA_OK)
    let expected = predictions(classifier, capacity: 5)
    #expect(count == 5)
    #expect(found.map(\.index) == expected.map(\.index))
    #expect(found.map(\.probability) == expected.map(\.probability))
  }

  @Test func badPhotos() throws {
    let classifier = try classifier(labels: labels)
    defer { fovea_classifier_free(classifier) }
    var found = Array(repeating: fovea_prediction(index: 7, probability: 7, label: nil), count: 5)
    var count = 9
    #expect(fovea_classify_path(classifier, "/nowhere/cat.jpg", &found, 5, &count) == FOVEA_CANNOT_OPEN)
    #expect(lastError() == "/nowhere/cat.jpg: cannot be read: No such file or directory")
    #expect(count == 0)
    #expect(fovea_classify_path(classifier, network + "model.onnx", &found, 5, &count) == FOVEA_BAD_IMAGE)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: photo)))
    for size in [0, 1, 20, whole.count / 2] {
      #expect(fovea_classify_bytes(classifier, whole, size, &found, 5, &count) == FOVEA_BAD_IMAGE)
      #expect(lastError().hasPrefix("photo: "))
    }
    #expect(fovea_classify_bytes(classifier, whole, largestSize, &found, 5, &count) == FOVEA_INVALID_INPUT)
    #expect(count == 0)
    #expect(found.allSatisfy { $0.index == 7 })
    // A failure leaves the classifier as it was.
    #expect(predictions(classifier, capacity: 5).count == 5)
  }

  @Test func modelsWithoutPhotosAreRefused() throws {
    let model = try openModel()
    defer { fovea_model_free(model) }
    var classifier: OpaquePointer? = OpaquePointer(bitPattern: 64)
    #expect(fovea_classifier_create(model, 1, &classifier) == FOVEA_INVALID_INPUT)
    #expect(classifier == nil)
    #expect(lastError().hasPrefix("model: this model says nothing of how photos become its input"))
  }
}
