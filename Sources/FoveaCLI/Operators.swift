import ArgumentParser
import FoveaConvert

/// `fovea operators`: what can be converted.
struct Operators: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operators", abstract: "Lists the ONNX operators that can be converted, with their limits.")

  @Flag(help: "As docs/OPERATORS.md has it.")
  var markdown = false

  func run() {
    guard !markdown else { return writeOutput(operatorsMarkdown()) }
    for entry in supportedOperators {
      let limits = entry.limits.isEmpty ? "" : "; \(entry.limits)"
      let opsets = "opsets \(entry.opsets.lowerBound)-\(entry.opsets.upperBound)"
      writeOutput("\(entry.name)  \(opsets), \(entry.execution)\(limits)\n")
    }
  }
}
