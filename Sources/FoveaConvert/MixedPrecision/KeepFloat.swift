import FoveaGraph

extension QuantizedNetwork {
  /// The same network with some more nodes in float. What only float nodes read and write is not rounded any more.
  func keepingFloat(_ nodes: Set<Int>) -> QuantizedNetwork {
    var result = self
    result.int8Nodes.subtract(nodes)
    for node in nodes { result.layers[node] = nil }
    var bytes: Set<ValueID> = []
    for index in result.int8Nodes {
      let node = network.nodes[index]
      bytes.formUnion(node.inputs.prefix(node.operation.activationInputs) + node.outputs)
    }
    bytes.subtract(result.floatOutputs().filter { !result.isGroupedOutput($0) })
    for index in network.values.indices where !bytes.contains(ValueID(index)) {
      result.network.values[index].quantization = nil
    }
    return result
  }

  /// Whether a grouped convolution makes the value. Its float form takes a step a group: rounding the sums of hundreds of channels
  /// is better than that.
  private func isGroupedOutput(_ value: ValueID) -> Bool {
    network.nodes.contains { $0.outputs.contains(value) && $0.operation.isGrouped }
  }
}

extension Operation {
  var isGrouped: Bool {
    guard case .convolution(let convolution) = self else { return false }
    return convolution.groups > 1
  }
}
