/// Why a network could not be converted. Every description is one line that names the file, and the node where there is one.
public enum ConversionError: Error, Hashable, CustomStringConvertible {
  /// The file does not exist or cannot be read.
  case cannotRead(file: String, reason: String)
  /// The bytes are not what the format says; `reason` names the place.
  case malformed(file: String, reason: String)
  /// Every node of the file that Fovea has no operation for.
  case unsupportedOperators(file: String, nodes: [UnsupportedNode])
  /// A node whose operator is known but which cannot be converted, or which is wrong.
  case invalidNode(file: String, node: String, operator: String, reason: String)
  /// The network as a whole is wrong: a cycle, a missing value, an input of unknown shape.
  case invalidNetwork(file: String, reason: String)
  /// More than one of the above, in the file's order; unsupported operators first.
  case several(file: String, problems: [ConversionError])
  /// Calibration photos or options that cannot work.
  case calibration(reason: String)
  case cannotWrite(file: String, reason: String)

  public var description: String {
    switch self {
    case .cannotRead(let file, let reason), .malformed(let file, let reason), .invalidNetwork(let file, let reason),
      .cannotWrite(let file, let reason):
      return "\(file): \(reason)"
    case .unsupportedOperators(let file, let nodes):
      let list = nodes.map(\.description).joined(separator: "; ")
      return "\(file): \(nodes.count) unsupported node\(nodes.count == 1 ? "" : "s"): \(list)"
    case .invalidNode(let file, let node, let `operator`, let reason):
      return "\(file): node \"\(node)\" (\(`operator`)): \(reason)"
    case .several(let file, let problems):
      // Most begin with the file's name, which is said once here; some with that of a file of weights.
      let prefix = "\(file): "
      let list = problems.map(\.description).map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
        .joined(separator: "; ")
      return "\(file): \(list)"
    case .calibration(let reason):
      return "calibration: \(reason)"
    }
  }
}

/// A node of the source file that has no counterpart in Fovea.
public struct UnsupportedNode: Hashable, Sendable, CustomStringConvertible {
  public var name: String
  /// The operator's name, and its domain where that is not ONNX's own.
  public var `operator`: String
  public var domain: String
  public var opset: Int
  /// "name=value" of each attribute.
  public var attributes: [String]

  public init(name: String, operator: String, domain: String, opset: Int, attributes: [String]) {
    self.name = name
    self.operator = `operator`
    self.domain = domain
    self.opset = opset
    self.attributes = attributes
  }

  public var description: String {
    let qualified = domain.isEmpty ? `operator` : "\(domain).\(`operator`)"
    let list = attributes.isEmpty ? "" : " [\(attributes.joined(separator: ", "))]"
    return "\"\(name)\" (\(qualified), opset \(opset))\(list)"
  }
}
