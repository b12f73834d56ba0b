// The names are those of fovea.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CFovea
import Fovea

@c @implementation
public func fovea_session_create(
  _ model: OpaquePointer?, _ threads: CInt, _ session: UnsafeMutablePointer<OpaquePointer?>?
) -> fovea_status {
  unsafe give(session, "session") {
    let handle: ModelHandle = try unsafe object(model, "model")
    return try Session(handle.model, threads: threadCount(threads))
  }
}

@c @implementation
public func fovea_session_free(_ session: OpaquePointer?) {
  unsafe release(session, Session.self)
}

@c @implementation
public func fovea_session_set_input(
  _ session: OpaquePointer?, _ index: Int, _ values: UnsafePointer<Float>?, _ count: Int
) -> fovea_status {
  status {
    let session: Session = try unsafe object(session, "session")
    let values = try unsafe notNull(values, "values")
    try check(index, count, fits: session.model.inputs, "input")
    try session.setInput(index, to: unsafe Array(UnsafeBufferPointer(start: values, count: count)))
  }
}

@c @implementation
public func fovea_session_run(_ session: OpaquePointer?) -> fovea_status {
  status { (try unsafe object(session, "session") as Session).run() }
}

@c @implementation
public func fovea_session_get_output(
  _ session: OpaquePointer?, _ index: Int, _ values: UnsafeMutablePointer<Float>?, _ count: Int
) -> fovea_status {
  status {
    let session: Session = try unsafe object(session, "session")
    let values = try unsafe notNull(values, "values")
    try check(index, count, fits: session.model.outputs, "output")
    let output = try session.output(index)
    _ = unsafe UnsafeMutableBufferPointer(start: values, count: count).update(fromContentsOf: output)
  }
}

/// Checked before the caller's memory is touched.
private func check(_ index: Int, _ count: Int, fits tensors: [Model.Tensor], _ kind: String) throws(FoveaError) {
  guard tensors.indices.contains(index) else {
    throw .invalidInput("the network has \(tensors.count) \(kind)s, no number \(UInt(bitPattern: index))")
  }
  let tensor = tensors[index]
  guard count == tensor.count else {
    throw .invalidInput(
      "\(kind) \"\(tensor.name)\" has \(tensor.count) values (\(tensor.shape)), not \(UInt(bitPattern: count))")
  }
}
