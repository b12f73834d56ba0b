import CFovea
import Fovea

// What C's opaque pointers point to: Swift objects, retained once for the C caller. A `fovea_session` is a `Session`.

/// A `fovea_model`: the model, and what it says of itself in C's types. Nothing changes after `init`, so that threads
/// may share it.
final class ModelHandle {
  let model: Model
  let inputs: TensorTable
  let outputs: TensorTable
  let labels: StringTable

  init(_ model: Model) {
    self.model = model
    inputs = TensorTable(model.inputs)
    outputs = TensorTable(model.outputs)
    labels = StringTable(model.labels)
  }
}

/// A `fovea_classifier`: the classifier, and a name for every class.
final class ClassifierHandle {
  let classifier: ImageClassifier
  let names: StringTable

  init(_ model: Model, threads: Int) throws(FoveaError) {
    classifier = try ImageClassifier(model: model, threads: threads)
    let labels = model.labels
    let classes = model.outputs.first?.count ?? 0
    names = StringTable((0..<classes).map { $0 < labels.count ? labels[$0] : String($0) })
  }
}

/// Makes an object that C holds on to until it frees it; `place` becomes NULL where that fails.
func give(
  _ place: UnsafeMutablePointer<OpaquePointer?>?, _ argument: StaticString, _ make: () throws -> AnyObject
) -> fovea_status {
  unsafe place?.pointee = nil
  return status {
    let place = try unsafe notNull(place, argument)
    unsafe place.pointee = OpaquePointer(Unmanaged.passRetained(try make()).toOpaque())
  }
}

/// The object behind C's pointer.
func object<T: AnyObject>(_ pointer: OpaquePointer?, _ argument: StaticString) throws(FoveaError) -> T {
  let pointer = try unsafe notNull(pointer, argument)
  return unsafe Unmanaged<T>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
}

/// Lets go of the object behind C's pointer.
func release<T: AnyObject>(_ pointer: OpaquePointer?, _: T.Type) {
  guard let pointer = unsafe pointer else { return }
  unsafe Unmanaged<T>.fromOpaque(UnsafeRawPointer(pointer)).release()
}
