/// Why an operation cannot have the inputs it has. Callers add the file and the node.
public enum GraphError: Error, Hashable, CustomStringConvertible {
  /// A rule of the operation is broken.
  case invalid(node: String, operation: String, reason: String)

  public var description: String {
    switch self {
    case .invalid(let node, let operation, let reason): "node \"\(node)\" (\(operation)): \(reason)"
    }
  }
}
