// Finding the orientation tag in a file's bytes. All of it is a stranger's data: every offset is checked where it is
// read, every loop moves forward, and whatever is broken means "upright".

extension Orientation {
  /// The orientation that the EXIF data of a JPEG (APP1 segment) or PNG (eXIf chunk) states; upright if it states none.
  init(of bytes: RawSpan, format: ImageFormat) {
    let exif =
      switch format {
      case .jpeg: Self.exifRange(inJPEG: bytes)
      case .png: Self.exifRange(inPNG: bytes)
      }
    self = exif.flatMap { Self.parse(exif: bytes.extracting($0)) } ?? .upright
  }

  /// The orientation in a TIFF structure (EXIF's container), or nil.
  ///
  /// Only the first directory is looked at; thumbnails and their orientation are in later ones. Like Pillow, the last
  /// of repeated tags counts.
  package static func parse(exif: RawSpan) -> Orientation? {
    let bigEndian: Bool
    if exif.starts(with: [0x49, 0x49, 0x2A, 0x00]) {
      bigEndian = false
    } else if exif.starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
      bigEndian = true
    } else {
      return nil
    }
    guard let directory = exif.integer(at: 4, count: 4, bigEndian: bigEndian),
      let entries = exif.integer(at: directory, count: 2, bigEndian: bigEndian)
    else { return nil }
    var found: Orientation?
    for index in 0..<entries {
      // Tag, type, count, value: 2 + 2 + 4 + 4 bytes.
      let entry = directory + 2 + 12 * index
      guard let tag = exif.integer(at: entry, count: 2, bigEndian: bigEndian),
        let type = exif.integer(at: entry + 2, count: 2, bigEndian: bigEndian),
        let count = exif.integer(at: entry + 4, count: 4, bigEndian: bigEndian)
      else { return found }  // cut off: nothing beyond lies inside either
      guard tag == 0x0112, count == 1 else { continue }
      let size = [3: 2, 4: 4][type]  // SHORT, as the standard wants, or LONG, as some write
      let value = size.flatMap { exif.integer(at: entry + 8, count: $0, bigEndian: bigEndian) }
      found = value.flatMap(Orientation.init(rawValue:)) ?? found
    }
    return found
  }

  private static let exifMark: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif", 0, 0

  private static func exifRange(inJPEG bytes: RawSpan) -> Range<Int>? {
    var offset = 2
    while let first = bytes.byte(at: offset), first == 0xFF, let marker = bytes.byte(at: offset + 1) {
      if marker == 0xFF {  // fill byte
        offset += 1
        continue
      }
      // Start of scan or end of image: EXIF comes before. Then the markers that have no length.
      if marker == 0xDA || marker == 0xD9 { return nil }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        offset += 2
        continue
      }
      guard let length = bytes.integer(at: offset + 2, count: 2, bigEndian: true), length >= 2,
        length <= bytes.byteCount - offset - 2
      else { return nil }
      if marker == 0xE1, length >= 8, bytes.starts(with: exifMark, at: offset + 4) {
        return (offset + 10)..<(offset + 2 + length)
      }
      offset += 2 + length
    }
    return nil
  }

  private static func exifRange(inPNG bytes: RawSpan) -> Range<Int>? {
    var offset = 8
    while let length = bytes.integer(at: offset, count: 4, bigEndian: true), length <= bytes.byteCount - offset - 12 {
      if bytes.starts(with: [0x65, 0x58, 0x49, 0x66], at: offset + 4) {  // "eXIf"
        // Some writers put JPEG's mark in front, which the standard does not.
        let mark = bytes.starts(with: exifMark, at: offset + 8) && length >= 6 ? 6 : 0
        return (offset + 8 + mark)..<(offset + 8 + length)
      }
      offset += 12 + length
    }
    return nil
  }
}
