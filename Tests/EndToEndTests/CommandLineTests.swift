import Foundation
import Testing

/// What holds for all subcommands: help, version, usage errors, and readers that go away.
@Suite struct CommandLineTests {
  private static let subcommands = ["classify", "convert", "run", "inspect", "bench", "verify"]

  @Test func version() throws {
    let output = expectSuccess(try fovea("--version")).output
    #expect(output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: [[], ["classify"], ["convert"], ["run"], ["inspect"], ["bench"], ["verify"]])
  func help(subcommand: [String]) throws {
    let outcome = expectSuccess(try fovea(subcommand + ["--help"]))
    #expect(outcome.output.contains("USAGE: fovea \(subcommand.first ?? "")"))
    #expect(outcome.errors == "")
    if subcommand.isEmpty {
      for name in Self.subcommands { #expect(outcome.output.contains("  \(name) ")) }
      #expect(try fovea().output == outcome.output)
    } else {
      #expect(try fovea(["help"] + subcommand).output == outcome.output)
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let output = expectSuccess(try fovea("--generate-completion-script", shell)).output
    for name in Self.subcommands { #expect(output.contains(name)) }
  }

  @Test(arguments: [
    ["nonsense"], ["--nonsense"], ["classify"], ["classify", "x.jpg", "--top", "0"],
    ["classify", "x.jpg", "--top", "x"], ["classify", "x.jpg", "--threads", "0"],
    ["classify", "x.jpg", "--threads", "-1"], ["classify", "x.jpg", "--threads", "999999"],
    ["classify", "x.jpg", "-m"], ["classify", "x.jpg", "--no-such-option"],
    ["convert", "x.onnx"], ["convert", "-o", "x.fovea"], ["run"], ["inspect"], ["inspect", "a", "b"], ["bench"],
    ["verify"], ["verify", "a", "b"], ["bench", "x.fovea", "--compare", "x"],
    ["bench", "x.fovea", "--iterations", "0"], ["bench", "x.fovea", "--warmup", "-1"],
    ["bench", "x.fovea", "--threads", "99999999999999999999"], ["run", "x.fovea", "--threads", "257"],
  ])
  func usage(arguments: [String]) throws {
    let outcome = try fovea(arguments)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("fovea: "))
    #expect(outcome.errors.contains("--help"), "says where to read on")
  }

  /// A reader that has gone away ends the command without a word, whether or not it is told by a signal.
  @Test(arguments: ["", "trap '' PIPE; "])
  func closedPipe(prefix: String) throws {
    let outcome = try fovea(
      "inspect", Models.network, "--json", shell: prefix + "(sleep 0.2; exec \"$@\") | true; exit 0")
    #expect(outcome.errors == "")
    #expect(outcome.output == "")
  }

  /// A bar, on standard error, where that is a terminal (which `script` makes one); and gone before an answer is written.
  @Test func progressBar() throws {
    let outcome = expectSuccess(
      try fovea(
        "classify", fixture("photos"), "-m", Models.int8(), "--top", "1",
        shell: "script -qefc \"$*\" /dev/null"))
    #expect(outcome.output.contains("\rclassifying ["))
    #expect(outcome.output.contains("] 7/8\r\u{1B}[K"))
    #expect(outcome.output.contains("koala"))
  }

  @Test func fullStandardOutput() throws {
    let outcome = try fovea("inspect", Models.int8(), shell: "exec \"$@\" > /dev/full")
    expectRefusal(outcome, 66, "cannot write to standard output")
  }
}
