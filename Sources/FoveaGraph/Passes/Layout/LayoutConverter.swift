/// The network that `convertLayoutToNHWC` builds, beside the one it reads. Values keep their numbers: those of the source are
/// rearranged in place, and nodes that only rearrange make new ones.
///
/// "Logical" is ONNX's order of dimensions, "physical" the one in memory; they differ for rank-4 activations alone, and not for those
/// that are channels-last in ONNX's order too.
struct LayoutConverter {
  private let source: Network
  private var output: Network
  private let channelsLast: Set<ValueID>
  /// Values in another form that some node has asked for already.
  private var physicalCopies: [ValueID: ValueID] = [:]
  private var logicalCopies: [ValueID: ValueID] = [:]
  private var operands: [ValueID: ValueID] = [:]

  init(_ network: Network) {
    source = network
    channelsLast = channelsLastValues(of: network)
    output = network
    output.layout = .nhwc
    output.nodes = []
    for index in network.values.indices {
      let value = ValueID(index)
      guard !isConstant(value) else { continue }
      if isImage(value) { output[value].shape = ImageOrder.nhwc(network[value].shape) }
      output[value].keepsSourceOrder = channelsLast.contains(value)
    }
  }

  /// The new network, when every node has been converted.
  mutating func finish() throws(GraphError) -> Network {
    // An output that is a constant lies in memory like the others.
    for (index, value) in output.outputs.enumerated() where isConstant(value) {
      output.outputs[index] = try physical(value)
    }
    return output
  }

  // MARK: Values of the source

  func isConstant(_ value: ValueID) -> Bool { source.constants[value] != nil }
  /// Whether the value's logical and physical order differ.
  func isImage(_ value: ValueID) -> Bool { isRank4(value) && !channelsLast.contains(value) }
  func keepsSourceOrder(_ value: ValueID) -> Bool { channelsLast.contains(value) }
  private func isRank4(_ value: ValueID) -> Bool { source[value].shape.count == 4 }
  func name(_ value: ValueID) -> String { source[value].name }
  func logicalShape(_ value: ValueID) -> [Int] { source[value].shape }

  /// The shape in memory, of any value of the new network.
  func shape(_ value: ValueID) -> [Int] { output[value].shape }

  // MARK: Nodes

  /// Adds a node that makes what `node` makes.
  mutating func emit(
    _ operation: Operation, _ inputs: [ValueID], as node: Node, name: String? = nil
  ) {
    output.nodes.append(Node(name: name ?? node.name, operation: operation, inputs: inputs, outputs: node.outputs))
  }

  /// Adds a node on the way there, and returns its new value.
  mutating func emit(
    _ operation: Operation, _ inputs: [ValueID], name: String
  ) throws(GraphError) -> ValueID {
    var step = Node(name: name, operation: operation, inputs: inputs, outputs: [])
    let value = output.addValue(name: name, shape: try output.outputShape(of: step))
    step.outputs = [value]
    output.nodes.append(step)
    return value
  }

  /// Adds the transposition that makes what `node` makes.
  mutating func rearrange(_ value: ValueID, _ permutation: [Int], as node: Node, name: String) {
    emit(rearrangement(of: value, by: permutation), [value], as: node, name: name)
  }

  /// A transposition, or the reshape that it comes to.
  private func rearrangement(of value: ValueID, by permutation: [Int]) -> Operation {
    let shape = shape(value)
    return keepsOrder(permutation, of: shape) ? .reshape(permutation.map { shape[$0] }) : .transpose(permutation)
  }

  // MARK: Inputs of nodes

  /// The value as [N, H, W, C] of what the source says is [N, C, H, W]: as images lie in memory. Constants get there now, and
  /// values that keep the source's order.
  mutating func physical(_ value: ValueID) throws(GraphError) -> ValueID {
    guard isRank4(value), isConstant(value) || keepsSourceOrder(value) else { return value }
    if let known = physicalCopies[value] { return known }
    let result: ValueID
    if let tensor = source.constants[value]?.transposed(ImageOrder.toNHWC) {
      result = output.addConstant(name: name(value) + "/nhwc", tensor)
    } else {
      result = try emit(rearrangement(of: value, by: ImageOrder.toNHWC), [value], name: name(value) + "/nhwc")
    }
    physicalCopies[value] = result
    return result
  }

  /// The value in ONNX's order, for operations on the elements as ONNX numbers them.
  mutating func logical(_ value: ValueID) throws(GraphError) -> ValueID {
    guard isImage(value), !isConstant(value) else { return value }
    if let known = logicalCopies[value] { return known }
    let operation = rearrangement(of: value, by: ImageOrder.toNCHW)
    let result = try emit(operation, [value], name: name(value) + "/nchw")
    logicalCopies[value] = result
    return result
  }

  /// The value as an operand of rank-4 arithmetic. One of fewer dimensions is aligned with ONNX's last ones, which are not the
  /// last in memory: it gets its dimensions of 1 in ONNX's order, and is then rearranged like the rest.
  mutating func operand(_ value: ValueID) throws(GraphError) -> ValueID {
    if isRank4(value) { return try physical(value) }
    if let known = operands[value] { return known }
    let shape = aligned(logicalShape(value), rank: 4)
    let result: ValueID
    if let constant = source.constants[value],
      let tensor = constant.reshaped(to: shape).transposed(ImageOrder.toNHWC)
    {
      result = output.addConstant(name: name(value) + "/nhwc", tensor)
    } else if keepsOrder(ImageOrder.toNHWC, of: shape) {
      result = try emit(.reshape(ImageOrder.nhwc(shape)), [value], name: name(value) + "/nhwc")
    } else {
      let reshaped = try emit(.reshape(shape), [value], name: name(value) + "/nchw")
      result = try emit(.transpose(ImageOrder.toNHWC), [reshaped], name: name(value) + "/nhwc")
    }
    operands[value] = result
    return result
  }
}
