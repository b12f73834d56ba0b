import ArgumentParser
import Fovea

/// `fovea verify`: whether a model's file and this machine's kernels are as they should be.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks a model's file, and that this CPU computes the same with every instruction set.",
    discussion: """
      Compares the file with its checksums; runs the model on pseudorandom inputs with the portable kernels and compares the \
      outputs with the SHA-256 that the conversion recorded; then does the same with every instruction set of this CPU on \
      one and two threads, whatever FOVEA_ISA says, and names the first step that differs.

      8-bit steps must have the same bits. Float steps, whose last bits depend on the order of additions, are given the inputs \
      that the portable kernels computed, and must come within 1/1,000 of the step's largest value. How near they come is told, \
      and how near the outputs of whole runs: in a model of both kinds, the last bit of a float can become a step of an 8-bit \
      value, and that is no error. The exit status is 65 where anything differs that must not.
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    let report = try VerificationReport(Model(path: model, verifying: .everything))
    if json { try writeJSON(report) } else { writeOutput(report.text) }
    let differences = report.differences
    guard differences == 0 else {
      throw Failure(.badData, "\(model): \(differences) of \(report.runs.count + 1) comparisons differ")
    }
  }
}
