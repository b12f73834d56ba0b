import ArgumentParser
import Fovea
import FoveaCore

/// The `fovea` command. Each subcommand is a file of its own.
@main
struct FoveaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fovea",
    abstract: "Runs convolutional networks on CPUs, in 8-bit integers or in float.",
    discussion: """
      Results go to standard output, everything else to standard error. Exit statuses: 0 success, 1 some inputs failed, \
      64 wrong usage, 65 bad data, 66 a file that cannot be opened or written, 70 a bug in fovea.

      FOVEA_MODEL names the model that classify uses by default. FOVEA_ISA (portable; sse41, avx2, \
      avx512, avxvnni, avx512vnni; neon, neondot, neoni8mm) forces the instructions of the kernels.

      This CPU has: \(InstructionSet.available.map(\.rawValue).joined(separator: ", ")).
      """,
    version: foveaVersion,
    subcommands: [
      Classify.self, Convert.self, Run.self, Inspect.self, Bench.self, Eval.self, Verify.self, Operators.self,
    ])

  /// The only place where a failure becomes a message and an exit status.
  static func main() {
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if arguments.first == Classify.configuration.commandName,
        let request = ClassifyRequest(plain: arguments.dropFirst())
      {
        return try request.run()
      }
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      end(with: error)
    }
  }

  private static func end(with error: any Error) -> Never {
    guard let failure = Failure(error) else {
      // argument-parser's own: help and completion scripts to standard output, mistakes with how to do better.
      let status = exitCode(for: error)
      let message = fullMessage(for: error)
      guard !status.isSuccess else {
        if !message.isEmpty { writeOutput(message + "\n") }
        exit(withError: ExitCode.success)
      }
      if !message.isEmpty {
        let label = "Error: "
        writeError("fovea: " + (message.hasPrefix(label) ? String(message.dropFirst(label.count)) : message) + "\n")
      }
      exit(withError: status)
    }
    complain(failure.message)
    exit(withError: ExitCode(failure.status.rawValue))
  }
}
