/// Computes the nodes all of whose inputs are constants, where `Operation.evaluate` can. A node that makes a network output
/// stays, for outputs have to be made by something.
public func foldConstants(_ network: Network) -> Network {
  var network = network
  let outputs = Set(network.outputs)
  // A small file can describe many large constants: beyond 2 GB of floats the rest stays in the network.
  var budget = 1 << 29
  var kept: [Node] = []
  for node in network.nodes {
    let inputs = node.inputs.compactMap { network.constants[$0] }
    guard inputs.count == node.inputs.count, let output = node.outputs.first, !outputs.contains(output),
      let tensor = node.operation.evaluate(inputs, layout: network.layout), tensor.count <= budget
    else {
      kept.append(node)
      continue
    }
    budget -= tensor.count
    network.constants[output] = tensor
    network[output].shape = tensor.shape
  }
  network.nodes = kept
  return network
}
