import Glibc

// Standard input, output and error as file descriptors: the C library's FILE globals are not safe to use from Swift 6, and
// `print` hides that a disk is full.

/// Writes results to standard output.
///
/// A reader that has gone away ends the process quietly: by SIGPIPE, or here where that is ignored. Any other failure, such
/// as a full disk, ends it with a message: results would be missing.
func writeOutput(_ text: String) {
  guard let code = write(text, to: STDOUT_FILENO) else { return }
  if code != EPIPE { complain("cannot write to standard output: \(systemMessage(code))") }
  exit(code == EPIPE ? 0 : ExitStatus.cannotOpen.rawValue)
}

/// Writes to standard error. There is nobody to tell when that fails.
func writeError(_ text: String) {
  _ = write(text, to: STDERR_FILENO)
}

/// One line "fovea: ..." on standard error.
func complain(_ message: String) {
  writeError("fovea: \(printable(message))\n")
}

/// Text on one line, whatever a file's name or content brought into it: control characters could steer a terminal.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
  let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
  return String(String.UnicodeScalarView(scalars))
}

/// The error number of a failed write, or nil.
private func write(_ text: String, to descriptor: CInt) -> CInt? {
  let bytes = Array(text.utf8)
  var done = 0
  while done < bytes.count {
    let count = unsafe bytes.withUnsafeBytes { buffer in
      unsafe write(descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done)
    }
    if count < 0, errno == EINTR { continue }
    if count < 0 { return errno }
    done += count
  }
  return nil
}

/// Everything up to the end of a descriptor, which may be a pipe, or nil where reading fails or there are more than
/// `limit` bytes.
func readAll(_ descriptor: CInt, limit: Int = 1 << 30) -> [UInt8]? {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while bytes.count <= limit {
    let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0 { return nil }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
  return nil
}

/// The C library's words for an error number.
func systemMessage(_ code: CInt) -> String {
  unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
}

/// Whether a path names a folder.
func isFolder(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether a path names anything that exists.
func exists(_ path: String) -> Bool {
  unsafe access(path, F_OK) == 0
}

/// The last part of a path.
func baseName(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
