import FoveaGraph

/// ReduceMean. Version 18 turned its axes from an attribute into an input.
func importReduceMean(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard let axes = try node.reducedAxes(rank: builder.shape(input).count, attributeBefore: 18, builder) else {
    return try builder.apply(.identity, to: [input], of: node)
  }
  let reduction = ReduceMean(axes: axes, keepDimensions: try node.flag("keepdims", default: true))
  return try builder.apply(.reduceMean(reduction), to: [input], of: node)
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
