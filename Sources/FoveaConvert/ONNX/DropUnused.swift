import FoveaGraph

extension Network {
  /// The network without nodes and values that no output depends on. Folding leaves some: what `Shape` read, for example.
  func withoutUnused() -> Network {
    var isUsed = values.map { _ in false }
    for id in inputs + outputs { isUsed[id.index] = true }
    // Nodes stand after those that make their inputs, so one walk from the end sees every reader before its producer.
    var kept: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: { isUsed[$0.index] }) {
      for input in node.inputs { isUsed[input.index] = true }
      kept.append(node)
    }
    var result = Network(source: source, layout: layout)
    var renumbered: [ValueID: ValueID] = [:]
    for (index, value) in values.enumerated() where isUsed[index] {
      let id = ValueID(index)
      result.values.append(value)
      renumbered[id] = ValueID(result.values.count - 1)
      if let tensor = constants[id] { result.constants[ValueID(result.values.count - 1)] = tensor }
    }
    result.inputs = inputs.compactMap { renumbered[$0] }
    result.outputs = outputs.compactMap { renumbered[$0] }
    result.nodes = kept.reversed().map { node in
      Node(
        name: node.name, operation: node.operation, inputs: node.inputs.compactMap { renumbered[$0] },
        outputs: node.outputs.compactMap { renumbered[$0] })
    }
    return result
  }
}
