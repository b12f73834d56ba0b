import Glibc

/// Writes a file so that it appears whole or not at all: under a temporary name beside it, flushed, then renamed.
///
/// A symbolic link is replaced, not followed. What is there and is no file (a folder, a device) is left alone.
///
/// - Throws: `ConversionError.cannotWrite`; the temporary file is removed.
package func writeFile(_ bytes: [UInt8], to path: String) throws(ConversionError) {
  func failure() -> ConversionError {
    let reason = unsafe String(cString: strerror(errno))
    return .cannotWrite(file: path, reason: "cannot write: \(reason)")
  }
  var status = stat()
  if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    throw .cannotWrite(file: path, reason: "cannot write: \(isFolder ? "is a directory" : "is not a file")")
  }
  // A process that was killed may have left its temporary file: take the next name.
  var temporary = ""
  var descriptor: Int32 = -1
  for attempt in 0..<100 where descriptor < 0 {
    temporary = "\(path).\(getpid()).\(attempt).tmp"
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0, errno != EEXIST { throw failure() }
  }
  guard descriptor >= 0 else { throw failure() }
  var isWritten = false
  defer {
    if !isWritten { unsafe unlink(temporary) }
  }
  var done = 0
  while done < bytes.count {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress?.advanced(by: done), $0.count - done)
    }
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
