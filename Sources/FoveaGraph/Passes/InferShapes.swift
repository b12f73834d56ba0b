/// Checks the whole network and gives every value the shape that follows from the inputs and constants: values exist and are
/// made once, before they are used, and every operation can take the shapes it gets. The other passes rely on that.
public func inferShapes(_ network: Network) throws(GraphError) -> Network {
  var network = network
  var known = [Bool](repeating: false, count: network.values.count)

  func define(_ value: ValueID, _ node: String, _ operation: String) throws(GraphError) {
    guard known.indices.contains(value.index) else {
      throw .invalid(node: node, operation: operation, reason: "there is no value number \(value.index)")
    }
    if known[value.index] {
      let reason = "the value \"\(network[value].name)\" is defined twice"
      throw .invalid(node: node, operation: operation, reason: reason)
    }
    known[value.index] = true
  }

  func use(_ value: ValueID, _ node: String, _ operation: String) throws(GraphError) {
    if known.indices.contains(value.index) && known[value.index] { return }
    let name = known.indices.contains(value.index) ? "\"\(network[value].name)\"" : "number \(value.index)"
    throw .invalid(node: node, operation: operation, reason: "the value \(name) is used before it is made")
  }

  for value in network.inputs {
    try define(value, "", "input")
    guard elementCount(of: network[value].shape) != nil else {
      let reason = "the shape \(network[value].shape) is beyond what a value can have"
      throw .invalid(node: network[value].name, operation: "input", reason: reason)
    }
  }
  for (value, tensor) in network.constants.sorted(by: { $0.key < $1.key }) {
    try define(value, "", "constant")
    guard tensor.isConsistent else {
      let reason = "the number of elements is not that of the shape \(tensor.shape)"
      throw .invalid(node: network[value].name, operation: "constant", reason: reason)
    }
    network[value].shape = tensor.shape
  }
  for node in network.nodes {
    for value in node.inputs { try use(value, node.name, node.operation.name) }
    guard node.outputs.count == 1 else {
      let reason = "\(node.outputs.count) outputs, expected 1"
      throw .invalid(node: node.name, operation: node.operation.name, reason: reason)
    }
    try define(node.outputs[0], node.name, node.operation.name)
    network[node.outputs[0]].shape = try network.outputShape(of: node)
  }
  for value in network.outputs { try use(value, "", "output") }
  return network
}

extension Network {
  /// The shape of the node's output, by the shapes that its inputs have.
  func outputShape(of node: Node) throws(GraphError) -> [Int] {
    do throws(ShapeError) {
      return try node.operation.outputShape(of: node.inputs.map { self[$0].shape }, layout: layout)
    } catch {
      throw .invalid(node: node.name, operation: node.operation.name, reason: error.reason)
    }
  }
}
