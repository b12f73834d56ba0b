import Glibc

/// Writes a file so that it appears whole or not at all: under a temporary name beside it, flushed, then renamed.
///
/// - Throws: `ConversionError.cannotWrite`; the temporary file is removed.
package func writeFile(_ bytes: [UInt8], to path: String) throws(ConversionError) {
  func failure() -> ConversionError {
    let reason = unsafe String(cString: strerror(errno))
    return .cannotWrite(file: path, reason: "cannot write: \(reason)")
  }
  let temporary = "\(path).\(getpid()).tmp"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw failure() }
  var isWritten = false
  defer {
    if unsafe !isWritten { unlink(temporary) }
  }
  var done = 0
  while done < bytes.count {
    let count = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done) }
    guard count > 0 else {
      if count < 0, errno == EINTR { continue }
      let error = failure()
      close(descriptor)
      throw error
    }
    done += count
  }
  // A full disk may only show here.
  guard fsync(descriptor) == 0 || errno == EINVAL else {
    let error = failure()
    close(descriptor)
    throw error
  }
  guard close(descriptor) == 0 else { throw failure() }
  guard unsafe rename(temporary, path) == 0 else { throw failure() }
  isWritten = true
}
