import Glibc

/// A file's bytes, mapped read-only: pages come in when touched and are shared between processes.
///
/// The mapping shows later changes of the file; replacing a model is safe by renaming over it, as `fovea convert` does, and
/// is not by writing into it.
@safe
package final class MappedFile: @unchecked Sendable {
  // Read-only memory that lives as long as this object: hence @unchecked Sendable.
  package let bytes: UnsafeRawBufferPointer

  /// - Throws: `FoveaError.cannotOpen`.
  package init(path: String) throws(FoveaError) {
    // O_NONBLOCK: opening a pipe must not wait for a writer. For files it changes nothing.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .cannotOpen(file: path, reason: Self.reason(errno)) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw .cannotOpen(file: path, reason: Self.reason(errno)) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .cannotOpen(file: path, reason: status.st_mode & S_IFMT == S_IFDIR ? "is a directory" : "is not a file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe start != MAP_FAILED else {
      throw .cannotOpen(file: path, reason: Self.reason(errno))
    }
    // Nobody waits for it: what is not in memory yet is read while the caller goes on.
    unsafe madvise(start, count, MADV_WILLNEED)
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = unsafe bytes.baseAddress {
      unsafe munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  private static func reason(_ code: Int32) -> String {
    unsafe String(cString: strerror(code))
  }
}
