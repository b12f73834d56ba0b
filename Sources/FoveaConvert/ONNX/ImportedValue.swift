import FoveaGraph

/// What a value of the file is while the graph is imported.
enum ImportedValue {
  /// Known now: an initializer, or computed from constants alone. An index into `GraphBuilder.constants`.
  case constant(Int)
  /// Computed when the network runs.
  case edge(ValueID)
  /// The output of a node that could not be imported. Nodes that read it are passed over, to find every unsupported node of
  /// the file and not only the first.
  case unknown

  var isUnknown: Bool {
    if case .unknown = self { return true }
    return false
  }
}

/// Why one node cannot be imported; the importer adds which.
enum NodeProblem: Error {
  case invalid(String)
  /// The operator itself has no counterpart for values that are computed when the network runs.
  case unsupported
}
