import Foundation
import Testing

/// Where results go, whatever the command: the files that `--trace`, `--html`, `-o` and the like name.
@Suite struct OutputFileTests {
  private let small = Models.smallNetwork

  private func bench(_ options: String..., shell: String? = nil) throws -> Outcome {
    let arguments = ["bench", try Models.twoInputsTwoOutputs(), "--threads", "1", "--warmup", "0", "--iterations", "1"]
    return try fovea(arguments + options, shell: shell)
  }

  /// As /dev/stdout is: a link into /proc. It was made a file, and for root /dev/stdout itself.
  @Test func standardOutput() throws {
    try withTemporaryFolder { folder in
      #expect(unsafe symlink("/proc/self/fd/1", folder + "out") == 0)
      let output = expectSuccess(try bench("--trace", folder + "out")).output
      #expect(output.hasPrefix("{\""), "the trace, and after it what is printed")
      let trace = try #require(output.range(of: "latency, median")).lowerBound
      #expect(output[..<trace].contains("traceEvents"))
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "out") == "/proc/self/fd/1")
      #expect(try names(in: folder) == ["out"])

      // What a file holds already stays.
      let log = folder + "log"
      try write(Data("before\n".utf8), to: log)
      expectSuccess(try bench("--trace", folder + "out", shell: "exec \"$@\" >> '\(log)'"))
      let logged = String(decoding: try contents(log), as: UTF8.self)
      #expect(logged.hasPrefix("before\n{\"") && logged.contains("latency, median"))
    }
  }

  /// Process substitution, and a descriptor that the shell opened.
  @Test(arguments: [
    "exec \"$@\" --trace >(cat > 'FOLDER/out')",
    "exec 7> 'FOLDER/out'; ln -s /proc/self/fd/7 'FOLDER/link'; exec \"$@\" --trace 'FOLDER/link'",
  ])
  func otherDescriptors(shell: String) throws {
    try withTemporaryFolder { folder in
      expectSuccess(try bench(shell: "(" + shell.replacing("FOLDER/", with: folder) + ") | cat"))
      #expect(try JSONSerialization.jsonObject(with: contents(folder + "out")) is [String: Any])
    }
  }

  @Test func links() throws {
    try withTemporaryFolder { folder in
      for name in ["m.fovea", "r.html"] { #expect(unsafe symlink("real-" + name, folder + "link-" + name) == 0) }
      #expect(unsafe symlink("no/m.fovea", folder + "lost.fovea") == 0)
      expectSuccess(try fovea("convert", small, "-o", folder + "link-m.fovea"))
      expectSuccess(try bench("--html", folder + "link-r.html"))
      expectRefusal(try fovea("convert", small, "-o", folder + "lost.fovea"), 66, "lost.fovea: ", "no: No such file")
      #expect(
        try names(in: folder) == ["link-m.fovea", "link-r.html", "lost.fovea", "real-m.fovea", "real-r.html"])
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder + "link-m.fovea") == "real-m.fovea")
      expectSuccess(try fovea("verify", folder + "real-m.fovea"))
    }
  }

  /// Of two results in one file the first was lost without a word.
  @Test(arguments: ["x", "./x", "link", "hidden/../x"])
  func oneFileForTwo(name: String) throws {
    try withTemporaryFolder { folder in
      #expect(unsafe symlink("x", folder + "link") == 0)
      #expect(unsafe mkdir(folder + "hidden", 0o755) == 0)
      expectRefusal(try bench("--html", folder + "x", "--trace", folder + name), 64, "name the same file")
      #expect(try names(in: folder) == ["hidden", "link"])
    }
  }

  /// A pipe that nobody reads holds Ctrl-C back no more than other waiting does. (`env`: tests run on threads that block signals.)
  @Test func interruptedPipe() throws {
    try withTemporaryFolder { folder in
      #expect(unsafe mkfifo(folder + "pipe", 0o600) == 0)
      let outcome = try fovea(
        "convert", small, "-o", folder + "pipe",
        shell: "exec timeout --foreground --preserve-status -k 20 --signal=INT 2 env --default-signal=INT \"$@\"")
      #expect([130, -2].contains(outcome.status), "\(outcome.status) \(outcome.errors)")
      #expect(try names(in: folder) == ["pipe"])
    }
  }
}
