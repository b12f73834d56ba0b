import FoveaVision
import Testing

/// Decoded pixels against Pillow's.
///
/// JPEG's inverse DCT and chroma upsampling are not defined to the bit. Pillow 13 brings libjpeg-turbo 3, whose
/// default ("islow", "fancy upsampling") gives the same bytes as the 2.x of Linux distributions; with another
/// libjpeg, differences of a few levels would be legitimate.
@Suite struct DecodingTests {
  @Test(arguments: [
    "gray_1", "gray_2", "gray_4", "gray_8", "gray_16", "rgb_8", "rgb_16", "palette_1", "palette_2", "palette_4",
    "palette_8", "gray_alpha_8", "gray_alpha_16", "rgba_8", "rgba_16",
  ])
  func pngOfEachKind(name: String) throws {
    for name in [name, name + "_interlaced"] {
      let image = try Image(path: Fixture.path("decode/\(name).png"))
      #expect(largestDifference(image, try Fixture.npy("decode/\(name).npy")) == 0, "\(name)")
    }
  }

  @Test(arguments: ["palette_trns", "gray_trns", "rgb_trns", "rgb_1x1_interlaced", "gray_3x2_interlaced", "exif"])
  func pngOddities(name: String) throws {
    let image = try Image(path: Fixture.path("decode/\(name).png"))
    #expect(largestDifference(image, try Fixture.npy("decode/\(name).npy")) == 0)
  }

  @Test(arguments: [
    "gray", "rgb_444", "rgb_422", "rgb_420", "progressive", "progressive_gray", "restarts", "stored_as_rgb",
    "low_quality", "cmyk", "ycck", "rgb_1x1", "rgb_7x1", "rgb_1x17", "rgb_16x16", "rgb_17x33",
  ])
  func jpegOfEachKind(name: String) throws {
    let image = try Image(path: Fixture.path("decode/\(name).jpg"))
    #expect(largestDifference(image, try Fixture.npy("decode/\(name).npy")) == 0)
  }

  @Test(arguments: 1...8)
  func jpegOfEachOrientation(orientation: Int) throws {
    let image = try Image(path: Fixture.path("decode/orientation_\(orientation).jpg"))
    let expected = try Fixture.npy("decode/orientation_\(orientation).npy")
    #expect(image.width == (orientation < 5 ? 41 : 34))
    #expect(largestDifference(image, expected) == 0)
  }

  @Test func photo() throws {
    let image = try Image(path: Fixture.path("decode/photo.jpg"))
    let expected = try Image(path: Fixture.path("decode/photo.expected.png"))
    #expect(largestDifference(image, expected) == 0)
  }

  @Test func contentCountsAndNotTheName() throws {
    let image = try Image(path: Fixture.path("decode/a_png_by_content.jpg"))
    #expect(largestDifference(image, try Fixture.npy("decode/exif.npy")) == 0)
  }

  /// 451 x 300: the shorter side divided by 2, 4, 8 is 150, 75, 38.
  @Test(arguments: [
    (nil, 451, 300), (0, 451, 300), (151, 451, 300), (76, 451, 300), (75, 226, 150), (38, 226, 150), (37, 113, 75),
    (20, 113, 75), (19, 57, 38), (1, 57, 38),
  ])
  func reducedDecoding(needed: Int?, width: Int, height: Int) throws {
    let image = try Image(path: Fixture.path("decode/photo.jpg"), atLeast: needed)
    #expect((image.width, image.height) == (width, height))
  }

  /// The reduced picture is the same picture: its mean colour is within a level of the full one's.
  @Test func reducedDecodingKeepsTheColours() throws {
    let means = try [nil, 75, 37, 19].map { needed in
      let image = try Image(path: Fixture.path("decode/photo.jpg"), atLeast: needed)
      return (0..<3).map { channel in
        let values = stride(from: channel, to: image.pixels.count, by: 3).map { Double(image.pixels[$0]) }
        return values.reduce(0, +) / Double(values.count)
      }
    }
    for mean in means.dropFirst() {
      for (full, reduced) in zip(means[0], mean) { #expect(abs(full - reduced) < 1) }
    }
  }

  @Test func pngIsNeverReduced() throws {
    let image = try Image(path: Fixture.path("decode/photo.expected.png"), atLeast: 10)
    #expect((image.width, image.height) == (451, 300))
  }

  @Test func paddingBeforeTheEndMarkerIsHarmless() throws {
    let file = try Fixture.bytes("decode/rgb_420.jpg")
    #expect(file.suffix(2) == [0xFF, 0xD9])
    let padded = file.dropLast(2) + [0, 0, 0, 0xFF, 0xD9, 0x0A]
    #expect(try decode(Array(padded)).get() == decode(file).get())
  }
}
