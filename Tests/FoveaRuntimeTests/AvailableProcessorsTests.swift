import FoveaRuntime
import Testing

/// How many cores a process may use, from Linux's own words for it.
struct AvailableProcessorsTests {
  private func processors(_ files: [String: String]) -> AvailableProcessors {
    AvailableProcessors(read: { files[$0] })
  }

  @Test(
    arguments: [
      ("0", [0]), ("0-3", [0, 1, 2, 3]), (" 0-1,4,6-7\n", [0, 1, 4, 6, 7]), ("", []), ("x", []), ("3-1", []),
      ("1-2-3", []), ("0-", []), ("0-99999999999", []), ("-1", []),
    ] as [(Substring, [Int])])
  func lists(_ text: Substring, _ expected: [Int]) {
    #expect(AvailableProcessors.processors(inList: text) == expected)
  }

  private static func status(_ list: String) -> String {
    "Name:\tfovea\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\nMems_allowed_list:\t0\n"
  }

  @Test func affinity() {
    #expect(processors(["/proc/self/status": Self.status("1,3")]).affinity == [1, 3])
    #expect(processors(["/proc/self/status": "Name:\tfovea\n"]).affinity == nil)
    #expect(processors([:]).coreCount == nil)
  }

  /// Two hardware threads a core, numbered apart (0 and 4 are one core) or in pairs (0 and 1 are).
  @Test(arguments: [
    (apart: true, "0-7", 4), (true, "0-3", 4), (true, "0,4", 1), (false, "0-7", 4), (false, "0,2-3", 2),
  ])
  func siblingsCountOnce(apart: Bool, _ allowed: String, _ expected: Int) {
    var files = ["/proc/self/status": Self.status(allowed), "/sys/devices/system/cpu/smt/active": "1\n"]
    for processor in 0..<8 {
      let siblings = apart ? "\(processor % 4),\(processor % 4 + 4)" : "\(processor / 2 * 2)-\(processor / 2 * 2 + 1)"
      files["/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list"] = siblings + "\n"
    }
    #expect(processors(files).coreCount == expected)
    files["/sys/devices/system/cpu/smt/active"] = nil
    #expect(processors(files).coreCount == expected)
  }

  /// Where the system says nothing of cores, each processor is one.
  @Test func withoutTopology() {
    #expect(processors(["/proc/self/status": Self.status("0-5")]).coreCount == 6)
    let files = ["/proc/self/status": Self.status("0-5"), "/sys/devices/system/cpu/smt/active": "0\n"]
    #expect(processors(files).coreCount == 6)
  }

  /// The tightest group counts, of this process or around it; a part of a processor is left to others, but never all.
  @Test(
    arguments: [
      (["/sys/fs/cgroup/a/b/cpu.max": "250000 100000\n"], 2), (["/sys/fs/cgroup/a/cpu.max": "300000 100000\n"], 3),
      (["/sys/fs/cgroup/cpu.max": "max 100000\n"], 8), (["/sys/fs/cgroup/cpu.max": "10000 100000\n"], 1),
      (["/sys/fs/cgroup/a/b/cpu.max": "500000 100000", "/sys/fs/cgroup/cpu.max": "400000 100000"], 4),
      (["/sys/fs/cgroup/cpu.max": "nonsense"], 8), (["/sys/fs/cgroup/cpu.max": "0 0"], 8), ([:], 8),
    ] as [([String: String], Int)])
  func quotaOfVersion2(_ limits: [String: String], _ expected: Int) {
    var files = limits
    files["/proc/self/status"] = Self.status("0-7")
    files["/proc/self/cgroup"] = "0::/a/b\n"
    #expect(processors(files).coreCount == expected)
  }

  @Test(arguments: [("/a", "200000", 2), ("", "600000", 6), ("/a", "-1", 8)])
  func quotaOfVersion1(_ path: String, _ quota: String, _ expected: Int) {
    let folder = "/sys/fs/cgroup/cpu,cpuacct\(path)"
    let files = [
      "/proc/self/status": Self.status("0-7"), "/proc/self/cgroup": "5:memory:/m\n4:cpu,cpuacct:/a\n0::/\n",
      "\(folder)/cpu.cfs_quota_us": quota + "\n", "\(folder)/cpu.cfs_period_us": "100000\n",
    ]
    #expect(processors(files).coreCount == expected)
  }

  @Test func thisMachineHasOne() {
    #expect(CPU.availableCount >= 1)
  }
}
