import FoundationEssentials
import Fovea

/// Writes a value to standard output as JSON: keys sorted, so that two answers can be compared line by line.
func writeJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  // JSON has no such numbers, and a network may well compute them.
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  writeOutput(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
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
