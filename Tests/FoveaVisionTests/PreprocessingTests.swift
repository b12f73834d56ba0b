import FoveaCore
import FoveaVision
import Testing

/// The whole preprocessing against torchvision's transforms on PIL images.
@Suite struct PreprocessingTests {
  struct Case: CustomTestStringConvertible {
    var source: String
    var width: Int
    var height: Int
    var crop: Float
    var filter: Preprocessing.Filter
    var name: String { "\(source)_\(width)x\(height)_\(crop)_\(filter)" }
    var testDescription: String { name }

    init(_ source: String, _ width: Int, _ height: Int, _ crop: Float, _ filter: Preprocessing.Filter) {
      (self.source, self.width, self.height, self.crop, self.filter) = (source, width, height, crop, filter)
    }
  }

  @Test(arguments: [
    Case("photo", 224, 224, 0.875, .bilinear), Case("photo", 224, 224, 0.875, .bicubic),
    Case("photo", 96, 96, 1.0, .bicubic), Case("photo", 160, 96, 0.8, .bilinear),
    Case("photo", 32, 80, 0.95, .bicubic), Case("noise_1x500", 32, 32, 0.875, .bilinear),
    Case("noise_700x3", 32, 32, 0.875, .bicubic), Case("noise_37x53", 48, 20, 1.0, .bilinear),
    Case("noise_37x53", 20, 63, 0.9, .bicubic), Case("noise_37x53", 32, 32, 0.914, .bicubic),
    Case("noise_23x90", 16, 16, 0.875, .bicubic), Case("noise_23x90", 16, 16, 0.875, .bilinear),
  ])
  func equalsTorchvision(_ test: Case) throws {
    let path = test.source == "photo" ? "decode/photo.jpg" : "resize/\(test.source).png"
    let image = try Image(path: Fixture.path(path))
    let expected = try Image(path: Fixture.path("preprocess/\(test.name).png"))
    for order in Preprocessing.ChannelOrder.allCases {
      let preprocessor = try ImagePreprocessor(
        preprocessing(test.width, test.height, crop: test.crop, test.filter, order: order))
      var pixels = preprocessor.pixels(of: image)
      #expect(pixels.count == preprocessor.count)
      if order == .bgr {
        for pixel in stride(from: 0, to: pixels.count, by: 3) { pixels.swapAt(pixel, pixel + 2) }
      }
      let result = try #require(Image(width: test.width, height: test.height, pixels: pixels))
      #expect(largestDifference(result, expected) == 0, "\(order)")
    }
  }

  @Test func normalizedValuesEqualTorchvision() throws {
    let preprocessor = try ImagePreprocessor(preprocessing(224, 224))
    let ramp = (0...255).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }
    #expect(preprocessor.normalize(ramp) == (try Fixture.floats("preprocess/ramp_normalized.npy")))
  }

  @Test(arguments: [(Float(0.0186584), Int32(114)), (0.02, 0), (0.1, 255)])
  func quantizedValuesEqualTorch(scale: Float, zeroPoint: Int32) throws {
    let preprocessor = try ImagePreprocessor(preprocessing(224, 224))
    let ramp = (0...255).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }
    let tables = preprocessor.quantizationTables(scale: scale, zeroPoint: zeroPoint)
    let expected = try Fixture.npyContents("preprocess/ramp_quantized_\(scale)_\(zeroPoint).npy").data
    #expect(tables.bytes.count == 768)
    #expect(tables.apply(to: ramp) == expected)
  }

  @Test func meaninglessScalesDoNotTrap() throws {
    let preprocessor = try ImagePreprocessor(preprocessing(8, 8))
    for scale in [0, -1, .infinity, .nan, Float.leastNonzeroMagnitude] {
      #expect(preprocessor.quantizationTables(scale: scale, zeroPoint: .max).bytes.count == 768)
    }
  }

  @Test(arguments: [
    (0, 8, Float(1)), (8, 0, 1), (-1, 8, 1), (1 << 40, 8, 1), (8, 8, 0), (8, 8, -0.5), (8, 8, 1.5), (8, 8, .nan),
    (8, 8, .infinity), (8, 8, 1e-38),
  ])
  func impossibleGeometryIsRefused(width: Int, height: Int, crop: Float) {
    #expect(throws: ImageError.self) { try ImagePreprocessor(preprocessing(width, height, crop: crop)) }
  }

  @Test(arguments: [Float(0), -1, .nan, .infinity])
  func impossibleDeviationIsRefused(deviation: Float) {
    var wrong = preprocessing(8, 8)
    wrong.standardDeviation.c1 = deviation
    #expect(throws: ImageError.self) { try ImagePreprocessor(wrong) }
  }

  /// Sizes at which something could overflow or become empty. The model's input is square, so nothing is padded.
  @Test(arguments: [(1, 1), (1, 60_000), (60_000, 1), (2, 3), (16_384, 2)])
  func extremeSizes(width: Int, height: Int) throws {
    let pixels = [UInt8](repeating: 99, count: width * height * 3)
    let image = try #require(Image(width: width, height: height, pixels: pixels))
    for crop in [Float(1), 0.875, 0.001] {
      for filter in Preprocessing.Filter.allCases {
        let preprocessor = try ImagePreprocessor(preprocessing(16, 16, crop: crop, filter))
        #expect(preprocessor.pixels(of: image).allSatisfy { $0 == 99 }, "crop \(crop), \(filter)")
      }
    }
  }
}
