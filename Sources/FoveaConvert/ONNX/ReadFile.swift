#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A regular file that is open for reading, closed when it goes out of scope.
///
/// The calls of the C library are gathered here: each gets a NUL-terminated string or a buffer whose size it is told.
struct InputFile: ~Copyable {
  private let descriptor: Int32
  let size: Int

  /// Opens a file. The error says why it cannot be read, without its name.
  static func open(_ path: String) throws(InputFileProblem) -> InputFile {
    // A pipe or a device would block or never end, so the type is known before anything is read.
    let descriptor = openForReading(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputFileProblem(reason: errorText(errno)) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw InputFileProblem(reason: "not a regular file")
    }
    return InputFile(descriptor: descriptor, size: Int(information.st_size))
  }

  deinit {
    close(descriptor)
  }

  /// Reads `count` bytes from `offset` on, which must lie within the file.
  func read(offset: Int, count: Int) throws(InputFileProblem) -> [UInt8] {
    guard offset >= 0, count >= 0, count <= size, offset <= size - count else {
      throw InputFileProblem(reason: "bytes \(offset) and on are outside of the file")
    }
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let got = unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + initialized }, count - initialized,
          off_t(offset + initialized))
        if got < 0 && errno == EINTR { continue }
        if got < 0 { failure = errno }
        if got <= 0 { break }
        initialized += got
      }
    }
    guard failure == 0 else { throw InputFileProblem(reason: errorText(failure)) }
    guard bytes.count == count else { throw InputFileProblem(reason: "the file became shorter while it was read") }
    return bytes
  }
}

/// By this name because `open` is the name of what uses it.
private func openForReading(_ path: String, _ flags: Int32) -> Int32 {
  unsafe open(path, flags)
}

/// What the system calls an error.
private func errorText(_ number: Int32) -> String {
  // The C library keeps the text; it is copied before anything else can change it.
  unsafe String(cString: strerror(number))
}

/// Why a file cannot be read.
struct InputFileProblem: Error {
  var reason: String
}

/// Reads a whole .onnx file.
func readModelFile(_ path: String) throws(ConversionError) -> [UInt8] {
  do throws(InputFileProblem) {
    let file = try InputFile.open(path)
    guard file.size <= Int(Int32.max) else {
      throw InputFileProblem(reason: "larger than 2 GiB, the format's limit; larger weights belong in external data")
    }
    return try file.read(offset: 0, count: file.size)
  } catch {
    throw .cannotRead(file: path, reason: error.reason)
  }
}

/// The path without symbolic links, "." and "..", or nil when there is no such file.
package func resolvedPath(_ path: String) -> String? {
  guard let resolved = unsafe realpath(path, nil) else { return nil }
  defer { unsafe free(resolved) }
  return unsafe String(cString: resolved)
}
