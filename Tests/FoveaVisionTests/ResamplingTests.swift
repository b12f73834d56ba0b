import FoveaCodecs
import FoveaCore
import FoveaVision
import Testing

/// Resized images against Pillow's `Image.resize`, which must be equal.
@Suite struct ResamplingTests {
  struct Case: CustomTestStringConvertible {
    var source: String
    var width: Int
    var height: Int
    var testDescription: String { "\(source) to \(width) x \(height)" }

    init(_ source: String, _ width: Int, _ height: Int) {
      (self.source, self.width, self.height) = (source, width, height)
    }
  }

  static let cases = [
    Case("noise_37x53", 20, 30), Case("noise_37x53", 74, 106), Case("noise_37x53", 37, 20),
    Case("noise_37x53", 20, 53), Case("noise_37x53", 1, 1), Case("noise_37x53", 111, 7), Case("noise_37x53", 36, 54),
    Case("noise_1x500", 1, 250), Case("noise_1x500", 3, 700), Case("noise_1x500", 200, 2),
    Case("noise_700x3", 350, 2), Case("noise_700x3", 1, 1), Case("noise_700x3", 90, 64), Case("noise_700x3", 17, 3),
    Case("photo", 192, 128),
    // Tall images, on both sides of the rule that decides which pass is the first.
    Case("noise_23x90", 17, 66), Case("noise_23x90", 18, 80), Case("noise_23x90", 9, 62), Case("noise_23x90", 9, 61),
  ]

  @Test(arguments: cases, Preprocessing.Filter.allCases)
  func equalsPillow(_ test: Case, filter: Preprocessing.Filter) throws {
    let source = try source(test.source)
    let expected = try Image(path: Fixture.path("resize/\(test.source)_to_\(test.width)x\(test.height)_\(filter).png"))
    let resized = try resized(source, test.width, test.height, filter, 0..<test.width, 0..<test.height)
    #expect(largestDifference(resized, expected) == 0)
  }

  @Test(arguments: Preprocessing.Filter.allCases)
  func aWindowIsPartOfTheWhole(filter: Preprocessing.Filter) throws {
    let source = try source("noise_37x53")
    for height in [71, 31] {  // the second shortens first
      let whole = try resized(source, 29, height, filter, 0..<29, 0..<height)
      for (columns, rows) in [(0..<1, 0..<1), (28..<29, 30..<31), (5..<24, 20..<31), (3..<29, 0..<30)] {
        let part = try resized(source, 29, height, filter, columns, rows)
        let expected = rows.flatMap { row in
          whole.pixels[(row * 29 + columns.lowerBound) * 3..<(row * 29 + columns.upperBound) * 3]
        }
        #expect(part.pixels == expected, "height \(height), columns \(columns), rows \(rows)")
      }
    }
  }

  @Test(arguments: Preprocessing.Filter.allCases)
  func sameSizeIsTheIdentity(filter: Preprocessing.Filter) throws {
    let source = try source("noise_37x53")
    #expect(try resized(source, 37, 53, filter, 0..<37, 0..<53) == source)
  }

  /// The SSE2 kernels give the bytes of the portable ones. 1...40 columns reach every tail.
  @Test(arguments: 1...40)
  func kernelsEqualThePortableOnes(columns: Int) {
    var random = Random(state: UInt64(columns))
    let height = 9
    let source = (0..<columns * 3 * height).map { _ in UInt8.random(in: 0...255, using: &random) }
    for target in [1, columns, 3 * columns, max(columns / 3, 1)] {
      let weights = ResampleWeights(source: columns, target: target, positions: 0..<target, filter: .bicubic)
      var fast = [UInt8](repeating: 7, count: target * 3 + 1)
      var portable = fast
      unsafe fovea_resample_row(source, weights.taps, weights.pairs, target, &fast)
      unsafe fovea_resample_row_portable(source, weights.taps, weights.pairs, target, &portable)
      #expect(fast == portable)
      #expect(fast.last == 7, "nothing is written past the row")
    }
    let down = ResampleWeights(source: height, target: 3, positions: 0..<3, filter: .bicubic)
    for taps in down.taps {
      var fast = [UInt8](repeating: 7, count: columns + 1)
      var portable = fast
      unsafe fovea_resample_column(source, columns, taps, down.pairs, columns, &fast)
      unsafe fovea_resample_column_portable(source, columns, taps, down.pairs, columns, &portable)
      #expect(fast == portable)
      #expect(fast.last == 7, "nothing is written past the row")
    }
  }

  private func source(_ name: String) throws -> Image {
    try Image(path: Fixture.path(name == "photo" ? "decode/photo.expected.png" : "resize/\(name).png"))
  }

  private func resized(
    _ image: Image, _ width: Int, _ height: Int, _ filter: Preprocessing.Filter, _ columns: Range<Int>,
    _ rows: Range<Int>
  ) throws -> Image {
    var pixels = [UInt8](repeating: 0, count: columns.count * rows.count * 3)
    unsafe pixels.withUnsafeMutableBufferPointer {
      unsafe image.resample(
        width: width, height: height, filter: filter, columns: columns, rows: rows, into: $0, stride: columns.count * 3)
    }
    return try #require(Image(width: columns.count, height: rows.count, pixels: pixels))
  }
}
