import FoveaConvert
import FoveaGraph
import Testing

/// An activation's scale and zero point: 256 steps cover the range and zero, and zero is exact.
struct AffineQuantizationTests {
  @Test(
    arguments: [
      (-1, 1), (0, 6), (-6, 0), (0, 1e-20), (-1e-20, 1e-20), (1, 2), (-2, -1), (-0.001, 1000), (-1000, 0.001),
      (0, 3.4e38), (-3.4e38, 3.4e38), (0.3, 0.3), (-0.3, -0.3), (0, .leastNonzeroMagnitude),
    ] as [(Float, Float)])
  func covers(_ low: Float, _ high: Float) {
    let quantization = AffineQuantization(covering: ValueRange(min: low, max: high))
    #expect(quantization.scale.isNormal && quantization.scale > 0)
    #expect((0...255).contains(quantization.zeroPoint))
    // Zero is one of the steps by its form; the range's ends are at most half a step outside.
    let scale = Double(quantization.scale)
    let lowest = Double(0 - quantization.zeroPoint) * scale
    let highest = Double(255 - quantization.zeroPoint) * scale
    #expect(Double(min(low, 0)) >= lowest - scale * 0.501)
    #expect(Double(max(high, 0)) <= highest + scale * 0.501)
  }

  @Test func zerosHaveAScale() {
    #expect(
      AffineQuantization(covering: ValueRange(min: 0, max: 0)) == AffineQuantization(scale: 1, zeroPoint: 0))
  }

  @Test func isAsFineAsItCanBe() {
    #expect(AffineQuantization(covering: ValueRange(min: 0, max: 2.55)).scale == 0.01)
    #expect(
      AffineQuantization(covering: ValueRange(min: -1.28, max: 1.27)) == AffineQuantization(scale: 0.01, zeroPoint: 128)
    )
    #expect(AffineQuantization(covering: ValueRange(min: 0, max: 1), noFinerThan: 0.5).scale == 0.5)
  }
}
