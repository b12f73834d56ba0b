import FoveaGraph

/// What a value of the file is while the graph is imported.
enum ImportedValue {
  /// Known now: an initializer, or computed from constants alone. An index into `GraphBuilder.constants`.
  case constant(Int)
  /// Computed when the network runs.
  case edge(ValueID)
  /// The same, held by the file as 8-bit integers: what QuantizeLinear makes. The network's value is what DequantizeLinear with
  /// this quantization makes of them.
  case bytes(ValueID, AffineQuantization, ByteType)
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

extension ImportedValue {
  /// Of values that the file holds as 8-bit integers.
  var quantization: AffineQuantization? {
    if case .bytes(_, let quantization, _) = self { return quantization }
    return nil
  }

  /// The type of those integers in the file.
  var byteType: ByteType? {
    if case .bytes(_, _, let type) = self { return type }
    return nil
  }

  /// The real numbers that 8-bit integers stand for; everything else as it is.
  var dequantized: ImportedValue {
    if case .bytes(let id, _, _) = self { return .edge(id) }
    return self
  }
}

extension Operation {
  /// Whether the operation only moves elements, which is the same for integers as for the numbers that they stand for. (A pad's
  /// constant is not.)
  var takesBytes: Bool {
    if case .concat = self { return true }
    if case .pad(let pad) = self, case .constant = pad.mode { return false }
    return keepsValues
  }
}
