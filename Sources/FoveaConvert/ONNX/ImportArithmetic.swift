import FoveaGraph

func importAdd(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importBinary(.add, node, &builder)
}

func importSub(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importBinary(.subtract, node, &builder)
}

func importMul(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importBinary(.multiply, node, &builder)
}

func importDiv(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importBinary(.divide, node, &builder)
}

/// Since version 7 these broadcast as NumPy does. Integers are computed now: they are shapes.
private func importBinary(
  _ operation: Binary.Operator, _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.binary(Binary(operation)), to: [try node.input(0), try node.input(1)], of: node)
}

/// Pow. The powers that networks are written with have operations of their own, which are faster and more exact.
func importPow(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let (base, exponent) = (try node.input(0), try node.input(1))
  if builder.tensor(base) != nil, builder.tensor(exponent) != nil { return try foldBinary(node, &builder) }
  // ONNX lets the exponent have another type than the base.
  let constant = builder.tensor(exponent)?.withFloats
  if let constant, constant.count == 1, constant.shape.count <= builder.shape(base).count {
    switch constant.floats?.first {
    case 1: return try builder.apply(.identity, to: [base], of: node)
    case 2: return try builder.apply(.binary(Binary(.multiply)), to: [base, base], of: node)
    case 0.5: return try builder.apply(.activation(.function(.sqrt)), to: [base], of: node)
    case -1: return try builder.apply(.activation(.function(.reciprocal)), to: [base], of: node)
    default: break
    }
  }
  let power = constant.map { builder.addConstant(name: "\(node.output)/exponent", $0) } ?? exponent
  return try builder.apply(.binary(Binary(.power)), to: [base, power], of: node)
}

/// Min and Max of any number of tensors. With a single number it is a clamp, which layers carry for free.
func importExtremum(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs: [ImportedValue] = []
  for index in node.inputs.indices { inputs.append(try node.input(index)) }
  if inputs.allSatisfy({ builder.tensor($0) != nil }) { return try foldVariadic(node, &builder) }
  let isMaximum = node.operator == "Max"
  if inputs.count == 2 {
    for (value, other) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
      guard let bound = builder.tensor(other)?.floats, bound.count == 1, !bound[0].isNaN,
        builder.shape(other).count <= builder.shape(value).count
      else { continue }
      let clamp = isMaximum ? Clamp(min: bound[0]) : Clamp(max: bound[0])
      return try builder.apply(.activation(.clamp(clamp)), to: [value], of: node)
    }
  }
  return try builder.combined(inputs, by: .binary(Binary(isMaximum ? .maximum : .minimum)), node)
}

/// Sum of any number of tensors.
func importSum(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs: [ImportedValue] = []
  for index in node.inputs.indices { inputs.append(try node.input(index)) }
  return try builder.combined(inputs, by: .binary(Binary(.add)), node)
}

/// Mean of any number of tensors, element by element.
func importMean(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs: [ImportedValue] = []
  for index in node.inputs.indices { inputs.append(try node.input(index)) }
  guard inputs.count > 1 else { return try builder.apply(.identity, to: inputs, of: node) }
  var sum = inputs[0]
  for (index, next) in inputs.enumerated().dropFirst() {
    sum = try builder.apply(.binary(Binary(.add)), to: sum, next, of: node, step: "sum\(index)")
  }
  let share = builder.number(1 / Float(inputs.count), of: node, step: "share")
  return try builder.apply(.binary(Binary(.multiply)), to: [sum, share], of: node)
}

extension GraphBuilder {
  /// The inputs combined from the first to the last; one alone is what it is.
  fileprivate mutating func combined(
    _ inputs: [ImportedValue], by operation: Operation, _ node: ONNXNode
  ) throws(NodeProblem) -> [ImportedValue] {
    guard let last = inputs.last, inputs.count > 1 else { return try apply(.identity, to: inputs, of: node) }
    var result = inputs[0]
    for (index, next) in inputs.enumerated().dropFirst().dropLast() {
      result = try apply(operation, to: result, next, of: node, step: "\(index)")
    }
    return try apply(operation, to: [result, last], of: node)
  }
}

extension Tensor {
  /// The same numbers as floats.
  fileprivate var withFloats: Tensor {
    switch elements {
    case .floats: self
    case .integers(let values): Tensor(shape: shape, floats: values.map { Float($0) })
    }
  }
}
