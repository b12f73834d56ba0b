import Fovea
import FoveaRuntime
import Glibc

/// What one inference costs in energy, or where the machine does not tell, in processor time.
struct Energy: Encodable {
  enum Method: String, Encodable {
    case powercap, hwmon
    case processorTime = "cpu-time"
  }

  var method: Method
  /// The counters or the sensor that were read.
  var sources: [String]
  /// Why there are no joules.
  var reason: String?
  var runs: Int
  var seconds: Double
  /// Of the whole processor or board, whatever else ran on it.
  var joulesPerInference: Double?
  var watts: Double?
  /// User's and system's time of all threads of this process.
  var cpuSecondsPerInference: Double

  private enum CodingKeys: String, CodingKey {
    case method, sources, reason, runs, seconds, watts
    case joulesPerInference = "joules_per_inference"
    case cpuSecondsPerInference = "cpu_seconds_per_inference"
  }

  /// Runs the session back to back for a second at least, that counters which change once a millisecond are exact enough.
  init(_ session: Session, source: EnergySource = EnergySource()) {
    func now() -> Double { monotonicMilliseconds() / 1000 }
    let start = now()
    let processorStart = Self.processorSeconds()
    var meter = EnergyMeter(source, now: start)
    runs = 0
    repeat {
      session.run()
      runs += 1
      meter.sample(now: now())
    } while now() - start < 1
    let joules = meter.total(now: now())
    let elapsed = now() - start
    seconds = elapsed.rounded3
    cpuSecondsPerInference = (Self.processorSeconds() - processorStart) / Double(runs)
    switch source {
    case .counters(let zones): (method, sources) = (.powercap, zones.map(\.name))
    case .sensor(let sensor): (method, sources) = (.hwmon, [sensor.name])
    case .none(let why): (method, sources, reason) = (.processorTime, [], why)
    }
    if let joules {
      joulesPerInference = joules / Double(runs)
      watts = (joules / elapsed).rounded3
    } else if reason == nil {
      reason = "\(sources.joined(separator: ", ")) could not be read to the end"
      method = .processorTime
    }
  }

  /// "12.000 mJ", or "2.531 ms of processor time".
  var perInference: String {
    if let joulesPerInference { return "\(decimal(joulesPerInference * 1000, places: 3)) mJ" }
    return "\(decimal(cpuSecondsPerInference * 1000, places: 3)) ms of processor time"
  }

  /// Where the number comes from.
  var origin: String {
    if let watts {
      return
        "\(decimal(watts, places: 2)) W by \(method.rawValue), \(sources.joined(separator: ", ")), all programs together"
    }
    return "no joules: \(reason ?? "")"
  }

  private static func processorSeconds() -> Double {
    var usage = rusage()
    guard unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }
}
