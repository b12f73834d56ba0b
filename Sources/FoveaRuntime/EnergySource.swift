import Glibc

/// What this machine tells of its energy, found in the folders that Linux shows its sensors in.
package enum EnergySource: Equatable, Sendable {
  /// Counters of energy: RAPL's, through the powercap framework.
  case counters([EnergyCounter])
  /// A sensor of power, which must be read often and summed up.
  case sensor(PowerSensor)
  /// None, and why.
  case none(reason: String)

  /// Looks for counters first, being exact, then for a sensor.
  ///
  /// - Parameters:
  ///   - powercap: /sys/class/powercap, or a folder like it.
  ///   - hwmon: /sys/class/hwmon, or a folder like it.
  package init(powercap: String = "/sys/class/powercap", hwmon: String = "/sys/class/hwmon") {
    let zones = EnergyCounter.all(in: powercap)
    let readable = zones.filter { $0.read() != nil }
    // Half of the packages would be half of the truth.
    if !zones.isEmpty, readable.count == zones.count {
      self = .counters(zones)
    } else if let sensor = PowerSensor.main(in: hwmon) {
      self = .sensor(sensor)
    } else if !zones.isEmpty {
      self = .none(reason: "\(zones[0].path) cannot be read by this user; root may")
    } else {
      self = .none(reason: "\(powercap) has no processor package and \(hwmon) no power sensor")
    }
  }
}

/// A counter of microjoules that starts again at 0 where it reaches its range: a zone of Linux's powercap framework
/// (Documentation/power/powercap/powercap.rst).
package struct EnergyCounter: Equatable, Sendable {
  /// "package-0", "dram".
  package let name: String
  /// The file energy_uj.
  package let path: String
  /// The largest value, in microjoules.
  package let range: Int

  package init(name: String, path: String, range: Int) {
    self.name = name
    self.path = path
    self.range = range
  }

  /// The packages, and their memory, which no package counts. Cores and graphics are parts of their package; "psys" is the
  /// whole board, of which not every machine has one, so that machines could not be compared by it. A package that two
  /// interfaces show (intel-rapl and intel-rapl-mmio) counts once.
  package static func all(in folder: String) -> [EnergyCounter] {
    var seen: Set<String> = []
    return entries(of: folder).compactMap { entry in
      let zone = "\(folder)/\(entry)"
      guard let name = text(of: "\(zone)/name"), name.hasPrefix("package-") || name == "dram",
        let range = text(of: "\(zone)/max_energy_range_uj").flatMap(Int.init), range > 0
      else { return nil }
      // "intel-rapl:1:2" is of package 1.
      let package = entry.split(separator: ":").dropFirst().first ?? ""
      guard seen.insert(name == "dram" ? "dram \(package)" : name).inserted else { return nil }
      return EnergyCounter(name: name, path: "\(zone)/energy_uj", range: range)
    }
  }

  /// The counter now; nil where it cannot be read.
  package func read() -> Int? { text(of: path).flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil } }

  /// Microjoules from one reading to a later one, between which the counter has started again at most once.
  package func difference(from before: Int, to after: Int) -> Int {
    after >= before ? after - before : max(0, range - before) + after
  }
}

/// A sensor that tells the power that flows now (Linux's Documentation/hwmon/sysfs-interface.rst).
package struct PowerSensor: Equatable, Sendable {
  /// The chip's name and the rail's label: "ina3221 VDD_IN".
  package let name: String
  /// The file power*_input or power*_average.
  package let path: String

  /// The sensor that shows the most power now: on a board that measures several rails, the one that feeds the others.
  package static func main(in folder: String) -> PowerSensor? {
    var best: (sensor: PowerSensor, microwatts: Int)?
    for chip in entries(of: folder) {
      for file in entries(of: "\(folder)/\(chip)") {
        let parts = file.split(separator: "_")
        guard file.hasPrefix("power"), parts.count == 2, parts[1] == "input" || parts[1] == "average",
          Int(parts[0].dropFirst(5)) != nil
        else { continue }
        let path = "\(folder)/\(chip)"
        let names = [text(of: "\(path)/name"), text(of: "\(path)/\(parts[0])_label")].compactMap(\.self)
        let sensor = PowerSensor(name: names.joined(separator: " "), path: "\(path)/\(file)")
        if let power = sensor.read(), power > best?.microwatts ?? 0 { best = (sensor, power) }
      }
    }
    return best?.sensor
  }

  /// Microwatts; nil where it cannot be read.
  package func read() -> Int? { text(of: path).flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil } }
}

/// The names in a folder, sorted; none where it cannot be read.
private func entries(of folder: String) -> [String] {
  guard let directory = unsafe opendir(folder) else { return [] }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
      unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

/// The first line of a small file; nil where it cannot be read.
private func text(of path: String) -> String? {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes = [UInt8](repeating: 0, count: 256)
  let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
  guard count > 0 else { return nil }
  return String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
}
