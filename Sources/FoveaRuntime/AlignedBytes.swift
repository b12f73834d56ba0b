/// Memory on a 64-byte boundary, as a model file's bytes need it.
@safe
package final class AlignedBytes: @unchecked Sendable {
  /// For whoever fills the memory, before another thread reads it: hence @unchecked Sendable.
  package let mutableBytes: UnsafeMutableRawBufferPointer

  /// Memory whose contents nobody knows, which takes none of the machine's until it is written to.
  package init(byteCount: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Swift.max(byteCount, 1), alignment: 64)
    unsafe mutableBytes = UnsafeMutableRawBufferPointer(rebasing: memory[..<byteCount])
  }

  package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(mutableBytes) }

  deinit {
    unsafe mutableBytes.deallocate()
  }
}
