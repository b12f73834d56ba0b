import FoundationEssentials
import FoveaConvert
import Glibc
import Testing

/// A file appears whole or not at all; what was there before stays until then.
struct WriteFileTests {
  /// An empty folder, and what lies in it afterwards.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func contents(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  @Test(arguments: [0, 1, 100_000])
  func writesAndReplaces(count: Int) throws {
    try inFolder { folder in
      let path = folder + "/model"
      try writeFile([1, 2, 3], to: path)
      #expect(try bytes(path) == [1, 2, 3])
      let long = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      try writeFile(long, to: path)
      #expect(try bytes(path) == long)
      #expect(try contents(folder) == ["model"])
    }
  }

  /// What a killed process of the same number left behind is no obstacle.
  @Test func leftoversAreNoObstacle() throws {
    try inFolder { folder in
      try Data([9]).write(to: URL(filePath: "\(folder)/model.\(getpid()).0.tmp"))
      try writeFile([1], to: folder + "/model")
      #expect(try bytes(folder + "/model") == [1])
      #expect(try contents(folder) == ["model", "model.\(getpid()).0.tmp"])
    }
  }

  private func reason(_ path: String) -> String? {
    do throws(ConversionError) {
      try writeFile([1, 2, 3], to: path)
      return nil
    } catch {
      guard case .cannotWrite(path, let reason) = error else { return "another error: \(error)" }
      return reason
    }
  }

  @Test func namesWhatIsWrong() throws {
    try inFolder { folder in
      #expect(reason(folder) == "cannot write: is a directory")
      #expect(reason(folder + "/missing/model") == "cannot write: No such file or directory")
      #expect(reason("/dev/null") == "cannot write: is not a file")
      let left = try contents(folder)
      #expect(left == [])
    }
  }

  /// A link is replaced: its target may be a model in use.
  @Test func linksAreReplaced() throws {
    try inFolder { folder in
      try writeFile([1], to: folder + "/target")
      try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/target")
      try writeFile([2], to: folder + "/link")
      #expect(try bytes(folder + "/target") == [1])
      #expect(try bytes(folder + "/link") == [2])
    }
  }

  /// A disk that is full half way, as a limit on files' sizes: the old file is whole and nothing else is left. In a process of
  /// its own, for the limit holds for all of it.
  @Test func failingHalfWayLeavesTheOldFile() async {
    await #expect(processExitsWith: .success) {
      try WriteFileTests().inFolder { folder in
        let path = folder + "/model"
        try writeFile([1, 2, 3], to: path)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 50_000, rlim_max: 50_000)
        try #require(unsafe setrlimit(__rlimit_resource_t(1), &limit) == 0)  // RLIMIT_FSIZE
        do throws(ConversionError) {
          try writeFile(Array(repeating: 7, count: 100_000), to: path)
          Issue.record("a file beyond the limit was written")
        } catch {
          #expect(error == .cannotWrite(file: path, reason: "cannot write: File too large"))
        }
        #expect(try WriteFileTests().bytes(path) == [1, 2, 3])
        #expect(try WriteFileTests().contents(folder) == ["model"])
      }
    }
  }
}
