/// A network while a pass changes some of its nodes: knows which node makes a value and how often the value is used, and keeps
/// that true as nodes merge. Nodes keep their index until `finished`.
struct Rewriter {
  private(set) var network: Network
  private var producers: [ValueID: Int] = [:]
  private var uses: [ValueID: Int] = [:]
  private var removed: Set<Int> = []
  private var inserted: [Int: [Node]] = [:]

  init(_ network: Network) {
    self.network = network
    for (index, node) in network.nodes.enumerated() {
      for value in node.inputs { uses[value, default: 0] += 1 }
      for value in node.outputs { producers[value] = index }
    }
    for value in network.outputs { uses[value, default: 0] += 1 }
  }

  /// The indices of the nodes that the pass began with, in execution order.
  var indices: Range<Int> { network.nodes.indices }

  subscript(index: Int) -> Node { network.nodes[index] }

  func shape(_ value: ValueID) -> [Int] { network[value].shape }

  /// The elements of a constant of floats.
  func floats(_ value: ValueID) -> [Float]? { network.constants[value]?.floats }

  /// The node that makes the value; nil for inputs, constants and nodes that this pass inserted.
  func producer(of value: ValueID) -> Int? { producers[value] }

  /// The node that makes the value, if one input of one node is all that uses it: then the two can become one.
  func soleProducer(of value: ValueID) -> Int? { uses[value] == 1 ? producers[value] : nil }

  mutating func update(_ index: Int, operation: Operation, inputs: [ValueID]) {
    let old = network.nodes[index].inputs
    network.nodes[index].operation = operation
    network.nodes[index].inputs = inputs
    for value in inputs { uses[value, default: 0] += 1 }
    for value in old { release(value) }
  }

  mutating func update(_ index: Int, operation: Operation) {
    network.nodes[index].operation = operation
  }

  /// Removes `next`, which uses what `index` makes; `index` makes what `next` made from now on. The caller has put the work of
  /// both into the operation of `index`.
  mutating func absorb(_ next: Int, into index: Int) {
    for value in network.nodes[index].outputs { producers[value] = nil }
    network.nodes[index].outputs = network.nodes[next].outputs
    for value in network.nodes[index].outputs { producers[value] = index }
    removed.insert(next)
    for value in network.nodes[next].inputs { release(value) }
  }

  /// Puts a new node right before the node `index`.
  mutating func insert(
    _ operation: Operation, inputs: [ValueID], shape: [Int], name: String, before index: Int
  ) -> ValueID {
    let output = network.addValue(name: name, shape: shape)
    inserted[index, default: []].append(Node(name: name, operation: operation, inputs: inputs, outputs: [output]))
    for value in inputs { uses[value, default: 0] += 1 }
    return output
  }

  mutating func addConstant(name: String, _ tensor: Tensor) -> ValueID {
    network.addConstant(name: name, tensor)
  }

  /// One use of the value is gone; with the last one goes the node that makes it.
  private mutating func release(_ value: ValueID) {
    uses[value, default: 0] -= 1
    guard uses[value] == 0, let index = producers[value], !removed.contains(index) else { return }
    removed.insert(index)
    // A chain of these is as short as the patterns that passes look for.
    for input in network.nodes[index].inputs { release(input) }
  }

  func finished() -> Network {
    var result = network
    result.nodes = indices.flatMap { index in
      removed.contains(index) ? [] : (inserted[index] ?? []) + [network.nodes[index]]
    }
    return result
  }
}
