import FoveaGraph

/// Softmax. Before version 13 it normalizes over all dimensions from `axis` on, as if they were one; since then over `axis`.
func importSoftmax(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let given = try node.integer("axis", default: node.opset < 13 ? 1 : -1)
  // Version 1 lets the axis lie behind the last dimension: each element is then a row of its own.
  if node.opset < 13 && given == shape.count {
    let rows = try builder.apply(.reshape(shape + [1]), to: input, of: node, step: "rows")
    let normalized = try builder.apply(.softmax(axis: shape.count), to: rows, of: node, step: "softmax")
    return try builder.apply(.reshape(shape), to: [normalized], of: node)
  }
  let axis = try node.normalized(axis: given, rank: shape.count)
  // Dimensions of 1 behind the axis change nothing.
  guard node.opset < 13, shape[(axis + 1)...].contains(where: { $0 != 1 }) else {
    return try builder.apply(.softmax(axis: axis), to: [input], of: node)
  }
  let flat = [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
  let rows = try builder.apply(.reshape(flat), to: input, of: node, step: "rows")
  let normalized = try builder.apply(.softmax(axis: 1), to: rows, of: node, step: "softmax")
  return try builder.apply(.reshape(shape), to: [normalized], of: node)
}
