/// Removes nodes whose outputs no network output depends on, and values that nothing uses; the remaining values are numbered
/// anew. The network's inputs all stay.
public func removeDeadNodes(_ network: Network) -> Network {
  var live = Set(network.outputs)
  var nodes: [Node] = []
  for node in network.nodes.reversed() where node.outputs.contains(where: live.contains) {
    live.formUnion(node.inputs)
    live.formUnion(node.outputs)
    nodes.append(node)
  }
  live.formUnion(network.inputs)

  var numbers: [ValueID: ValueID] = [:]
  var result = Network(source: network.source, layout: network.layout)
  for old in live.sorted() {
    numbers[old] = ValueID(result.values.count)
    result.values.append(network[old])
  }
  func renumbered(_ values: [ValueID]) -> [ValueID] { values.compactMap { numbers[$0] } }
  for (old, tensor) in network.constants {
    if let new = numbers[old] { result.constants[new] = tensor }
  }
  result.nodes = nodes.reversed().map { node in
    var node = node
    node.inputs = renumbered(node.inputs)
    node.outputs = renumbered(node.outputs)
    return node
  }
  result.inputs = renumbered(network.inputs)
  result.outputs = renumbered(network.outputs)
  return result
}
