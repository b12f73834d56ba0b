/// Removes nodes whose output is their input. One that connects a network input or a constant with a network output, or two
/// network outputs, stays: a value can only play one of these parts.
public func removeIdentities(_ network: Network) -> Network {
  var network = network
  let outputs = Set(network.outputs)
  let unmade = Set(network.inputs).union(network.constants.keys)
  // A removed output or input and the value that stands for it now, which may itself have been replaced later.
  var replacements: [ValueID: ValueID] = [:]
  func current(_ value: ValueID) -> ValueID {
    var value = value
    while let next = replacements[value] { value = next }
    return value
  }

  var kept: [Node] = []
  for node in network.nodes {
    if let output = node.outputs.first, let input = node.inputs.first.map(current),
      node.isIdentity(network[input].shape)
    {
      if !outputs.contains(output) {
        replacements[output] = input
        continue
      }
      if !outputs.contains(input) && !unmade.contains(input) {
        replacements[input] = output
        continue
      }
    }
    kept.append(node)
  }
  network.nodes = kept.map { node in
    Node(
      name: node.name, operation: node.operation, inputs: node.inputs.map(current), outputs: node.outputs.map(current))
  }
  return network
}

extension Node {
  fileprivate func isIdentity(_ shape: [Int]) -> Bool {
    switch operation {
    case .identity: true
    case .reshape(let target): target == shape
    case .transpose(let permutation): permutation == Array(shape.indices)
    case .slice(let slice):
      slice.sizes == shape && zip(slice.starts, slice.steps).allSatisfy { $0 == 0 && $1 == 1 }
    case .pad(let pad): (pad.before + pad.after).allSatisfy { $0 == 0 }
    case .activation(.clamp(let clamp)): clamp.isNone
    case .concat: inputs.count == 1
    case .reduce(let reduction): reduction.axes.isEmpty
    default: false
    }
  }
}
