import FoveaGraph

/// Constant, whose value is one of several attributes.
func importConstant(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  if let tensor = try node.tensor("value") { return [builder.addInitializer(name: node.output, tensor)] }
  if let number = try node.float("value_float") {
    return builder.constant(Tensor(shape: [], floats: [number]), of: node)
  }
  if let numbers = try node.floats("value_floats") {
    return builder.constant(Tensor(shape: [numbers.count], floats: numbers), of: node)
  }
  if let number = try node.integer("value_int") {
    return builder.constant(Tensor(shape: [], integers: [Int64(number)]), of: node)
  }
  if let numbers = try node.integers("value_ints") {
    return builder.constant(Tensor(shape: [numbers.count], integers: numbers.map { Int64($0) }), of: node)
  }
  if node.has("sparse_value") { throw .invalid("its value is sparse, which is not supported") }
  throw .invalid("it has no value that is a tensor, a number or a list of numbers")
}

/// Shape. Every shape is known, so it is a constant. Version 15 added a range of dimensions.
func importShape(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let shape = builder.shape(try node.input(0))
  /// Counted from the end when negative, and cut to the shape: the sum cannot overflow.
  func position(_ name: String, default value: Int) throws(NodeProblem) -> Int {
    let given = node.opset < 15 ? value : try node.integer(name, default: value)
    return min(max(given < 0 ? given + shape.count : given, 0), shape.count)
  }
  let start = try position("start", default: 0)
  let end = try position("end", default: shape.count)
  let dimensions = start < end ? shape[start..<end].map { Int64($0) } : []
  return builder.constant(Tensor(shape: [dimensions.count], integers: dimensions), of: node)
}

/// Size: the number of elements.
func importSize(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let count = builder.shape(try node.input(0)).reduce(1, *)
  return builder.constant(Tensor(shape: [], integers: [Int64(count)]), of: node)
}
