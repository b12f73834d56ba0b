import Glibc

/// Sums up what an `EnergySource` tells while work is done.
///
/// It must be asked to `sample` at least once a minute, and where there is only a sensor of power as often as that is to be
/// caught; samples that follow sooner than `interval` cost only a look at the clock.
package struct EnergyMeter {
  /// Seconds between readings: sensors' values change no more often.
  private static let interval = 0.01

  private let source: EnergySource
  private var joules = 0.0
  private var counters: [Int] = []
  private var microwatts = 0
  private var last: Double
  private var hasFailed = false

  /// Begins to count.
  ///
  /// - Parameter now: a clock's seconds, as for `sample`.
  package init(_ source: EnergySource, now: Double) {
    self.source = source
    last = now
    switch source {
    case .counters(let zones):
      counters = zones.compactMap { $0.read() }
      hasFailed = counters.count != zones.count
    case .sensor(let sensor):
      let value = sensor.read()
      microwatts = value ?? 0
      hasFailed = value == nil
    case .none: hasFailed = true
    }
  }

  /// Reads the source, if it is time.
  package mutating func sample(now: Double, force: Bool = false) {
    guard !hasFailed, force || now - last >= Self.interval else { return }
    switch source {
    case .counters(let zones):
      for (index, zone) in zones.enumerated() {
        guard let value = zone.read() else {
          hasFailed = true
          return
        }
        joules += Double(zone.difference(from: counters[index], to: value)) / 1e6
        counters[index] = value
      }
    case .sensor(let sensor):
      guard let value = sensor.read() else {
        hasFailed = true
        return
      }
      // Between two readings, the mean of both.
      joules += Double(microwatts + value) / 2e6 * (now - last)
      microwatts = value
    case .none: break
    }
    last = now
  }

  /// Joules from the beginning to now; nil where the source could not be read throughout.
  package mutating func total(now: Double) -> Double? {
    sample(now: now, force: true)
    return hasFailed ? nil : joules
  }
}
