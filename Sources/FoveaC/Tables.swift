import CFovea
import Fovea

/// Strings as C's array of strings, which lives as long as this object.
@safe
final class StringTable: @unchecked Sendable {
  // Written once, in init: hence @unchecked Sendable.
  let pointers: UnsafeBufferPointer<UnsafePointer<CChar>?>
  private let characters: UnsafeMutableBufferPointer<CChar>

  init(_ strings: [String]) {
    let utf8 = strings.map { $0.utf8CString }
    unsafe characters = .allocate(capacity: utf8.reduce(0) { $0 + $1.count })
    let table = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(capacity: strings.count)
    var end = 0
    for (index, string) in utf8.enumerated() {
      let slot = unsafe UnsafeMutableBufferPointer(rebasing: characters[end..<(end + string.count)])
      _ = unsafe slot.initialize(fromContentsOf: string)
      unsafe table.initializeElement(at: index, to: UnsafePointer(slot.baseAddress))
      end += string.count
    }
    unsafe pointers = UnsafeBufferPointer(table)
  }

  deinit {
    unsafe pointers.deallocate()
    unsafe characters.deallocate()
  }
}

/// Tensors as C's array of `fovea_tensor`, which lives as long as this object.
@safe
final class TensorTable {
  let tensors: UnsafeBufferPointer<fovea_tensor>
  private let names: StringTable
  private let shapes: UnsafeMutableBufferPointer<Int64>

  init(_ list: [Model.Tensor]) {
    names = StringTable(list.map(\.name))
    let dimensions = list.flatMap(\.shape).map { Int64($0) }
    unsafe shapes = .allocate(capacity: dimensions.count)
    _ = unsafe shapes.initialize(fromContentsOf: dimensions)
    let table = UnsafeMutableBufferPointer<fovea_tensor>.allocate(capacity: list.count)
    var start = 0
    for (index, tensor) in list.enumerated() {
      unsafe table.initializeElement(
        at: index,
        to: fovea_tensor(
          name: names.pointers[index], shape: UnsafePointer(shapes.baseAddress).map { unsafe $0 + start },
          rank: tensor.shape.count, count: tensor.count))
      start += tensor.shape.count
    }
    unsafe tensors = UnsafeBufferPointer(table)
  }

  deinit {
    unsafe tensors.deallocate()
    unsafe shapes.deallocate()
  }
}
