// The names are those of fovea.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CFovea
import Fovea

@c @implementation
public func fovea_classifier_create(
  _ model: OpaquePointer?, _ threads: CInt, _ classifier: UnsafeMutablePointer<OpaquePointer?>?
) -> fovea_status {
  unsafe give(classifier, "classifier") {
    let handle: ModelHandle = try unsafe object(model, "model")
    return try ClassifierHandle(handle.model, threads: threadCount(threads))
  }
}

@c @implementation
public func fovea_classifier_free(_ classifier: OpaquePointer?) {
  unsafe release(classifier, ClassifierHandle.self)
}

@c @implementation
public func fovea_classify_path(
  _ classifier: OpaquePointer?, _ path: UnsafePointer<CChar>?, _ predictions: UnsafeMutablePointer<fovea_prediction>?,
  _ capacity: Int, _ count: UnsafeMutablePointer<Int>?
) -> fovea_status {
  unsafe classify(classifier, predictions, capacity, count) { classifier, top in
    try classifier.classify(path: unsafe string(path, "path"), top: top)
  }
}

@c @implementation
public func fovea_classify_bytes(
  _ classifier: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ size: Int,
  _ predictions: UnsafeMutablePointer<fovea_prediction>?, _ capacity: Int, _ count: UnsafeMutablePointer<Int>?
) -> fovea_status {
  unsafe classify(classifier, predictions, capacity, count) { classifier, top in
    try classifier.classify(bytes: unsafe array(bytes, size), name: "photo", top: top)
  }
}

/// Checks the arguments that both share, and writes what `body` gives into the caller's array.
private func classify(
  _ classifier: OpaquePointer?, _ predictions: UnsafeMutablePointer<fovea_prediction>?, _ capacity: Int,
  _ count: UnsafeMutablePointer<Int>?,
  _ body: (_ classifier: ImageClassifier, _ top: Int) throws -> ImageClassifier.Classification
) -> fovea_status {
  unsafe count?.pointee = 0
  return status {
    let handle: ClassifierHandle = try unsafe object(classifier, "classifier")
    let predictions = try unsafe notNull(predictions, "predictions")
    let count = try unsafe notNull(count, "count")
    // A size_t beyond Swift's Int arrives as a negative number: room for all.
    let found = try body(handle.classifier, capacity < 0 ? .max : capacity).predictions
    for (place, prediction) in found.enumerated() {
      unsafe predictions[place] = fovea_prediction(
        index: CInt(clamping: prediction.index), probability: prediction.probability,
        label: handle.names.pointers[prediction.index])
    }
    unsafe count.pointee = found.count
  }
}
