import FoveaConvert
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
}
