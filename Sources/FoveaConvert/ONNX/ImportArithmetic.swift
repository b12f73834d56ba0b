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
