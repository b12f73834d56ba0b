import FoveaGraph

/// Concat. Version 11 allowed axes counted from the end.
func importConcat(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs: [ImportedValue] = []
  for index in node.inputs.indices { inputs.append(try node.input(index)) }
  guard let first = inputs.first, let given = try node.integer("axis") else { throw .invalid("the axis is missing") }
  let axis = try node.normalized(axis: given, rank: builder.shape(first).count)
  return try builder.apply(inputs.count == 1 ? .identity : .concat(axis: axis), to: inputs, of: node)
}
