// The names are those of fovea.h.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CFovea
import Fovea

private let version = StringTable([foveaVersion])

@c @implementation
public func fovea_version() -> UnsafePointer<CChar>? {
  unsafe version.pointers[0]
}

@c @implementation
public func fovea_model_open(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> fovea_status {
  unsafe give(model, "model") { ModelHandle(try Model(path: unsafe string(path, "path"))) }
}

@c @implementation
public func fovea_model_open_bytes(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?
) -> fovea_status {
  unsafe give(model, "model") { ModelHandle(try Model(bytes: unsafe array(bytes, size))) }
}

@c @implementation
public func fovea_model_free(_ model: OpaquePointer?) {
  unsafe release(model, ModelHandle.self)
}

@c @implementation
public func fovea_model_inputs(
  _ model: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<fovea_tensor>? {
  unsafe list(count) { unsafe (try object(model, "model") as ModelHandle).inputs.tensors }
}

@c @implementation
public func fovea_model_outputs(
  _ model: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<fovea_tensor>? {
  unsafe list(count) { unsafe (try object(model, "model") as ModelHandle).outputs.tensors }
}

@c @implementation
public func fovea_model_labels(
  _ model: OpaquePointer?, _ count: UnsafeMutablePointer<Int>?
) -> UnsafePointer<UnsafePointer<CChar>?>? {
  unsafe list(count) { unsafe (try object(model, "model") as ModelHandle).labels.pointers }
}

/// A table's first element, with its length in `count`.
private func list<T>(
  _ count: UnsafeMutablePointer<Int>?, of table: () throws -> UnsafeBufferPointer<T>
) -> UnsafePointer<T>? {
  unsafe count?.pointee = 0
  var first: UnsafePointer<T>?
  _ = status {
    let count = unsafe try notNull(count, "count")
    let table = unsafe try table()
    unsafe count.pointee = table.count
    unsafe first = table.baseAddress
  }
  return unsafe first
}
