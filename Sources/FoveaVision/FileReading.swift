import Glibc

extension Image {
  /// Reads and decodes an image file; see `init(decoding:name:atLeast:)`.
  ///
  /// - Throws: Besides what decoding throws, `cannotRead` for a file that is missing, not permitted or not a file.
  public init(path: String, atLeast needed: Int? = nil) throws(ImageError) {
    let bytes = try Self.contents(of: path)
    self = try Image(decoding: bytes, name: path, atLeast: needed)
  }

  /// The most bytes read from one file: far above any photo, far below what an endless device gives.
  private static let byteLimit = 1 << 30

  /// A file's bytes. Read, not mapped: a mapping turns a file that shrinks meanwhile into a crash, and copying the few
  /// megabytes of a photo costs a hundredth of decoding it.
  private static func contents(of path: String) throws(ImageError) -> [UInt8] {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw .cannotRead(file: path, reason: lastSystemError()) }
    defer { close(file) }
    var status = stat()
    guard unsafe fstat(file, &status) == 0 else { throw .cannotRead(file: path, reason: lastSystemError()) }
    if status.st_mode & S_IFMT == S_IFDIR { throw .cannotRead(file: path, reason: "it is a folder") }
    guard status.st_size < byteLimit else { throw .cannotRead(file: path, reason: "it is larger than 1 GiB") }

    // One byte more than the file has, so that its end is seen without growing. A pipe has size 0 and grows.
    var capacity = max(Int(status.st_size) + 1, 1 << 16)
    var bytes: [UInt8] = []
    while true {
      let start = bytes.count
      var got = 0
      var error: CInt = 0
      let chunk = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        while count < buffer.count {
          unsafe got = read(file, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
          if got < 0, errno == EINTR { continue }
          error = got < 0 ? errno : 0
          if got <= 0 { return }
          count += got
        }
      }
      if error != 0 { throw .cannotRead(file: path, reason: systemMessage(error)) }
      if start == 0 { bytes = chunk } else { bytes += chunk }
      if got == 0 { return bytes }
      guard bytes.count < byteLimit else { throw .cannotRead(file: path, reason: "it is larger than 1 GiB") }
      capacity = 1 << 20
    }
  }
}

/// The C library's words for `errno`.
func lastSystemError() -> String { systemMessage(errno) }

/// The C library's words for an error number.
func systemMessage(_ number: CInt) -> String {
  unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
}
