import FoveaGraph

/// Gather along an axis, by constant indices.
func importGather(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard builder.tensor(input) == nil else { return try foldGather(node, &builder) }
  guard let indices = builder.tensor(try node.input(1)) else {
    throw .invalid("its indices are computed when the network runs; they must be constants")
  }
  guard let numbers = indices.integers else { throw .invalid("its indices are floats") }
  let shape = builder.shape(input)
  let axis = try node.normalized(axis: try node.integer("axis", default: 0), rank: shape.count)
  let size = shape[axis]
  var positions: [Int] = []
  for number in numbers {
    guard (-size..<size).contains(Int(number)) else {
      throw .invalid("index \(number) is outside of \(size) elements")
    }
    positions.append(number < 0 ? Int(number) + size : Int(number))
  }
  let gather = Operation.resample(Resampling(axis: axis, gathering: positions))
  guard indices.shape.count != 1 else { return try builder.apply(gather, to: [input], of: node) }
  let gathered = try builder.apply(gather, to: input, of: node, step: "gathered")
  let target = Array(shape[..<axis]) + indices.shape + Array(shape[(axis + 1)...])
  return try builder.apply(.reshape(target), to: [gathered], of: node)
}

/// Expand: NumPy's broadcasting to a shape.
func importExpand(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard let given = try node.constantIntegers(1, "the shape", builder) else { throw .invalid("the shape is missing") }
  guard given.count <= maximumRank, elementCount(of: given) != nil else { throw .invalid("the shape is \(given)") }
  let shape = try broadcast(builder.shape(input), given)
  if shape == builder.shape(input) { return try builder.apply(.identity, to: [input], of: node) }
  if let tensor = builder.tensor(input) {
    try builder.spend(shape)
    return builder.constant(tensor.expanded(to: shape), of: node)
  }
  let source = aligned(builder.shape(input), rank: shape.count)
  return try builder.repeated(input, source, node) { axis in shape[axis] / max(1, source[axis]) }
}

/// Tile: every axis some times over.
func importTile(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard builder.tensor(input) == nil else { return try foldTile(node, &builder) }
  let shape = builder.shape(input)
  guard let repeats = try node.constantIntegers(1, "the list of repeats", builder), repeats.count == shape.count,
    repeats.allSatisfy({ (1...1 << 24).contains($0) })
  else { throw .invalid("its repeats do not fit the shape \(shape)") }
  return try builder.repeated(input, shape, node) { repeats[$0] }
}

/// DepthToSpace. Version 11 added the order of channels.
func importDepthToSpace(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let order: DepthToSpace.Order
  switch try node.string("mode", default: "DCR") {
  case "DCR": order = .blockFirst
  case "CRD": order = .depthFirst
  case let mode: throw .invalid("mode \"\(printable(mode))\" does not exist; DCR and CRD do")
  }
  return try builder.apply(.depthToSpace(try blocks(node, order, builder)), to: [try node.input(0)], of: node)
}

func importSpaceToDepth(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let order: DepthToSpace.Order = try node.string("mode", default: "DCR") == "CRD" ? .depthFirst : .blockFirst
  return try builder.apply(.spaceToDepth(try blocks(node, order, builder)), to: [try node.input(0)], of: node)
}

private func blocks(
  _ node: ONNXNode, _ order: DepthToSpace.Order, _ builder: GraphBuilder
) throws(NodeProblem) -> DepthToSpace {
  try node.requireImages(builder.shape(try node.input(0)), "moving channels to positions")
  guard let size = try node.integer("blocksize"), (1...1 << 15).contains(size) else {
    throw .invalid("blocksize is missing, or not a number from 1 to \(1 << 15)")
  }
  return DepthToSpace(block: Size2D(size, size), order: order)
}

extension GraphBuilder {
  /// The value, seen through `shape`, with each axis some times over.
  fileprivate mutating func repeated(
    _ input: ImportedValue, _ shape: [Int], _ node: ONNXNode, times: (Int) -> Int
  ) throws(NodeProblem) -> [ImportedValue] {
    var current = input
    if self.shape(input) != shape { current = try apply(.reshape(shape), to: input, of: node, step: "aligned") }
    for axis in shape.indices where times(axis) != 1 {
      let count = times(axis)
      try spend([shape[axis], count])
      let positions = (0..<count).flatMap { _ in 0..<shape[axis] }
      current = try apply(
        .resample(Resampling(axis: axis, gathering: positions)), to: current, of: node, step: "axis\(axis)")
    }
    return try apply(.identity, to: [current], of: node)
  }
}
