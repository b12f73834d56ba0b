import FoveaGraph

/// Split, which becomes a slice for each output. Version 13 turned the sizes from an attribute into an input, 18 added
/// `num_outputs`, with a smaller last part.
func importSplit(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let axis = try node.normalized(axis: try node.integer("axis", default: 0), rank: shape.count)
  let given = node.opset < 13 ? try node.integers("split") : try node.constantIntegers(1, "the list of sizes", builder)
  let sizes: [Int]
  if let given { sizes = given } else { sizes = try evenSizes(of: shape[axis], node) }
  // Each size is checked before the sum, which then cannot overflow.
  guard sizes.count == node.outputs.count, sizes.allSatisfy({ (0...shape[axis]).contains($0) }),
    sizes.reduce(0, +) == shape[axis]
  else {
    throw .invalid("the sizes \(sizes) do not split a dimension of \(shape[axis]) into \(node.outputs.count) outputs")
  }
  var results: [ImportedValue] = []
  var start = 0
  for (index, size) in sizes.enumerated() {
    var slice = Slice(starts: shape.map { _ in 0 }, steps: shape.map { _ in 1 }, sizes: shape)
    slice.starts[axis] = size == 0 ? 0 : start
    slice.sizes[axis] = size
    start += size
    guard node.isUsed[index] else {
      results.append(.unknown)
      continue
    }
    results.append(
      try builder.apply(
        .slice(slice), to: [input], node: "\(node.name)/\(index)", output: node.outputs[index]))
  }
  return results
}

private func evenSizes(of size: Int, _ node: ONNXNode) throws(NodeProblem) -> [Int] {
  let parts = node.outputs.count
  if node.opset >= 18, let declared = try node.integer("num_outputs"), declared != parts {
    throw .invalid("num_outputs is \(declared), and it has \(parts) outputs")
  }
  guard parts > 0, parts <= size, node.opset >= 18 || size % parts == 0 else {
    throw .invalid("a dimension of \(size) does not split into \(parts) equal parts")
  }
  let part = (size + parts - 1) / parts
  return (0..<parts).map { max(0, min(part, size - $0 * part)) }
}
