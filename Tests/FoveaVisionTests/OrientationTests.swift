import FoveaVision
import Testing

@Suite struct OrientationTests {
  /// 2 x 3 pixels, called a to f by rows, and what each orientation makes of them.
  @Test(arguments: [
    (1, "ab cd ef"), (2, "ba dc fe"), (3, "fe dc ba"), (4, "ef cd ab"), (5, "ace bdf"), (6, "eca fdb"), (7, "fdb eca"),
    (8, "bdf ace"),
  ])
  func turning(value: Int, expected: String) throws {
    let letters = Array("abcdef".utf8)
    let image = try #require(Image(width: 2, height: 3, pixels: letters.flatMap { [$0, $0 + 100, $0 + 50] }))
    let turned = image.turned(try #require(Orientation(rawValue: value)))
    let rows = expected.split(separator: " ").map { Array($0.utf8) }
    #expect((turned.width, turned.height) == (rows[0].count, rows.count))
    #expect(turned.pixels == rows.joined().flatMap { [$0, $0 + 100, $0 + 50] })
  }

  /// TIFF structures from the harmless to the hostile. II is little-endian, MM big-endian; an entry is tag, type,
  /// count, value.
  @Test(arguments: [
    ("big-endian SHORT", "MM\0\u{2A}\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{6}\0\0", 6),
    ("little-endian SHORT", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0\u{6}\0\0\0", 6),
    ("little-endian LONG", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{4}\0\u{1}\0\0\0\u{3}\0\0\0", 3),
    ("a byte is not a SHORT", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{1}\0\u{1}\0\0\0\u{6}\0\0\0", nil),
    ("value 0", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0\0\0\0\0", nil),
    ("value 9", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0\u{9}\0\0\0", nil),
    ("count 2", "II\u{2A}\0\u{8}\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{2}\0\0\0\u{6}\0\0\0", nil),
    ("directory past the end", "II\u{2A}\0\u{7F}\u{7F}\u{7F}\u{7F}\u{1}\0", nil),
    ("directory at the last byte", "II\u{2A}\0\u{9}\0\0\0\u{1}\0", nil),
    ("directory in its own header", "II\u{2A}\0\0\0\0\0\u{1}\0\u{12}\u{1}\u{3}\0\u{1}\0\0\0\u{6}\0\0\0", nil),
    ("65535 entries, one there", "MM\0\u{2A}\0\0\0\u{8}\u{7F}\u{7F}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0\u{6}\0\0", 6),
    ("value cut off", "MM\0\u{2A}\0\0\0\u{8}\0\u{1}\u{1}\u{12}\0\u{3}\0\0\0\u{1}\0", nil),
    ("no byte order", "XX\u{2A}\0\u{8}\0\0\0\u{1}\0", nil), ("empty", "", nil), ("two bytes", "II", nil),
  ])
  func parsing(what: String, bytes: String, expected: Int?) {
    let data = Array(bytes.utf8)
    let orientation = unsafe Orientation.parse(exif: data.span.bytes)
    #expect(orientation?.rawValue == expected)
  }

  /// EXIF segments that lie about their length, in front of a sound picture: an error or the upright picture, no more.
  @Test(arguments: [0, 1, 2, 7, 8, 9, 14, 20, 200, 0x7FFF, 0xFFFF])
  func segmentsOfAnyLength(length: Int) throws {
    let file = try Fixture.bytes("decode/rgb_444.jpg")
    let exif: [UInt8] = Array("Exif\0\0II".utf8) + [0x2A, 0, 8, 0, 0, 0, 0xFF, 0xFF, 0x12, 1]
    let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)]
    if case .success(let image) = decode(head + exif + file.dropFirst(2)) {
      #expect(image == (try decode(file).get()))
    }
  }

  @Test func aPNGChunkMayComeAfterThePixels() throws {
    let file = try Fixture.bytes("decode/rgb_8.png")
    let tiff: [UInt8] = Array("MM\0\u{2A}".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 8, 0, 0]
    let upright = try decode(file).get()
    for exif in [tiff, Array("Exif\0\0".utf8) + tiff] {
      let turned = try decode(Array(file.dropLast(12)) + pngChunk("eXIf", exif) + file.suffix(12)).get()
      #expect(turned == upright.turned(.quarterCounterclockwise))
    }
  }
}
