/// The values that an activation took during calibration.
struct ValueRange: Equatable {
  var min: Float
  var max: Float
}

/// How activations' ranges are found.
public enum CalibrationMethod: Hashable, Sendable {
  /// The smallest and the largest value seen.
  case minMax
  /// The range that holds this share (0...1) of all values, the rest cut off evenly.
  case percentile(Double)
}

/// Collects one activation's range over calibration inputs: extremes in a first pass, a histogram between them in a second.
struct RangeObserver {
  private static let binCount = 4096

  private(set) var extremes: ValueRange?
  private var bins: [Int] = []

  /// First pass. Values that are not finite are left out.
  mutating func observeExtremes(_ values: UnsafeBufferPointer<Float>) {
    guard !values.isEmpty else { return }
    var low = SIMD8<Float>(repeating: .infinity)
    var high = SIMD8<Float>(repeating: -.infinity)
    var i = 0
    // Eight at a time; comparisons with NaN are false, so NaN never gets in.
    while i + 8 <= values.count {
      let next = unsafe UnsafeRawPointer(values.baseAddress.unsafelyUnwrapped + i).loadUnaligned(as: SIMD8<Float>.self)
      low.replace(with: next, where: next .< low)
      high.replace(with: next, where: next .> high)
      i += 8
    }
    var (smallest, largest) = (low.min(), high.max())
    while i < values.count {
      let next = unsafe values[i]
      if next < smallest { smallest = next }
      if next > largest { largest = next }
      i += 1
    }
    guard smallest.isFinite, largest.isFinite else { return }
    extremes = ValueRange(
      min: Swift.min(extremes?.min ?? smallest, smallest), max: Swift.max(extremes?.max ?? largest, largest))
  }

  /// Second pass.
  mutating func observeDistribution(_ values: UnsafeBufferPointer<Float>) {
    guard let extremes, extremes.max > extremes.min else { return }
    if bins.isEmpty { bins = Array(repeating: 0, count: Self.binCount) }
    let factor = Float(Self.binCount) / (extremes.max - extremes.min)
    for i in values.indices {
      let position = unsafe (values[i] - extremes.min) * factor
      guard position.isFinite else { continue }
      bins[Swift.max(0, Swift.min(Self.binCount - 1, Int(position)))] += 1
    }
  }

  /// The range by `method`; nil where nothing was seen.
  func range(_ method: CalibrationMethod) -> ValueRange? {
    guard let extremes else { return nil }
    guard case .percentile(let share) = method, !bins.isEmpty else { return extremes }
    let total = bins.reduce(0, +)
    let cut = Int(Double(total) * (1 - share) / 2)
    let width = (extremes.max - extremes.min) / Float(Self.binCount)
    var (first, below) = (0, 0)
    while first < bins.count - 1, below + bins[first] <= cut {
      below += bins[first]
      first += 1
    }
    var (last, above) = (bins.count - 1, 0)
    while last > first, above + bins[last] <= cut {
      above += bins[last]
      last -= 1
    }
    return ValueRange(min: extremes.min + Float(first) * width, max: extremes.min + Float(last + 1) * width)
  }
}
