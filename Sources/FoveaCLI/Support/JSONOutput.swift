import FoundationEssentials
import Fovea

/// Writes a value to standard output as JSON.
func writeJSON(_ value: some Encodable) throws {
  writeOutput(try jsonText(value) + "\n")
}

/// A list of values on standard output as JSON, written while it grows: it may be longer than memory.
struct JSONList {
  private var isEmpty = true

  mutating func write(_ element: some Encodable) throws {
    // Strings in JSON hold no line feeds, so each line of the text is a line of the element.
    let lines = try jsonText(element).split(separator: "\n").map { "  " + $0 }
    writeOutput((isEmpty ? "[\n" : ",\n") + lines.joined(separator: "\n"))
    isEmpty = false
  }

  func end() { writeOutput(isEmpty ? "[]\n" : "\n]\n") }
}

/// A value as JSON: keys sorted, so that two answers can be compared line by line.
func jsonText(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // JSON has no such numbers, and a network may well compute them.
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

extension Double {
  /// To a thousandth: of milliseconds, more is noise.
  var rounded3: Double { (self * 1000).rounded() / 1000 }
}

extension Precision {
  /// As `--precision` says it.
  var name: String {
    switch self {
    case .float: "float"
    case .int8: "int8"
    }
  }
}
