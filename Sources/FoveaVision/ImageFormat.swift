/// The two formats, told apart by content: real collections hold PNGs named .JPEG (ImageNet does).
enum ImageFormat: Equatable {
  case jpeg
  case png

  /// The format that the first bytes announce, if any.
  init?(of bytes: RawSpan) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else {
      return nil
    }
  }
}

extension RawSpan {
  /// The byte at `offset`, or nil past the end.
  func byte(at offset: Int) -> UInt8? {
    guard offset >= 0, offset < byteCount else { return nil }
    return unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)  // in bounds: checked above
  }

  /// Whether `prefix` lies at `offset`.
  func starts(with prefix: [UInt8], at offset: Int = 0) -> Bool {
    for (index, value) in prefix.enumerated() where byte(at: offset + index) != value {
      return false
    }
    return true
  }

  /// An unsigned integer of `count` bytes (at most 4) at `offset`, or nil if it does not lie inside.
  func integer(at offset: Int, count: Int, bigEndian: Bool) -> Int? {
    guard offset >= 0, offset <= byteCount, count <= byteCount - offset else { return nil }
    var value = 0
    for index in 0..<count {
      guard let byte = byte(at: offset + (bigEndian ? index : count - 1 - index)) else { return nil }
      value = value << 8 | Int(byte)
    }
    return value
  }
}
