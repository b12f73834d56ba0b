import FoveaGraph

/// Reshape. 0 keeps the input's dimension (unless `allowzero`, from version 14 on, takes it at its word), -1 is what remains.
func importReshape(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  guard var result = try node.constantIntegers(1, "the shape", builder) else { throw .invalid("the shape is missing") }
  guard result.count <= maximumRank else {
    throw .invalid("the shape has \(result.count) dimensions; up to \(maximumRank) are supported")
  }
  let given = result
  if try !node.flag("allowzero") {
    for index in result.indices where result[index] == 0 {
      guard index < shape.count else { throw .invalid("the shape \(given) keeps dimension \(index) of \(shape)") }
      result[index] = shape[index]
    }
  }
  if let inferred = result.firstIndex(of: -1) {
    result[inferred] = 1
    let count = shape.reduce(1, *)
    guard let known = elementCount(of: result), known > 0, count % known == 0 else {
      throw .invalid("the shape \(shape) cannot become \(given)")
    }
    result[inferred] = count / known
  }
  guard elementCount(of: result) != nil else { throw .invalid("the shape \(shape) cannot become \(given)") }
  return try builder.apply(.reshape(result), to: [input], of: node)
}

/// Flatten: the dimensions before `axis` become one, and those from it on another.
func importFlatten(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let given = try node.integer("axis", default: 1)
  // One behind the last dimension is allowed here.
  let axis = given == shape.count ? given : try node.normalized(axis: given, rank: shape.count)
  let flat = [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
  return try builder.apply(.reshape(flat), to: [input], of: node)
}

/// Squeeze. Version 13 turned its axes from an attribute into an input.
func importSqueeze(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let given = try node.axes(builder)
  let axes = try given.map { list throws(NodeProblem) in try node.normalized(axes: list, rank: shape.count) }
  if let axis = axes?.first(where: { shape[$0] != 1 }) {
    throw .invalid("dimension \(axis) of the shape \(shape) is \(shape[axis]); only 1 can be dropped")
  }
  let dropped = axes ?? shape.indices.filter { shape[$0] == 1 }
  let kept = shape.indices.filter { !dropped.contains($0) }
  return try builder.apply(.reshape(kept.map { shape[$0] }), to: [input], of: node)
}

/// Unsqueeze. Version 13 turned its axes from an attribute into an input.
func importUnsqueeze(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard let given = try node.axes(builder) else { throw .invalid("the list of axes is missing") }
  guard given.count <= maximumRank else { throw .invalid("\(given.count) axes; up to \(maximumRank) are supported") }
  var shape = builder.shape(input)
  // The axes count the output's dimensions. In ascending order each insertion leaves the later ones where they belong.
  for axis in try node.normalized(axes: given, rank: shape.count + given.count) { shape.insert(1, at: axis) }
  return try builder.apply(.reshape(shape), to: [input], of: node)
}

extension ONNXNode {
  fileprivate func axes(_ builder: GraphBuilder) throws(NodeProblem) -> [Int]? {
    opset < 13 ? try integers("axes") : try constantIntegers(1, "the list of axes", builder)
  }
}
