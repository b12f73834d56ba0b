import Glibc

/// Writes a file so that it appears whole or not at all: under a temporary name beside it, flushed, then renamed.
///
/// A symbolic link stays, and the file that it leads to is written so. What is no file (a pipe, /dev/null, and /dev/stdout whatever
/// is behind it) is written directly: a new file in its place would reach nobody, and /dev/stdout would be gone.
///
/// - Throws: `ConversionError.cannotWrite`; the temporary file is removed.
package func writeFile(_ bytes: [UInt8], to path: String) throws(ConversionError) {
  func failure() -> ConversionError {
    let reason = unsafe String(cString: strerror(errno))
    return .cannotWrite(file: path, reason: "cannot write: \(reason)")
  }
  switch try OutputPlace(path) {
  case .file(let place):
    guard replaceFile(place, with: bytes) else { throw failure() }
  case .descriptor(let number):
    guard writeAll(bytes, to: number) else { throw failure() }
  case .stream(let place):
    // To the end: where it is a file after all, which another process has open, what that holds already stays.
    let descriptor = unsafe open(place, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { throw failure() }
    let isWritten = keepingErrno(writeAll(bytes, to: descriptor)) { close(descriptor) }
    guard isWritten else { throw failure() }
  }
}

/// False, with `errno`, where that fails.
private func replaceFile(_ path: String, with bytes: [UInt8]) -> Bool {
  // A process that was killed may have left its temporary file: take the next name.
  var temporary = ""
  var descriptor: CInt = -1
  for attempt in 0..<100 where descriptor < 0 {
    temporary = "\(path).\(getpid()).\(attempt).tmp"
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0, errno != EEXIST { return false }
  }
  guard descriptor >= 0 else { return false }
  // A full disk may only show when the file is flushed or closed.
  let isFlushed = writeAll(bytes, to: descriptor) && (fsync(descriptor) == 0 || errno == EINVAL)
  let isClosed = isFlushed ? close(descriptor) == 0 : keepingErrno(false) { close(descriptor) }
  let isWritten = unsafe isClosed && rename(temporary, path) == 0
  return isWritten ? true : keepingErrno(false) { unsafe unlink(temporary) }
}

/// False, with `errno`, where that fails.
private func writeAll(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
    }
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}

/// The result, after something whose own failure is of no interest.
private func keepingErrno(_ result: Bool, _ body: () -> CInt) -> Bool {
  let error = errno
  _ = body()
  errno = error
  return result
}
