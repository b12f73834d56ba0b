import FoveaGraph

/// ReduceMean. Version 18 turned its axes from an attribute into an input.
func importReduceMean(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importReduction(.mean, node, &builder)
}

/// ReduceSum, ReduceMax, ReduceMin and ReduceProd. Of constant integers they are shape arithmetic, which may be of nothing.
func importReduce(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  if builder.tensor(try node.input(0))?.integers != nil { return try foldReduction(node, &builder) }
  guard let kind = Reduction.Kind(rawValue: node.operator) else { throw .unsupported }
  return try importReduction(kind, node, &builder)
}

/// ReduceL1, ReduceL2, ReduceSumSquare, ReduceLogSum and ReduceLogSumExp: sums with functions before and behind.
func importComposedReduction(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let rank = builder.shape(input).count
  // Without axes and told so, there is nothing to sum: the functions remain.
  let axes = try node.reducedAxes(rank: rank, attributeBefore: 18, builder) ?? []
  let keeps = try node.flag("keepdims", default: true) || axes.isEmpty
  func sum(_ value: ImportedValue) throws(NodeProblem) -> ImportedValue {
    try builder.apply(
      .reduce(Reduction(.sum, axes: axes, keepDimensions: keeps)), to: value, of: node, step: "sum")
  }
  switch node.operator {
  case "ReduceL1":
    let absolute = try builder.apply(.activation(.function(.absolute)), to: input, of: node, step: "absolute")
    return try builder.apply(.reduce(Reduction(.sum, axes: axes, keepDimensions: keeps)), to: [absolute], of: node)
  case "ReduceL2":
    let squares = try builder.apply(.binary(Binary(.multiply)), to: input, input, of: node, step: "squares")
    return try builder.apply(.activation(.function(.sqrt)), to: [try sum(squares)], of: node)
  case "ReduceSumSquare":
    let squares = try builder.apply(.binary(Binary(.multiply)), to: input, input, of: node, step: "squares")
    return try builder.apply(.reduce(Reduction(.sum, axes: axes, keepDimensions: keeps)), to: [squares], of: node)
  case "ReduceLogSum":
    return try builder.apply(.activation(.function(.log)), to: [try sum(input)], of: node)
  default:
    // ReduceLogSumExp, around the largest, so that no exponential overflows.
    let largest = try builder.apply(
      .reduce(Reduction(.maximum, axes: axes, keepDimensions: true)), to: input, of: node, step: "largest")
    let centred = try builder.apply(.binary(Binary(.subtract)), to: input, largest, of: node, step: "centred")
    let powers = try builder.apply(.activation(.function(.exp)), to: centred, of: node, step: "exp")
    let logarithm = try builder.apply(.activation(.function(.log)), to: try sum(powers), of: node, step: "log")
    let shape = builder.shape(logarithm)
    let shift = try builder.apply(.reshape(shape), to: largest, of: node, step: "shift")
    return try builder.apply(.binary(Binary(.add)), to: [logarithm, shift], of: node)
  }
}

private func importReduction(
  _ kind: Reduction.Kind, _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let version = kind == .sum ? 13 : 18
  guard let axes = try node.reducedAxes(rank: builder.shape(input).count, attributeBefore: version, builder) else {
    return try builder.apply(.identity, to: [input], of: node)
  }
  let reduction = Reduction(kind, axes: axes, keepDimensions: try node.flag("keepdims", default: true))
  return try builder.apply(.reduce(reduction), to: [input], of: node)
}

extension ONNXNode {
  /// The axes that a reduction goes over; without any it is all of them, or none at all when the node says so (nil).
  func reducedAxes(
    rank: Int, attributeBefore version: Int, _ builder: GraphBuilder
  ) throws(NodeProblem) -> [Int]? {
    let given =
      opset < version ? try integers("axes") : try constantIntegers(1, "the list of axes", builder)
    if let given, !given.isEmpty { return try normalized(axes: given, rank: rank) }
    return try flag("noop_with_empty_axes") ? nil : Array(0..<rank)
  }
}
