import Glibc

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

/// What may have falsified a measurement: a clock that changed, or neighbours.
struct Disturbance {
  private let switchesBefore = Self.involuntarySwitches()

  /// Sentences for people; none where nothing was noticed.
  ///
  /// - Parameter times: of the runs since this value was made, in their order, in milliseconds.
  func warnings(_ times: [Double]) -> [String] {
    var warnings: [String] = []
    // Medians of fewer runs differ by themselves.
    if times.count >= 30 {
      let third = times.count / 3
      let (first, last) = (Array(times.prefix(third)).median, Array(times.suffix(third)).median)
      if first > 0, last > 0, max(first, last) > 1.1 * min(first, last) {
        warnings.append(
          "the first third of the runs took \(decimal(first, places: 3)) ms, the last \(decimal(last, places: 3)) ms: "
            + "the processor's clock may have changed, or another program begun or ended")
      }
    }
    let switches = Self.involuntarySwitches() - switchesBefore
    let seconds = times.reduce(0, +) / 1000
    if switches > 5, Double(switches) > 5 * seconds {
      warnings.append(
        "other programs interrupted the runs \(switches) times in \(decimal(seconds, places: 1)) s: "
          + "their times are too long")
    }
    return warnings
  }

  /// How often the system took the processor away from this process to give it to others.
  private static func involuntarySwitches() -> Int {
    var usage = rusage()
    return unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_nivcsw : 0
  }
}
