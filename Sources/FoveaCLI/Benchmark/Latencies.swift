/// The distribution of measured times, in milliseconds.
struct Latencies: Encodable {
  var min: Double
  var p10: Double
  var median: Double
  var p90: Double
  var p99: Double
  var p999: Double
  var max: Double

  /// - Parameter times: at least one.
  init(_ times: [Double]) {
    let sorted = times.sorted()
    min = sorted.percentile(0).rounded3
    p10 = sorted.percentile(0.1).rounded3
    median = sorted.percentile(0.5).rounded3
    p90 = sorted.percentile(0.9).rounded3
    p99 = sorted.percentile(0.99).rounded3
    p999 = sorted.percentile(0.999).rounded3
    max = sorted.percentile(1).rounded3
  }

  /// The rate at the median; 0 where the clock saw no time pass.
  func gmacsPerSecond(_ macs: Int) -> Double { median > 0 ? (Double(macs) / median / 1e6).rounded3 : 0 }
}

extension [Double] {
  /// Of sorted numbers, at least one: between the two around that share, in proportion.
  func percentile(_ share: Double) -> Double {
    let position = share * Double(count - 1)
    let below = Int(position)
    let above = Swift.min(below + 1, count - 1)
    return self[below] + (self[above] - self[below]) * (position - Double(below))
  }

  /// At least one, in any order.
  var median: Double { sorted().percentile(0.5) }
}
