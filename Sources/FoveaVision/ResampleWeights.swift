import FoveaCodecs
import FoveaCore

extension Preprocessing.Filter {
  /// How far from its centre the filter is not 0, in source pixels at scale 1.
  var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The filter's value at distance `x` from its centre.
  func callAsFunction(_ x: Double) -> Double {
    let x = abs(x)
    switch self {
    case .bilinear:
      return x < 1 ? 1 - x : 0
    case .bicubic:
      // R. Keys, "Cubic convolution interpolation for digital image processing" (1981), with a = -0.5. The order of the
      // operations is Pillow's, because the last bit of a weight can decide a rounding.
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }
}

/// The weights with which a row (or column) of `source` pixels becomes one of `target` pixels, for some of the
/// target's positions.
///
/// This is Pillow's definition: a source pixel's weight is the filter's value at its distance from the output pixel's
/// centre; when the image shrinks, the filter is stretched by the same factor (antialiasing); the weights of an
/// output pixel are normalized to a sum of 1 and rounded to 22 fractional bits.
package struct ResampleWeights {
  /// For each position, where its pairs are. `first` counts from `sourceRange.lowerBound`.
  package private(set) var taps: [fovea_taps] = []
  package private(set) var pairs: [fovea_tap_pair] = []
  /// The source positions that have a weight for any of the positions.
  package private(set) var sourceRange: Range<Int> = 0..<0

  /// - Parameters:
  ///   - source: Length of the source, at least 1.
  ///   - target: Length of the whole result, at least 1.
  ///   - positions: Those of the result's positions that are wanted, not empty.
  package init(source: Int, target: Int, positions: Range<Int>, filter: Preprocessing.Filter) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let reach = filter.support * stretch
    var starts: [Int] = []
    var weights: [Double] = []
    for position in positions {
      let centre = (Double(position) + 0.5) * scale
      // Truncation towards 0, then the image's bounds.
      let begin = max(Int(centre - reach + 0.5), 0)
      let end = min(Int(centre + reach + 0.5), source)
      weights.removeAll(keepingCapacity: true)
      var sum = 0.0
      for index in begin..<end {
        let weight = filter((Double(index) - centre + 0.5) * (1 / stretch))
        weights.append(weight)
        sum += weight
      }
      let fixed = weights.map { Self.fixedPoint(sum == 0 ? $0 : $0 / sum) }
      starts.append(begin + append(fixed))
    }
    let first = starts.min() ?? 0
    for index in taps.indices { taps[index].first = UInt32(starts[index] - first) }
    let length = taps.map { Int($0.first + $0.count) }.max() ?? 0
    sourceRange = first..<(first + length)
  }

  private static func fixedPoint(_ weight: Double) -> Int32 {
    Int32((weight * Double(1 << 22)).rounded(.toNearestOrAwayFromZero))
  }

  /// Appends a position's weights, less the zeros at both ends, and returns how many were left out in front.
  private mutating func append(_ weights: [Int32]) -> Int {
    let begin = weights.firstIndex { $0 != 0 } ?? 0
    let end = (weights.lastIndex { $0 != 0 } ?? 0) + 1
    let offset = pairs.count
    for index in stride(from: begin, to: end, by: 2) {
      let (a, b) = (weights[index], index + 1 < end ? weights[index + 1] : 0)
      pairs.append(
        fovea_tap_pair(
          high: (Int16(a >> 12), Int16(b >> 12)), low: (Int16(a & 0xFFF), Int16(b & 0xFFF))))
    }
    taps.append(fovea_taps(first: 0, count: UInt32(end - begin), offset: offset))
    return begin
  }
}
