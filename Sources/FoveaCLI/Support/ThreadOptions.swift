import ArgumentParser
import Fovea

/// `--threads`, the same for all commands.
struct ThreadOptions: ParsableArguments {
  /// More than any machine has processors; a guard against typing errors.
  private static let limit = 1024

  @Option(
    name: .customLong("threads"), help: "Threads that share the work. (default: the cores that this process may use)")
  private var given: Int?

  var count: Int { given ?? min(CPU.availableCount, Self.limit) }

  mutating func validate() throws {
    guard (1...Self.limit).contains(given ?? 1) else {
      throw ValidationError("--threads takes a number from 1 to \(Self.limit)")
    }
  }
}
