import FoveaGraph

// Operators that make or rearrange constants, and that exporters put between a Shape and the Reshape that reads it.

/// ConstantOfShape: one value in every place.
func foldConstantOfShape(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  guard let shape = try node.constantIntegers(0, "the shape", builder) else { throw .invalid("the shape is missing") }
  let value = try node.tensor("value") ?? Tensor(shape: [1], floats: [0])
  guard value.count == 1 else { throw .invalid("its value has \(value.count) elements, expected 1") }
  try builder.spend(shape)
  return builder.constant(value.picking([Int](repeating: 0, count: shape.reduce(1, *)), shape: shape), of: node)
}

/// Gather along an axis, of constants.
func foldGather(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  guard constants.count == 2, let indices = constants[1].integers else { throw .invalid("its indices are floats") }
  let data = constants[0]
  let axis = try node.normalized(axis: try node.integer("axis", default: 0), rank: data.shape.count)
  let size = data.shape[axis]
  let shape = Array(data.shape[..<axis]) + constants[1].shape + Array(data.shape[(axis + 1)...])
  try builder.spend(shape)
  let inner = data.shape[(axis + 1)...].reduce(1, *)
  var places: [Int] = []
  for outer in 0..<data.shape[..<axis].reduce(1, *) {
    for index in indices {
      guard (-size..<size).contains(Int(index)) else { throw .invalid("index \(index) is outside of \(size) elements") }
      let start = (outer * size + (index < 0 ? Int(index) + size : Int(index))) * inner
      places.append(contentsOf: start..<start + inner)
    }
  }
  return builder.constant(data.picking(places, shape: shape), of: node)
}

/// Tile, of constants.
func foldTile(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  guard constants.count == 2, let repeats = constants[1].integers, repeats.count == constants[0].shape.count,
    repeats.allSatisfy({ (0...1 << 31).contains($0) })
  else { throw .invalid("its repeats do not fit the shape \(constants[0].shape)") }
  var result = constants[0]
  // One axis after the other: each is a gather of whole blocks.
  for (axis, count) in repeats.enumerated() {
    var shape = result.shape
    let block = shape[axis...].reduce(1, *)
    shape[axis] *= Int(count)
    try builder.spend(shape)
    var places: [Int] = []
    for outer in 0..<shape[..<axis].reduce(1, *) where block > 0 {
      for _ in 0..<count { places.append(contentsOf: outer * block..<(outer + 1) * block) }
    }
    result = result.picking(places, shape: shape)
  }
  return builder.constant(result, of: node)
}

/// Range: start, limit, step.
func foldRange(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let constants = try node.constants(builder)
  let floats = constants.compactMap { $0.count == 1 ? $0.floats?.first : nil }
  if floats.count == 3, floats[2] != 0 {
    let count = max(0, ((floats[1] - floats[0]) / floats[2]).rounded(.up))
    guard count < 0x1p31 else { throw .invalid("its range has \(count) elements") }
    try builder.spend([Int(count)])
    let elements = (0..<Int(count)).map { floats[0] + Float($0) * floats[2] }
    return builder.constant(Tensor(shape: [elements.count], floats: elements), of: node)
  }
  let numbers = constants.map { $0.count == 1 ? $0.integers?.first : nil }
  guard let start = numbers[0], let limit = numbers[1], let step = numbers[2], step != 0 else {
    throw .invalid("its start, limit and step are not three numbers of one type")
  }
  // Counted without walking: the distance may be any 64-bit number.
  let distance = Double(limit) - Double(start)
  let count = max(0, (distance / Double(step)).rounded(.up))
  guard count < 0x1p31 else { throw .invalid("its range has \(count) elements") }
  try builder.spend([Int(count)])
  let elements = (0..<Int(count)).map { start &+ Int64($0) &* step }
  return builder.constant(Tensor(shape: [elements.count], integers: elements), of: node)
}

extension ONNXNode {
  /// All inputs, for an operator that exists only among constants.
  func constants(_ builder: GraphBuilder) throws(NodeProblem) -> [Tensor] {
    var tensors: [Tensor] = []
    for input in inputs {
      guard let input, let tensor = builder.tensor(input) else { throw .unsupported }
      tensors.append(tensor)
    }
    return tensors
  }
}

extension Tensor {
  /// A tensor of the elements at the given places, which exist.
  func picking(_ places: [Int], shape: [Int]) -> Tensor {
    switch elements {
    case .floats(let values): Tensor(shape: shape, floats: places.map { values[$0] })
    case .integers(let values): Tensor(shape: shape, integers: places.map { values[$0] })
    }
  }

  /// NumPy's broadcasting to a shape that is known to fit.
  func expanded(to target: [Int]) -> Tensor {
    if shape == target { return self }
    let source = aligned(shape, rank: target.count)
    var places = [0]
    // From the first dimension on, every place so far becomes the places of its row.
    for axis in target.indices {
      let stride = source[(axis + 1)...].reduce(1, *)
      let steps = (0..<target[axis]).map { source[axis] == 1 ? 0 : $0 * stride }
      places = places.flatMap { place in steps.map { place + $0 } }
    }
    return picking(places, shape: target)
  }
}

/// The shape that two shapes broadcast to.
func broadcast(_ a: [Int], _ b: [Int]) throws(NodeProblem) -> [Int] {
  do {
    return try broadcastShape(a, b)
  } catch {
    throw .invalid(error.reason)
  }
}
