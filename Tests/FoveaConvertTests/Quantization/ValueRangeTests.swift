import FoveaConvert
import FoveaGraph
import Testing

/// Calibration's ranges: the extremes, or what is left when a share of the values is cut off at both ends.
struct ValueRangeTests {
  private func range(_ batches: [[Float]], _ method: CalibrationMethod) -> ValueRange? {
    var observer = RangeObserver()
    for values in batches { unsafe values.withUnsafeBufferPointer { unsafe observer.observeExtremes($0) } }
    for values in batches { unsafe values.withUnsafeBufferPointer { unsafe observer.observeDistribution($0) } }
    return observer.range(method)
  }

  @Test(arguments: [1, 7, 8, 9, 31, 1000])
  func findsExtremes(count: Int) {
    var random = Random(seed: UInt64(count))
    let batches = (0..<3).map { _ in random.floats(count, -5, 3) }
    let all = batches.flatMap { $0 }
    #expect(range(batches, .minMax) == ValueRange(min: all.min() ?? 0, max: all.max() ?? 0))
  }

  /// What is no number, or not finite, says nothing of an activation's range.
  @Test(arguments: [Float.nan, .infinity, -.infinity], [5, 16])
  func leavesOutWhatIsNotFinite(_ value: Float, count: Int) {
    for index in 0..<count {
      var values = (0..<count).map { Float($0) }
      values[index] = value
      let rest = values.filter(\.isFinite)
      #expect(range([values], .minMax) == ValueRange(min: rest.min() ?? 0, max: rest.max() ?? 0))
      #expect(range([values], .percentile(1)) != nil)
    }
    #expect(range([[value, value]], .minMax) == nil)
    #expect(range([[]], .minMax) == nil)
  }

  /// Against sorting: the cut ends are those ranks' values, up to the width of a histogram's bin.
  @Test(arguments: [0.5, 0.9, 0.99, 0.999, 1])
  func percentileIsThatOfSortedValues(share: Double) throws {
    var random = Random(seed: 9)
    // Bell-shaped, with a few outliers.
    let batches = (0..<10).map { _ in
      (0..<1000).map { _ in random.floats(6).reduce(0, +) } + [random.float(-40, 40)]
    }
    let sorted = batches.flatMap { $0 }.sorted()
    let found = try #require(range(batches, .percentile(share)))
    let cut = Int(Double(sorted.count) * (1 - share) / 2)
    let bin = (sorted[sorted.count - 1] - sorted[0]) / 4096
    #expect((found.min - sorted[cut]).magnitude <= 1.01 * bin)
    #expect((found.max - sorted[sorted.count - 1 - cut]).magnitude <= 1.01 * bin)
  }

  @Test(
    arguments: [
      (0, 0), (3, 3), (-3.4e38, 3.4e38), (0, 9 * .leastNonzeroMagnitude),
      (-.leastNonzeroMagnitude, .leastNonzeroMagnitude),
    ] as [(Float, Float)])
  func percentileOfExtremeRanges(_ low: Float, _ high: Float) throws {
    let values = (0...64).map { low * (1 - Float($0) / 64) + high * (Float($0) / 64) }
    let found = try #require(range([values], .percentile(1)))
    #expect(found.min <= found.max)
    #expect(found.min >= low && found.max <= high)
  }

  /// Bell-shaped values with a few far away, shifted; and what a clamp to 0...6 makes of them.
  static let distributions: [[Float]] = {
    var random = Random(seed: 12)
    let bell = (0..<20000).map { _ in random.floats(6).reduce(0, +) } + random.floats(5, -40, 40)
    return [bell, bell.map { $0 + 3 }, bell.map { max(0, min(6, 2 * $0)) }, bell.map { -$0.magnitude }]
  }()

  /// The mean squared error of values quantized within a range.
  private func error(_ values: [Float], _ range: ValueRange) -> Double {
    let quantization = AffineQuantization(covering: range)
    let sum = values.reduce(0.0) { sum, value in
      let step = (Double(value) / Double(quantization.scale)).rounded() + Double(quantization.zeroPoint)
      let error = (max(0, min(255, step)) - Double(quantization.zeroPoint)) * Double(quantization.scale) - Double(value)
      return sum + error * error
    }
    return sum / Double(values.count)
  }

  /// Of all ranges whose ends are hundredths of the extremes', none is much better than what was found in a histogram.
  @Test(arguments: distributions.indices) func squaredErrorIsSmallest(_ index: Int) throws {
    let values = Self.distributions[index]
    let found = try #require(range([values], .meanSquaredError))
    let extremes = try #require(range([values], .minMax))
    var best = Double.infinity
    for low in stride(from: 30, through: 100, by: 5) {
      for high in stride(from: 30, through: 100, by: 5) {
        let candidate = ValueRange(min: extremes.min * Float(low) / 100, max: extremes.max * Float(high) / 100)
        best = min(best, error(values, candidate))
      }
    }
    #expect(error(values, found) <= 1.05 * best)
    #expect(found.min >= extremes.min && found.max <= extremes.max)
  }

  @Test(arguments: distributions.indices) func automaticIsTheBest(_ index: Int) throws {
    let values = Self.distributions[index]
    let found = try error(values, #require(range([values], .automatic)))
    for method in [CalibrationMethod.minMax, .percentile(0.9999), .meanSquaredError, .entropy] {
      #expect(try found <= 1.02 * error(values, #require(range([values], method))))
    }
  }

  /// A few values far away do not count for much; a clamp's end, where many values are, does.
  @Test func entropyCutsOffWhatIsRare() throws {
    let bell = try #require(range([Self.distributions[0]], .entropy))
    #expect(bell.max < 30 && bell.max > 3 && bell.min > -30 && bell.min < -3)
    let clamped = try #require(range([Self.distributions[2]], .entropy))
    #expect(clamped.max > 5.5 && clamped.min == 0)
    // Half of a ReLU's outputs are zero, and say nothing of how far the others reach.
    let rectified = Self.distributions[0].map { $0.magnitude < 4 ? max(0, $0) : 0 }
    let found = try #require(range([rectified], .entropy))
    #expect(found.max > 0.8 * (rectified.max() ?? 0))
  }

  @Test(arguments: [CalibrationMethod.meanSquaredError, .entropy, .automatic]) func fewValuesAreKept(
    _ method: CalibrationMethod
  ) {
    for values in [[0], [3, 3], [0, 5], [-2], [-1, 1]] as [[Float]] {
      guard let found = range([values], method) else {
        Issue.record("no range")
        continue
      }
      #expect(error(values, found) < 1e-3)
    }
  }
}
