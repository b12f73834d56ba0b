import Glibc

/// What may have falsified a measurement: a clock that changed, or neighbours.
package struct Disturbance: Encodable {
  /// Medians of the first and the last third of the runs, in milliseconds; nil for fewer than 30 runs, whose medians differ by
  /// themselves.
  var firstThird: Double?
  var lastThird: Double?
  /// How often the system took the processor away from this process to give it to others.
  var involuntarySwitches: Int
  /// Of all runs together.
  var seconds: Double

  private enum CodingKeys: String, CodingKey {
    case seconds
    case firstThird = "first_third_median_milliseconds"
    case lastThird = "last_third_median_milliseconds"
    case involuntarySwitches = "involuntary_switches"
  }

  /// - Parameters:
  ///   - times: of the runs in their order, in milliseconds.
  package init(_ times: [Double], involuntarySwitches: Int) {
    if times.count >= 30 {
      let third = times.count / 3
      firstThird = Array(times.prefix(third)).median.rounded3
      lastThird = Array(times.suffix(third)).median.rounded3
    }
    self.involuntarySwitches = involuntarySwitches
    seconds = (times.reduce(0, +) / 1000).rounded3
  }

  /// Sentences for people; none where nothing was noticed.
  package var warnings: [String] {
    var warnings: [String] = []
    if let first = firstThird, let last = lastThird, first > 0, last > 0, max(first, last) > 1.1 * min(first, last) {
      warnings.append(
        "the first third of the runs took \(decimal(first, places: 3)) ms, the last \(decimal(last, places: 3)) ms: "
          + "the processor's clock may have changed, or another program begun or ended")
    }
    if involuntarySwitches > 5, Double(involuntarySwitches) > 5 * seconds {
      warnings.append(
        "other programs interrupted the runs \(involuntarySwitches) times in \(duration): "
          + "their times are too long")
    }
    return warnings
  }

  private var duration: String {
    if seconds < 0.001 { return "less than 1 ms" }
    return seconds < 1 ? "\(decimal(seconds * 1000, places: 0)) ms" : "\(decimal(seconds, places: 1)) s"
  }

  /// Of this process since it began.
  static func involuntarySwitchesSoFar() -> Int {
    var usage = rusage()
    return unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_nivcsw : 0
  }
}
