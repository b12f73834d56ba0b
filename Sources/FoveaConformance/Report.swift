#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// What became of a case.
enum Outcome {
  case passed
  /// Converted, and wrong; or right where it should not be.
  case failed(String)
  /// Every operator is claimed, and the converter refused.
  case refused(String)
  /// Refused as the list of limits says.
  case limited(String)
  case notClaimed(String)
}

/// Counts of outcomes by the operator that cases are about.
struct Report {
  private struct Counts {
    var passed = 0
    var failed = 0
    var limited = 0
    var notClaimed = 0
  }

  private(set) var names: Set<String> = []
  private var counts: [String: Counts] = [:]
  private var failures: [String] = []
  private var limits: [String: Int] = [:]

  var hasFailures: Bool { !failures.isEmpty }

  mutating func add(_ outcome: Outcome, name: String, subject: String) {
    names.insert(name)
    switch outcome {
    case .passed: counts[subject, default: Counts()].passed += 1
    case .failed(let reason), .refused(let reason):
      counts[subject, default: Counts()].failed += 1
      failures.append("\(name): \(reason)")
    case .limited(let limit):
      counts[subject, default: Counts()].limited += 1
      limits[limit, default: 0] += 1
    case .notClaimed: counts[subject, default: Counts()].notClaimed += 1
    }
  }

  func print() {
    Swift.print("operator                          passed  failed  beyond limits  not claimed")
    var total = Counts()
    for (subject, counts) in counts.sorted(by: { $0.key < $1.key }) {
      total.passed += counts.passed
      total.failed += counts.failed
      total.limited += counts.limited
      total.notClaimed += counts.notClaimed
      // An operator none of whose cases is claimed is only counted.
      if counts.passed + counts.failed + counts.limited > 0 { Swift.print(line(subject, counts)) }
    }
    Swift.print(line("all", total))
    for (limit, count) in limits.sorted(by: { $0.key < $1.key }) { Swift.print("beyond limits: \(count) for \(limit)") }
    for failure in failures { Swift.print("FAILED \(failure)") }
    let claimed = total.passed + total.failed
    Swift.print("\(total.passed) of \(claimed) claimed cases passed")
  }

  private func line(_ name: String, _ counts: Counts) -> String {
    func column(_ number: Int, _ width: Int) -> String {
      let text = "\(number)"
      return String(repeating: " ", count: max(1, width - text.count)) + text
    }
    let padding = String(repeating: " ", count: max(1, 32 - name.count))
    return name + padding + column(counts.passed, 8) + column(counts.failed, 8) + column(counts.limited, 15)
      + column(counts.notClaimed, 13)
  }
}
