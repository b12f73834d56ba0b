/// The values that an activation took during calibration.
package struct ValueRange: Equatable {
  package var min: Float
  package var max: Float

  package init(min: Float, max: Float) {
    self.min = min
    self.max = max
  }
}

/// Collects one activation's range over calibration inputs: extremes in a first pass, a histogram between them in a second.
package struct RangeObserver {
  private static let binCount = 4096

  package private(set) var extremes: ValueRange?
  private var bins: [Int] = []

  package init() {}

  /// First pass. Values that are not finite are left out.
  package mutating func observeExtremes(_ values: UnsafeBufferPointer<Float>) {
    guard !values.isEmpty else { return }
    var low = SIMD8<Float>(repeating: .infinity)
    var high = SIMD8<Float>(repeating: -.infinity)
    var i = 0
    // Eight at a time; comparisons with NaN are false, so NaN never gets in, and neither do infinities.
    while i + 8 <= values.count {
      let next = unsafe UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + i).loadUnaligned(as: SIMD8<Float>.self)
      low.replace(with: next, where: (next .< low) .& (next .> -.infinity))
      high.replace(with: next, where: (next .> high) .& (next .< .infinity))
      i += 8
    }
    var (smallest, largest) = (low.min(), high.max())
    while i < values.count {
      let next = unsafe values[i]
      if next < smallest, next > -.infinity { smallest = next }
      if next > largest, next < .infinity { largest = next }
      i += 1
    }
    guard smallest.isFinite, largest.isFinite else { return }
    extremes = ValueRange(
      min: Swift.min(extremes?.min ?? smallest, smallest), max: Swift.max(extremes?.max ?? largest, largest))
  }

  /// Second pass.
  package mutating func observeDistribution(_ values: UnsafeBufferPointer<Float>) {
    guard let extremes, extremes.max > extremes.min else { return }
    if bins.isEmpty { bins = Array(repeating: 0, count: Self.binCount) }
    let low = Double(extremes.min)
    let factor = Double(Self.binCount) / (Double(extremes.max) - low)
    for i in values.indices {
      let position = unsafe (Double(values[i]) - low) * factor
      guard position.isFinite else { continue }
      bins[Swift.max(0, Swift.min(Self.binCount - 1, Int(position)))] += 1
    }
  }

  /// The range by `method`; nil where nothing was seen.
  package func range(_ method: CalibrationMethod) -> ValueRange? {
    guard let extremes else { return nil }
    guard method != .minMax, !bins.isEmpty else { return extremes }
    return Histogram(extremes: extremes, bins: bins).range(method)
  }
}
