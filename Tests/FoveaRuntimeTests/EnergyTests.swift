import Foundation
import FoveaRuntime
import Testing

/// Energy from folders that look as Linux's do.
@Suite struct EnergyTests {
  /// A folder tree that is removed with its test.
  private final class Tree {
    let path: String
    var powercap: String { path + "/powercap" }
    var hwmon: String { path + "/hwmon" }

    init(_ files: [String: String] = [:]) throws {
      path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path(percentEncoded: false)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for (file, text) in files { try write(text, to: file) }
    }

    func write(_ text: String, to file: String) throws {
      let url = URL(filePath: path + "/" + file)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: url)
    }

    func add(zone: String, name: String, energy: Int, range: Int = 262_143_328_850) throws {
      try write(name, to: "powercap/\(zone)/name")
      try write("\(range)", to: "powercap/\(zone)/max_energy_range_uj")
      try write("\(energy)", to: "powercap/\(zone)/energy_uj")
    }

    var source: EnergySource { EnergySource(powercap: powercap, hwmon: hwmon) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Two sockets as an Intel server shows them, each package twice, with parts that the packages include.
  private static func server() throws -> Tree {
    let tree = try Tree(["powercap/intel-rapl/enabled": "1", "powercap/dtpm/name": "dtpm"])
    for package in 0..<2 {
      try tree.add(zone: "intel-rapl:\(package)", name: "package-\(package)", energy: 1000)
      try tree.add(zone: "intel-rapl-mmio:\(package)", name: "package-\(package)", energy: 1000)
      try tree.add(zone: "intel-rapl:\(package):0", name: "core", energy: 500)
      try tree.add(zone: "intel-rapl:\(package):1", name: "uncore", energy: 100)
      try tree.add(zone: "intel-rapl:\(package):2", name: "dram", energy: 200)
      try tree.add(zone: "intel-rapl-mmio:\(package):0", name: "dram", energy: 200)
    }
    try tree.add(zone: "intel-rapl:2", name: "psys", energy: 5000)
    return tree
  }

  @Test func packagesAndTheirMemoryCountOnce() throws {
    let tree = try Self.server()
    guard case .counters(let zones) = tree.source else {
      Issue.record("\(tree.source)")
      return
    }
    #expect(zones.map(\.name).sorted() == ["dram", "dram", "package-0", "package-1"])
    #expect(Set(zones.map(\.path)).count == 4)
    #expect(zones.allSatisfy { $0.range == 262_143_328_850 })
  }

  @Test func sumsCountersOverWrapAround() throws {
    let tree = try Tree()
    try tree.add(zone: "intel-rapl:0", name: "package-0", energy: 900_000, range: 1_000_000)
    try tree.add(zone: "intel-rapl:1", name: "package-1", energy: 100, range: 1_000_000)
    var meter = EnergyMeter(tree.source, now: 10)
    try tree.write("300000", to: "powercap/intel-rapl:0/energy_uj")
    try tree.write("500100", to: "powercap/intel-rapl:1/energy_uj")
    meter.sample(now: 11)
    // Too early: not read, and not lost.
    try tree.write("400000", to: "powercap/intel-rapl:0/energy_uj")
    meter.sample(now: 11.001)
    try tree.write("0", to: "powercap/intel-rapl:1/energy_uj")
    // 0.1 J to the end of the range, 0.4 J after it; 0.5 J, then 0.4999 J to the end of its range.
    let total = meter.total(now: 11.002)
    let expected: Double = 0.1 + 0.4 + 0.5 + 0.4999
    #expect(abs(try #require(total) - expected) < 1e-9)
  }

  @Test(arguments: [(5, 9, 100, 4), (90, 10, 100, 20), (100, 0, 100, 0), (0, 0, 100, 0), (120, 3, 100, 3)])
  func differences(before: Int, after: Int, range: Int, expected: Int) {
    #expect(EnergyCounter(name: "a", path: "b", range: range).difference(from: before, to: after) == expected)
  }

  @Test func theRailThatFeedsTheOthers() throws {
    let tree = try Tree([
      "hwmon/hwmon0/name": "cpu_thermal", "hwmon/hwmon0/temp1_input": "99000000", "hwmon/hwmon1/name": "ina3221",
      "hwmon/hwmon1/power1_input": "4200000", "hwmon/hwmon1/power1_label": "VDD_IN",
      "hwmon/hwmon1/power2_input": "1100000", "hwmon/hwmon1/power2_label": "VDD_CPU",
      "hwmon/hwmon1/power1_max": "90000000", "hwmon/hwmon1/power_input": "95000000",
    ])
    guard case .sensor(let sensor) = tree.source else {
      Issue.record("\(tree.source)")
      return
    }
    #expect(sensor.name == "ina3221 VDD_IN")
    var meter = EnergyMeter(.sensor(sensor), now: 0)
    try tree.write("6200000", to: "hwmon/hwmon1/power1_input")
    meter.sample(now: 2)
    // From 4.2 W to 6.2 W in 2 s, then 6.2 W for 1 s.
    let total = meter.total(now: 3)
    let expected: Double = 10.4 + 6.2
    #expect(abs(try #require(total) - expected) < 1e-9)
  }

  @Test func sensorWhereCountersCannotBeRead() throws {
    let tree = try Tree(["hwmon/hwmon0/name": "board", "hwmon/hwmon0/power1_average": "1000"])
    try tree.add(zone: "intel-rapl:0", name: "package-0", energy: 5)
    // A folder in place of the file: what root may read as well as anybody, that is not at all.
    try FileManager.default.removeItem(atPath: tree.powercap + "/intel-rapl:0/energy_uj")
    try FileManager.default.createDirectory(
      atPath: tree.powercap + "/intel-rapl:0/energy_uj", withIntermediateDirectories: true)
    guard case .sensor(let sensor) = tree.source else {
      Issue.record("\(tree.source)")
      return
    }
    #expect(sensor.name == "board")
    try FileManager.default.removeItem(atPath: tree.hwmon)
    guard case .none(let reason) = tree.source else {
      Issue.record("\(tree.source)")
      return
    }
    #expect(reason.contains("intel-rapl:0/energy_uj") && reason.contains("cannot be read"))
  }

  @Test(arguments: [
    [:], ["powercap/intel-rapl:0/name": "package-0"],
    ["powercap/intel-rapl:0/name": "package-0", "powercap/intel-rapl:0/max_energy_range_uj": "0"],
    ["powercap/intel-rapl:0/name": "psys", "powercap/intel-rapl:0/max_energy_range_uj": "9"],
    ["hwmon/hwmon0/power1_input": "what"], ["hwmon/hwmon0/power1_input": "-5"], ["hwmon": "a file"],
  ])
  func nothingToRead(files: [String: String]) throws {
    let tree = try Tree(files)
    guard case .none(let reason) = tree.source else {
      Issue.record("\(tree.source)")
      return
    }
    #expect(reason.contains(tree.powercap) && reason.contains(tree.hwmon))
    var meter = EnergyMeter(tree.source, now: 0)
    let total = meter.total(now: 1)
    #expect(total == nil)
  }

  @Test func counterThatDisappears() throws {
    let tree = try Tree()
    try tree.add(zone: "intel-rapl:0", name: "package-0", energy: 5)
    var meter = EnergyMeter(tree.source, now: 0)
    try FileManager.default.removeItem(atPath: tree.powercap)
    meter.sample(now: 1)
    let total = meter.total(now: 2)
    #expect(total == nil)
  }
}
