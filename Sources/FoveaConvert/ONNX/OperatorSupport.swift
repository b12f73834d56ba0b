/// What the converter does with one of ONNX's operators: a line of docs/OPERATORS.md, from the table that the importer uses.
public struct OperatorSupport: Hashable, Sendable {
  public var name: String
  /// The opsets in which networks may use it.
  public var opsets: ClosedRange<Int>
  /// Where its work is done in an int8 model: "int8", "float", "int8 and float", or "at import".
  public var execution: String
  /// What the operator may be and cannot be here, in words; empty for none.
  public var limits: String
}

/// Every operator that the converter takes, by name.
public let supportedOperators: [OperatorSupport] = operatorRules.map { name, rule in
  OperatorSupport(
    name: name, opsets: rule.since...Int(supportedOpsets.upperBound), execution: rule.execution.rawValue,
    limits: rule.limits)
}.sorted { $0.name < $1.name }

/// The names of operators that are not refused, by the table.
private func names(_ rules: [String: OperatorRule]) -> String {
  rules.filter { $0.value.execution != .imported }.keys.sorted().joined(separator: ", ")
}

/// docs/OPERATORS.md.
public func operatorsMarkdown() -> String {
  let rows = supportedOperators.map {
    "| \($0.name) | \($0.opsets.lowerBound)-\($0.opsets.upperBound) | \($0.execution) | \($0.limits) |\n"
  }
  return """
    # Operators

    What `fovea convert` takes of ONNX's operators (domain ai.onnx, opsets \(supportedOpsets.lowerBound) to \
    \(supportedOpsets.upperBound)). `fovea operators --markdown` writes this page from the table that the importer itself uses, and \
    `make conformance` runs the ONNX project's own tests of each of them.

    Values that the network computes when it runs are float32: inputs must be float32, constants of float16, bfloat16 and float64 \
    are widened, and integers and booleans exist among constants, where shapes are computed from. A shape must follow from the inputs' \
    shapes alone.

    *In int8 models* says where an operator's work is done when a model is converted with `--calibrate`: in 8-bit integers, in float \
    between conversions, or not at all because it is computed at import. Operators of several steps may need both.

    | operator | opsets | in int8 models | limits |
    |---|---|---|---|

    """ + rows.joined() + """

      ## Networks that are quantized already

      \(names(quantizedOperatorRules)), and ONNX Runtime's \(names(microsoftOperatorRules)) (domain com.microsoft): weights and activations \
      of int8 or uint8, one scale for an activation, one or one a channel for weights. Their integers and scales are kept: where everything \
      that a layer reads and writes is quantized, it computes in 8 bits, within one step of what ONNX Runtime computes. Networks that are \
      quantized dynamically (DynamicQuantizeLinear, ConvInteger, MatMulInteger) are refused.

      """
}
