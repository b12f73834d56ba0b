import FoveaGraph

/// Gemm. Version 11 made the third input optional.
func importGemm(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs = [try node.input(0), try node.input(1)]
  if let c = node.optionalInput(2) { inputs.append(c) }
  let gemm = Gemm(
    alpha: try node.float("alpha", default: 1), beta: try node.float("beta", default: 1),
    transposeA: try node.flag("transA"), transposeB: try node.flag("transB"))
  return try builder.apply(.gemm(gemm), to: inputs, of: node)
}

func importMatMul(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.matMul, to: [try node.input(0), try node.input(1)], of: node)
}
