import FoveaGraph

func importRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.activation(.clamp(Clamp(min: 0))), to: [try node.input(0)], of: node)
}

/// Clip. Version 11 turned its bounds from attributes into inputs.
func importClip(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let minimum = node.opset < 11 ? try node.float("min") : try node.constantFloat(1, "the lower bound", builder)
  let maximum = node.opset < 11 ? try node.float("max") : try node.constantFloat(2, "the upper bound", builder)
  let clamp = Clamp(min: minimum ?? -.infinity, max: maximum ?? .infinity)
  guard !clamp.min.isNaN && !clamp.max.isNaN else { throw .invalid("a bound is not a number") }
  return try builder.apply(.activation(.clamp(clamp)), to: [try node.input(0)], of: node)
}

func importLeakyRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let alpha = try node.float("alpha", default: 0.01)
  return try builder.apply(.activation(.leakyRelu(alpha: alpha)), to: [try node.input(0)], of: node)
}

func importSigmoid(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.activation(.sigmoid), to: [try node.input(0)], of: node)
}

func importHardSigmoid(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let alpha = try node.float("alpha", default: 0.2)
  let beta = try node.float("beta", default: 0.5)
  return try builder.apply(.activation(.hardSigmoid(alpha: alpha, beta: beta)), to: [try node.input(0)], of: node)
}

func importHardSwish(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.activation(.hardSwish), to: [try node.input(0)], of: node)
}

func importTanh(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.activation(.tanh), to: [try node.input(0)], of: node)
}
