import FoundationEssentials
import FoveaConvert
import FoveaGraph
import FoveaRuntime

/// `fovea-conformance CASES LIMITS`: runs the ONNX project's node tests, as tools/conformance/write_cases.py writes them, through the
/// converter and the float steps, and says for every operator how many passed.
///
/// A case all of whose operators are in docs/OPERATORS.md is *claimed*. It must pass, unless LIMITS lists it with the limit that it
/// meets, and then it must be refused: a listed case that converts is as wrong as an unlisted one that does not.
@main
struct Conformance {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.count == 2, let folder = arguments.first, let limitsPath = arguments.last else {
      throw Usage(description: "usage: fovea-conformance CASES LIMITS")
    }
    let limits = try readLimits(limitsPath)
    var report = Report()
    for line in try lines(of: "\(folder)/cases.txt") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count >= 3 else { throw Usage(description: "\(folder)/cases.txt: \"\(line)\" is no case") }
      let (name, subject) = (fields[0], fields[2] == "ai.onnx" ? fields[1] : "\(fields[2]).\(fields[1])")
      var outcome = fields.count > 3 ? Outcome.notClaimed(fields[3]) : try run("\(folder)/\(name)")
      // Quantization is not an operator by itself here: it is imported with what stands around it.
      if case .refused = outcome, !claimed.contains(fields[1]) { outcome = .notClaimed(fields[1]) }
      if let limit = limits[name] {
        switch outcome {
        case .refused: outcome = .limited(limit)
        case .passed: outcome = .failed("it is listed in \(limitsPath), and passes")
        case .notClaimed, .limited, .failed: break
        }
      }
      report.add(outcome, name: name, subject: subject)
    }
    let unknown = limits.keys.filter { !report.names.contains($0) }.sorted()
    for name in unknown {
      report.add(.failed("\(limitsPath) lists it, and there is no such case"), name: name, subject: "")
    }
    report.print()
    if report.hasFailures { exit(1) }
  }

  private static let claimed = Set(supportedOperators.map(\.name))

  /// Converts and runs one case.
  private static func run(_ folder: String) throws -> Outcome {
    let network: Network
    let result: ConversionResult
    do throws(ConversionError) {
      network = try importONNX(path: "\(folder)/model.onnx")
      result = try convert(network, options: ConversionOptions(precision: .float))
    } catch {
      let nodes = error.unsupportedNodes
      let foreign = nodes.filter { !$0.domain.isEmpty || !claimed.contains($0.operator) }
      if foreign.isEmpty { return .refused(error.description) }
      return .notClaimed(Set(foreign.map(\.operator)).sorted().joined(separator: ", "))
    }
    let session = try Session(Model(bytes: result.bytes, name: folder))
    for index in network.inputs.indices {
      try session.setInput(index, to: NumPyArray(path: "\(folder)/input_\(index).npy").values)
    }
    session.run()
    for (index, output) in session.model.outputs.enumerated() {
      let expected = try NumPyArray(path: "\(folder)/output_\(index).npy")
      guard output.shape == expected.shape else {
        return .failed("output \(index) has the shape \(output.shape), expected \(expected.shape)")
      }
      for (place, (x, y)) in zip(try session.output(index), expected.values).enumerated() where !isClose(x, y) {
        return .failed("output \(index), element \(place) is \(x), expected \(y)")
      }
    }
    return .passed
  }

  /// ONNX's own tolerance for its node tests is 1e-3 relative and 1e-7 absolute; near 0 float32's own steps are wider.
  private static func isClose(_ x: Float, _ expected: Float) -> Bool {
    if x.isNaN || expected.isNaN { return x.isNaN && expected.isNaN }
    if x == expected { return true }
    return (x - expected).magnitude <= 1e-3 * expected.magnitude + 1e-6
  }

  /// Lines of "case<TAB>limit"; # begins a comment.
  private static func readLimits(_ path: String) throws -> [String: String] {
    var limits: [String: String] = [:]
    for line in try lines(of: path) where !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
      guard fields.count == 2, limits.updateValue(fields[1], forKey: fields[0]) == nil else {
        throw Usage(description: "\(path): \"\(line)\" is not a case, a tab and a limit, or stands there twice")
      }
    }
    return limits
  }

  private static func lines(of path: String) throws -> [String] {
    String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

extension ConversionError {
  /// The nodes whose operator is unsupported, alone or among other problems.
  fileprivate var unsupportedNodes: [UnsupportedNode] {
    switch self {
    case .unsupportedOperators(_, let nodes): nodes
    case .several(_, let problems): problems.flatMap(\.unsupportedNodes)
    default: []
    }
  }
}

struct Usage: Error, CustomStringConvertible {
  var description: String
}
