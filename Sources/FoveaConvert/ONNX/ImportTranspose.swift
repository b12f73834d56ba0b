import FoveaGraph

/// Transpose. Without a permutation it reverses the dimensions.
func importTranspose(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let permutation = try node.integers("perm") ?? Array(builder.shape(input).indices.reversed())
  return try builder.apply(.transpose(permutation), to: [input], of: node)
}
