import FoveaCore
import FoveaGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How activations' ranges are found.
public enum CalibrationMethod: Hashable, Sendable {
  /// The smallest and the largest value seen.
  case minMax
  /// The range that holds this share (0...1) of all values, the rest cut off evenly.
  case percentile(Double)
  /// The range whose 256 steps have the smallest mean squared error, rounding and cutting off together.
  case meanSquaredError
  /// The range whose 256 steps lose the least information: the smallest Kullback-Leibler divergence of the values' distribution
  /// from the one that is left (Migacz, "8-bit Inference with TensorRT", 2017).
  case entropy
  /// For each activation the one of the others (percentile at 99.99 %) whose range has the smallest mean squared error.
  case automatic
}

/// How often an activation took which values, in bins of equal width.
struct Histogram {
  private let extremes: ValueRange
  private let bins: [Int]
  private let width: Double

  init(extremes: ValueRange, bins: [Int]) {
    self.extremes = extremes
    self.bins = bins
    width = (Double(extremes.max) - Double(extremes.min)) / Double(bins.count)
  }

  func range(_ method: CalibrationMethod) -> ValueRange {
    switch method {
    case .minMax: return extremes
    case .percentile(let share): return percentile(share)
    case .meanSquaredError: return smallest { meanSquaredError(of: $0) }
    case .entropy: return smallest { divergence(of: $0) }
    case .automatic:
      // What costs as much as min-max cuts nothing off: ties go to the first.
      let candidates = [CalibrationMethod.minMax, .meanSquaredError, .percentile(0.9999), .entropy].map { range($0) }
      return candidates.min { meanSquaredError(of: $0) < meanSquaredError(of: $1) } ?? extremes
    }
  }

  /// Lower end of a bin.
  private func edge(_ bin: Int) -> Double { Double(extremes.min) + Double(bin) * width }

  private func percentile(_ share: Double) -> ValueRange {
    let cut = Int(Double(bins.reduce(0, +)) * (1 - share) / 2)
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
    return ValueRange(min: Float(edge(first)), max: Float(edge(last + 1)))
  }

  /// The range with the smallest cost, of those that keep 30 to 100 % of what lies on each side of zero: each side by turns,
  /// because few activations have two.
  private func smallest(_ cost: (ValueRange) -> Double) -> ValueRange {
    var best = (cost: cost(extremes), range: extremes)
    for _ in 0..<2 {
      for side in [\ValueRange.min, \ValueRange.max] {
        // An end beyond zero is no end: zero is always covered.
        guard side == \ValueRange.min ? extremes.min < 0 : extremes.max > 0 else { continue }
        for percent in stride(from: 98, through: 30, by: -2) {
          var range = best.range
          range[keyPath: side] = extremes[keyPath: side] * Float(percent) / 100
          let found = cost(range)
          if found < best.cost { best = (found, range) }
        }
      }
    }
    return best.range
  }

  /// The mean squared difference between values and what a range's 256 steps make of them.
  func meanSquaredError(of range: ValueRange) -> Double {
    let quantization = AffineQuantization(covering: range)
    let (scale, zeroPoint) = (Double(quantization.scale), Double(quantization.zeroPoint))
    var sum = 0.0
    for (bin, count) in bins.enumerated() where count > 0 {
      let value = middle(of: bin)
      let step = max(0, min(255, (value / scale).rounded() + zeroPoint))
      let error = (step - zeroPoint) * scale - value
      sum += Double(count) * error * error
    }
    return sum / Double(max(1, bins.reduce(0, +)))
  }

  /// A value that stands for a bin: zero and the extremes where the bin holds them, for these are what clamps give.
  private func middle(of bin: Int) -> Double {
    let (low, high) = (edge(bin), edge(bin + 1))
    if low <= 0, high >= 0 { return 0 }
    if bin == 0 { return Double(extremes.min) }
    return bin == bins.count - 1 ? Double(extremes.max) : (low + high) / 2
  }

  /// The Kullback-Leibler divergence, in nats, of the distribution cut off at a range's ends from that of its 256 steps, each
  /// step's share spread evenly over the bins of it that hold values. Zeros are left out: they stay exact in every range, and a
  /// ReLU's many would otherwise be all that counts.
  private func divergence(of range: ValueRange) -> Double {
    let quantization = AffineQuantization(covering: range)
    let (scale, zeroPoint) = (Double(quantization.scale), Double(quantization.zeroPoint))
    let (lowest, highest) = (-zeroPoint * scale, (255 - zeroPoint) * scale)
    let bins = self.bins.indices.map { middle(of: $0) == 0 ? 0 : self.bins[$0] }
    var reference = [Double](repeating: 0, count: bins.count)
    var ends = (first: bins.count, last: 0)
    var steps = [Double](repeating: 0, count: 256)
    var occupied = [Int](repeating: 0, count: 256)
    func step(_ bin: Int) -> Int { max(0, min(255, Int((middle(of: bin) / scale).rounded() + zeroPoint))) }
    for bin in bins.indices where (lowest...highest).contains(middle(of: bin)) {
      ends = (min(ends.first, bin), max(ends.last, bin))
      guard bins[bin] > 0 else { continue }
      steps[step(bin)] += Double(bins[bin])
      occupied[step(bin)] += 1
    }
    guard ends.first <= ends.last else { return .infinity }
    // What is cut off counts at the ends.
    for (bin, count) in bins.enumerated() { reference[max(ends.first, min(ends.last, bin))] += Double(count) }
    let (all, kept) = (reference.reduce(0, +), steps.reduce(0, +))
    guard kept > 0 else { return .infinity }
    var sum = 0.0
    for bin in ends.first...ends.last where reference[bin] > 0 {
      let index = step(bin)
      // A share of nothing would make the divergence infinite: half a value stands for it.
      let share = bins[bin] > 0 ? steps[index] / Double(occupied[index]) / kept : 0.5 / kept
      sum += reference[bin] / all * log(reference[bin] / all / share)
    }
    return sum
  }
}
