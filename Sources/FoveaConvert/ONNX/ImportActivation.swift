import FoveaGraph

func importRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.clamp(Clamp(min: 0)), node, &builder)
}

/// Clip. Version 11 turned its bounds from attributes into inputs.
func importClip(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  if builder.tensor(try node.input(0))?.integers != nil { return try foldClip(node, &builder) }
  let minimum = node.opset < 11 ? try node.float("min") : try node.constantFloat(1, "the lower bound", builder)
  let maximum = node.opset < 11 ? try node.float("max") : try node.constantFloat(2, "the upper bound", builder)
  let clamp = Clamp(min: minimum ?? -.infinity, max: maximum ?? .infinity)
  guard !clamp.min.isNaN && !clamp.max.isNaN else { throw .invalid("a bound is not a number") }
  return try apply(.clamp(clamp), node, &builder)
}

func importLeakyRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.leakyRelu(alpha: try node.float("alpha", default: 0.01)), node, &builder)
}

func importSigmoid(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.sigmoid, node, &builder)
}

func importHardSigmoid(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let alpha = try node.float("alpha", default: 0.2)
  return try apply(.hardSigmoid(alpha: alpha, beta: try node.float("beta", default: 0.5)), node, &builder)
}

func importHardSwish(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.hardSwish, node, &builder)
}

/// Swish: x * sigmoid(alpha * x).
func importSwish(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let alpha = try node.float("alpha", default: 1)
  if alpha == 1 { return try apply(.silu, node, &builder) }
  let input = try node.input(0)
  let factor = builder.number(alpha, of: node, step: "alpha")
  let scaled = try builder.apply(.binary(Binary(.multiply)), to: input, factor, of: node, step: "scaled")
  let gate = try builder.apply(.activation(.sigmoid), to: scaled, of: node, step: "gate")
  return try builder.apply(.binary(Binary(.multiply)), to: [input, gate], of: node)
}

func importTanh(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.tanh, node, &builder)
}

func importElu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.elu(alpha: try node.float("alpha", default: 1)), node, &builder)
}

func importCelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.celu(alpha: try node.float("alpha", default: 1)), node, &builder)
}

/// The defaults are the constants of Klambauer et al. 2017, as ONNX gives them.
func importSelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let alpha = try node.float("alpha", default: 1.67326319217681884765625)
  return try apply(
    .selu(alpha: alpha, gamma: try node.float("gamma", default: 1.05070102214813232421875)), node, &builder)
}

func importThresholdedRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try apply(.thresholdedRelu(alpha: try node.float("alpha", default: 1)), node, &builder)
}

func importShrink(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let lambda = try node.float("lambd", default: 0.5)
  return try apply(.shrink(lambda: lambda, bias: try node.float("bias", default: 0)), node, &builder)
}

/// Gelu, exact or by a hyperbolic tangent.
func importGelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  switch try node.string("approximate", default: "none") {
  case "none": return try apply(.function(.gelu), node, &builder)
  case "tanh": return try apply(.function(.geluTanh), node, &builder)
  case let name: throw .invalid("approximate is \"\(printable(name))\"; none and tanh exist")
  }
}

/// Functions without parameters, by their name. Of constant integers some are shape arithmetic.
func importElementary(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  if builder.tensor(try node.input(0))?.integers != nil { return try foldUnary(node, &builder) }
  guard let function = ElementaryFunction(rawValue: node.operator) else { throw .unsupported }
  return try apply(.function(function), node, &builder)
}

/// PRelu, whose slope broadcasts to the input.
func importPRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let (input, slope) = (try node.input(0), try node.input(1))
  if let slope = builder.tensor(slope)?.floats, slope.count == 1 {
    return try apply(.leakyRelu(alpha: slope[0]), node, &builder)
  }
  let shape = builder.shape(input)
  guard try broadcast(shape, builder.shape(slope)) == shape else {
    throw .invalid("its slope of \(builder.shape(slope)) does not broadcast to \(shape)")
  }
  return try builder.apply(.binary(Binary(.prelu)), to: [input, slope], of: node)
}

private func apply(
  _ activation: Activation, _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.activation(activation), to: [try node.input(0)], of: node)
}
