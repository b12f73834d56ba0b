import Foundation
import FoveaCore
import FoveaVision
import Testing

/// Paths of the reference data that make_references.py wrote.
enum Fixture {
  static let folder: String = {
    let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    return parts.joined(separator: "/") + "/fixtures/images"
  }()

  static func path(_ name: String) -> String { folder + "/" + name }

  /// All bytes of a fixture.
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// The image in a .npy file of shape [height, width, 3] and type uint8.
  static func npy(_ name: String) throws -> Image {
    let (shape, data) = try npyContents(name)
    return try #require(Image(width: shape[1], height: shape[0], pixels: data))
  }

  /// The values of a .npy file of type float32.
  static func floats(_ name: String) throws -> [Float] {
    let data = try npyContents(name).data
    return stride(from: 0, to: data.count, by: 4).map { at in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(data[at + $1]) << UInt32(8 * $1) })
    }
  }

  /// Shape and data of a .npy file: a header line "{..., 'shape': (4, 5, 3), }" whose length is at byte 8, then the
  /// values.
  static func npyContents(_ name: String) throws -> (shape: [Int], data: [UInt8]) {
    let bytes = try bytes(name)
    let start = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    let shape = try #require(header.split(separator: "(").last).prefix { $0 != ")" }.split(separator: ",")
    return (shape.compactMap { Int(String($0.drop { $0 == " " })) }, Array(bytes[start...]))
  }
}

/// The largest difference of two images' bytes, or nil if their sizes differ.
func largestDifference(_ a: Image, _ b: Image) -> Int? {
  guard a.width == b.width, a.height == b.height else { return nil }
  return zip(a.pixels, b.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}

/// What an attempt to decode came to; the error's type is known at compile time.
func decode(_ bytes: [UInt8], name: String = "test") -> Result<Image, ImageError> {
  do { return .success(try Image(decoding: bytes, name: name)) } catch { return .failure(error) }
}

/// A PNG chunk: length, name, data, and the CRC that makes libpng look at the data.
func pngChunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(name.utf8) + data
  return bigEndian(UInt32(data.count)) + body + bigEndian(crc32(body))
}

func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

/// The CRC of PNG's annex D.
func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
  }
}

let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

/// SplitMix64 (Steele, Lea, Flood 2014): the same mutations in every run.
struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A folder that exists while `body` runs.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: "fovea-vision-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path(percentEncoded: false))
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

/// A preprocessing of which a test cares about the geometry.
func preprocessing(
  _ width: Int, _ height: Int, crop: Float = 1, _ filter: Preprocessing.Filter = .bilinear,
  order: Preprocessing.ChannelOrder = .rgb
) -> Preprocessing {
  Preprocessing(
    width: width, height: height, crop: crop, filter: filter, channelOrder: order,
    mean: .init(0.485, 0.456, 0.406), standardDeviation: .init(0.229, 0.224, 0.225))
}
