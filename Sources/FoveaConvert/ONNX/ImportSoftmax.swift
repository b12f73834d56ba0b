import FoveaGraph

func importSoftmax(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importAlongRows(node, &builder) { axis, value, suffix, builder throws(NodeProblem) in
    try builder.apply(
      .softmax(axis: axis), to: [value], node: node.name + suffix, output: node.output + suffix)
  }
}

/// LogSoftmax: x - m - log(sum(exp(x - m))) with m the largest. The logarithm of a softmax would be that of 0 where it is small.
func importLogSoftmax(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importAlongRows(node, &builder) { axis, value, suffix, builder throws(NodeProblem) in
    let largest = try builder.apply(
      .reduce(Reduction(.maximum, axes: [axis], keepDimensions: true)), to: value, of: node, step: "largest")
    let centred = try builder.apply(.binary(Binary(.subtract)), to: value, largest, of: node, step: "centred")
    let powers = try builder.apply(.activation(.function(.exp)), to: centred, of: node, step: "exp")
    let sum = try builder.apply(
      .reduce(Reduction(.sum, axes: [axis], keepDimensions: true)), to: powers, of: node, step: "sum")
    let logarithm = try builder.apply(.activation(.function(.log)), to: sum, of: node, step: "log")
    return try builder.apply(
      .binary(Binary(.subtract)), to: [centred, logarithm], node: node.name + suffix, output: node.output + suffix)
  }
}

/// Softmax and LogSoftmax. Before version 13 it normalizes over all dimensions from `axis` on, as if they were one; since then over `axis`.
private func importAlongRows(
  _ node: ONNXNode, _ builder: inout GraphBuilder,
  _ normalize: (_ axis: Int, ImportedValue, _ suffix: String, inout GraphBuilder) throws(NodeProblem) -> ImportedValue
) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let given = try node.integer("axis", default: node.opset < 13 ? 1 : -1)
  let flat: [Int]
  // Version 1 lets the axis lie behind the last dimension: each element is then a row of its own.
  if node.opset < 13 && given == shape.count {
    flat = shape + [1]
  } else {
    let axis = try node.normalized(axis: given, rank: shape.count)
    // Dimensions of 1 behind the axis change nothing.
    guard node.opset < 13, shape[(axis + 1)...].contains(where: { $0 != 1 }) else {
      return [try normalize(axis, input, "", &builder)]
    }
    flat = [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
  }
  let rows = try builder.apply(.reshape(flat), to: input, of: node, step: "rows")
  let normalized = try normalize(flat.count - 1, rows, "/normalized", &builder)
  return try builder.apply(.reshape(shape), to: [normalized], of: node)
}
