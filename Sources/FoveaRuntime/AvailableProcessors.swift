/// How many processors a process may use, read from the files in which Linux says so.
///
/// Pure but for `read`, which gives a file's text, or nil where it cannot be read.
package struct AvailableProcessors {
  private let read: (_ path: String) -> String?

  package init(read: @escaping (_ path: String) -> String?) { self.read = read }

  /// Cores that the process may use: by its affinity mask, hardware threads of one core counted once, and no more than the
  /// processor time that its control groups allow. At least 1; nil where the system does not tell.
  package var coreCount: Int? {
    guard let processors = affinity else { return nil }
    let cores = Self.isThreaded(read("/sys/devices/system/cpu/smt/active")) ? cores(of: processors) : processors.count
    return max(1, min(cores, quota.map { Int($0) } ?? cores))
  }

  /// The processors of the affinity mask. (glibc's sched_getaffinity is not visible to Swift.)
  package var affinity: [Int]? {
    let label = "Cpus_allowed_list:"
    guard let line = read("/proc/self/status")?.split(separator: "\n").first(where: { $0.hasPrefix(label) }),
      case let list = Self.processors(inList: line.dropFirst(label.count)), !list.isEmpty
    else { return nil }
    return list
  }

  /// "1" where cores run several hardware threads, "0" where not; without an answer each core is asked for its own.
  private static func isThreaded(_ active: String?) -> Bool { active?.first != "0" }

  /// How many of the cores have any of the processors.
  private func cores(of processors: [Int]) -> Int {
    var counted: Set<Int> = []
    var count = 0
    for processor in processors where !counted.contains(processor) {
      count += 1
      let list = read("/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list")
      counted.formUnion(list.map { Self.processors(inList: $0[...]) } ?? [])
    }
    return count
  }

  /// Linux's list format: "0-3,8,10-11". Empty where the text is something else.
  package static func processors(inList text: Substring) -> [Int] {
    // More than Linux can have: a guard against a damaged text.
    let limit = 1 << 16
    var processors: [Int] = []
    for part in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
        (0...last).contains(first), last < limit
      else { return [] }
      processors += first...last
    }
    return processors
  }

  /// Processor time a second, in seconds, that the tightest of the control groups around this process allows; nil for no
  /// limit. Version 2 keeps "quota period" or "max period" in cpu.max; version 1 has a file for each, with a quota of -1 for none.
  private var quota: Double? {
    guard let groups = read("/proc/self/cgroup") else { return nil }
    var limits: [Double] = []
    for line in groups.split(separator: "\n") {
      // "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      if fields[1].isEmpty {
        limits += ancestors(fields[2]).compactMap { limit(read("/sys/fs/cgroup\($0)/cpu.max")) }
      } else if fields[1].split(separator: ",").contains("cpu") {
        limits += ancestors(fields[2]).compactMap { path in
          let folder = "/sys/fs/cgroup/\(fields[1])\(path)"
          guard let quota = read("\(folder)/cpu.cfs_quota_us") else { return nil }
          return limit(read("\(folder)/cpu.cfs_period_us").map { "\(quota) \($0)" })
        }
      }
    }
    return limits.min()
  }

  /// "/a/b", "/a" and "". A container sees its own group as the root, whatever the path says.
  private func ancestors(_ path: Substring) -> [String] {
    var parts = path.split(separator: "/")
    var paths = [""]
    while !parts.isEmpty {
      paths.append("/" + parts.joined(separator: "/"))
      parts.removeLast()
    }
    return paths
  }

  /// "150000 100000" is 1.5 processors.
  private func limit(_ text: String?) -> Double? {
    let numbers = (text ?? "").split(whereSeparator: \.isWhitespace).map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else { return nil }
    return quota / period
  }
}
