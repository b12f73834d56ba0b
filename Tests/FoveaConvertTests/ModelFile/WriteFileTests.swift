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
      #expect(reason(folder + "/missing/model") == "cannot write into \(folder)/missing: No such file or directory")
      #expect(unsafe mknod(folder + "/socket", S_IFSOCK | 0o600, 0) == 0)
      #expect(reason(folder + "/socket") == "cannot write: is a socket")
      let left = try contents(folder)
      #expect(left == ["socket"])
    }
  }

  /// The link stays, and what it leads to, which need not exist, is a whole new file.
  @Test(
    arguments: [
      ["link": "FOLDER/target"], ["link": "target"], ["link": "FOLDER/a/b", "a/b": "../c", "c": "target"],
      ["link": "self/self/target", "self": "."],
    ], [true, false])
  func linksAreFollowed(links: [String: String], exists: Bool) throws {
    try inFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/a", withIntermediateDirectories: true)
      for (link, target) in links {
        #expect(unsafe symlink(target.replacing("FOLDER", with: folder), folder + "/" + link) == 0)
      }
      if exists { try writeFile([1], to: folder + "/target") }
      let before = try contents(folder)
      try writeFile([2], to: folder + "/link")
      #expect(try bytes(folder + "/target") == [2])
      for link in links.keys { #expect(kind(folder + "/" + link) == S_IFLNK, "\(link)") }
      #expect(kind(folder + "/target") == S_IFREG)
      #expect(try contents(folder) == Set(before + ["target"]).sorted())
    }
  }

  @Test func linksThatLeadNowhere() throws {
    try inFolder { folder in
      for (link, target) in [("lost", "missing/model"), ("a", "b"), ("b", "a"), ("folder", ".")] {
        #expect(unsafe symlink(target, folder + "/" + link) == 0)
      }
      #expect(reason(folder + "/lost") == "cannot write into \(folder)/missing: No such file or directory")
      #expect(reason(folder + "/a") == "cannot write: Too many levels of symbolic links")
      #expect(reason(folder + "/folder") == "cannot write: is a directory")
      let left = try contents(folder)
      #expect(left == ["a", "b", "folder", "lost"])
    }
  }

  /// As another process would read it, through a link as well; the pipe stays one.
  @Test(arguments: ["pipe", "link"])
  func pipesAreWritten(name: String) throws {
    try inFolder { folder in
      #expect(unsafe mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(unsafe symlink("pipe", folder + "/link") == 0)
      let reader = unsafe open(folder + "/pipe", O_RDONLY | O_NONBLOCK)
      try #require(reader >= 0)
      defer { close(reader) }
      try writeFile([1, 2, 3], to: folder + "/" + name)
      var read = [UInt8](repeating: 0, count: 10)
      let count = unsafe Glibc.read(reader, &read, read.count)
      #expect(read.prefix(max(0, count)) == [1, 2, 3])
      #expect(kind(folder + "/pipe") == S_IFIFO)
      #expect(try contents(folder) == ["link", "pipe"])
    }
  }

  /// What /dev/stdout leads to, by a link of the test's own. The descriptor goes on where it stood, and after what was written;
  /// seen as another process's, by its task, the file is written at its end. Nothing is replaced or shortened.
  @Test(arguments: [("/proc/self/fd/", [9, 1, 2, 7, 9]), ("/proc/self/task/\(getpid())/fd/", [9, 7, 9, 9, 9, 1, 2])])
  func openFilesAreWritten(descriptors: String, expected: [UInt8]) throws {
    try inFolder { folder in
      try writeFile([9, 9, 9, 9, 9], to: folder + "/file")
      let file = unsafe open(folder + "/file", O_RDWR)
      try #require(file >= 0)
      defer { close(file) }
      #expect(lseek(file, 1, SEEK_SET) == 1)
      #expect(unsafe symlink(descriptors + "\(file)", folder + "/link") == 0)
      try writeFile([1, 2], to: folder + "/link")
      #expect(unsafe write(file, [UInt8(7)], 1) == 1)
      #expect(try bytes(folder + "/file") == expected)
      #expect(kind(folder + "/link") == S_IFLNK)
      #expect(try contents(folder) == ["file", "link"])
    }
  }

  private func kind(_ path: String) -> mode_t? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_mode & S_IFMT : nil
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
