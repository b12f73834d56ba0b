import Fovea
import FoveaConvert
import Glibc

/// The machine beside its processor, and when it was asked.
struct SystemFacts: Encodable {
  /// "Linux 6.1.0".
  var operatingSystem =
    "\(Self.line(of: "/proc/sys/kernel/ostype") ?? "") \(Self.line(of: "/proc/sys/kernel/osrelease") ?? "")"
  /// That this process may use.
  var processors = CPU.availableCount
  /// How the system chooses the clock: "performance", "schedutil"; nil where it does not tell.
  var governor = Self.line(of: "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
  /// "2026-01-31 12:00 UTC".
  var date = Self.currentDate()
  var fovea = foveaVersion

  private enum CodingKeys: String, CodingKey {
    case processors, governor, date, fovea
    case operatingSystem = "operating_system"
  }

  private static func currentDate() -> String {
    var seconds = time(nil)
    var parts = unsafe tm()
    guard unsafe gmtime_r(&seconds, &parts) != nil else { return "" }
    let numbers = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min]
    let texts = numbers.map { $0 < 10 ? "0\($0)" : "\($0)" }
    return texts[..<3].joined(separator: "-") + " " + texts[3...].joined(separator: ":") + " UTC"
  }

  /// The first line of a small file of the system's; nil where there is none.
  private static func line(of path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return readAll(descriptor).map { String(decoding: $0.prefix { $0 != 0x0A }, as: UTF8.self) }
  }
}
