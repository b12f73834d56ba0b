import FoveaGraph

/// The network under construction: what translations of operators add to.
struct GraphBuilder {
  private(set) var network: Network
  private var constants: [Constant] = []
  /// How many elements folding may still make. A small file can describe much work (tile this a million times); what is folded
  /// in real networks is of the size of their weights, so each weight adds to it.
  private var budget = 1 << 24

  private struct Constant {
    var name: String
    var tensor: Tensor
    /// Set once a node of the network reads it.
    var id: ValueID?
  }

  init(source: String) {
    network = Network(source: source)
  }

  mutating func addInput(name: String, shape: [Int]) -> ImportedValue {
    let id = network.addValue(name: name, shape: shape)
    network.inputs.append(id)
    return .edge(id)
  }

  /// Adds a constant that the file holds.
  mutating func addInitializer(name: String, _ tensor: Tensor) -> ImportedValue {
    budget += 16 * tensor.count
    return addConstant(name: name, tensor)
  }

  mutating func addConstant(name: String, _ tensor: Tensor) -> ImportedValue {
    constants.append(Constant(name: name, tensor: tensor))
    return .constant(constants.count - 1)
  }

  mutating func addOutput(_ value: ImportedValue, name: String) {
    // A constant output gets its own value with the output's name.
    if let tensor = tensor(value) { return network.outputs.append(network.addConstant(name: name, tensor)) }
    network.outputs.append(contentsOf: id(of: value).map { [$0] } ?? [])
  }

  /// The value when it is known now.
  func tensor(_ value: ImportedValue) -> Tensor? {
    if case .constant(let index) = value { return constants[index].tensor }
    return nil
  }

  func shape(_ value: ImportedValue) -> [Int] {
    switch value {
    case .constant(let index): constants[index].tensor.shape
    case .edge(let id), .bytes(let id, _, _): network[id].shape
    case .unknown: []
    }
  }

  /// Claims room for constants that folding makes, before it makes them.
  mutating func spend(_ shape: [Int]) throws(NodeProblem) {
    // A dimension of 0 counts as 1: the loops over the other dimensions still take their time.
    guard shape.count <= maximumRank, shape.allSatisfy({ $0 >= 0 }),
      let count = elementCount(of: shape.map { max($0, 1) }), count <= budget
    else {
      throw .invalid("the constant of shape \(shape) that it makes is too large to compute during the import")
    }
    budget -= count
  }

  /// Applies an operation: now, when all inputs are constants and the operation can be computed, and else as a node.
  mutating func apply(
    _ operation: Operation, to inputs: [ImportedValue], node: String, output: String
  ) throws(NodeProblem) -> ImportedValue {
    let quantizations = Set(inputs.compactMap(\.quantization))
    if let quantization = quantizations.first, let type = inputs.compactMap(\.byteType).first {
      guard operation.takesBytes, quantizations.count == 1, inputs.allSatisfy({ $0.quantization != nil }) else {
        throw .invalid("it computes with 8-bit integers as they are; put a DequantizeLinear before it")
      }
      let moved = try apply(operation, to: inputs.map(\.dequantized), node: node, output: output)
      guard case .edge(let id) = moved else { return moved }
      return .bytes(id, quantization, type)
    }
    let shape: [Int]
    do {
      shape = try operation.outputShape(of: inputs.map { self.shape($0) })
    } catch {
      throw .invalid(error.reason)
    }
    guard shape.count <= maximumRank else {
      throw .invalid("its output has \(shape.count) dimensions; up to \(maximumRank) are supported")
    }
    let tensors = inputs.compactMap { tensor($0) }
    if tensors.count == inputs.count {
      try spend(shape)
      if let folded = operation.evaluate(tensors) { return addConstant(name: output, folded) }
    }
    guard tensors.allSatisfy({ $0.floats != nil }) else {
      throw .invalid("integers take part in what is computed when the network runs; only float32 is supported there")
    }
    guard !shape.contains(0) else { throw .invalid("its output would be empty: its shape is \(shape)") }
    let ids = inputs.compactMap { id(of: $0) }
    let result = network.addValue(name: output, shape: shape)
    network.nodes.append(Node(name: node, operation: operation, inputs: ids, outputs: [result]))
    return .edge(result)
  }

  /// The network's value for an imported one, which constants get when they are first read.
  private mutating func id(of value: ImportedValue) -> ValueID? {
    switch value {
    case .edge(let id), .bytes(let id, _, _): return id
    case .unknown: return nil
    case .constant(let index):
      if let id = constants[index].id { return id }
      let id = network.addConstant(name: constants[index].name, constants[index].tensor)
      constants[index].id = id
      return id
    }
  }
}

extension GraphBuilder {
  /// Applies an operation that is the node's whole meaning.
  mutating func apply(
    _ operation: Operation, to inputs: [ImportedValue], of node: ONNXNode
  ) throws(NodeProblem) -> [ImportedValue] {
    [try apply(operation, to: inputs, node: node.name, output: node.output)]
  }

  /// Applies one step of several that a node becomes.
  mutating func apply(
    _ operation: Operation, to input: ImportedValue, of node: ONNXNode, step: String
  ) throws(NodeProblem) -> ImportedValue {
    try apply(operation, to: [input], node: "\(node.name)/\(step)", output: "\(node.output)/\(step)")
  }

  /// Applies one step of several, of two inputs.
  mutating func apply(
    _ operation: Operation, to a: ImportedValue, _ b: ImportedValue, of node: ONNXNode, step: String
  ) throws(NodeProblem) -> ImportedValue {
    try apply(operation, to: [a, b], node: "\(node.name)/\(step)", output: "\(node.output)/\(step)")
  }

  /// A number that one step of several takes.
  mutating func number(_ value: Float, of node: ONNXNode, step: String) -> ImportedValue {
    addConstant(name: "\(node.output)/\(step)", Tensor(shape: [], floats: [value]))
  }

  /// The node's result is a constant.
  mutating func constant(_ tensor: Tensor, of node: ONNXNode) -> [ImportedValue] {
    [addConstant(name: node.output, tensor)]
  }
}
