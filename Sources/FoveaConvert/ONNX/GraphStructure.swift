/// Who makes and who reads each value of a graph, and an order in which its nodes can be imported.
///
/// Checks on the way that every name is made once, that everything read exists, and that there is no cycle. ONNX demands
/// that a file lists its nodes in order; a file that does not is sorted here.
struct GraphStructure {
  /// The nodes that outputs depend on, in execution order, as indices into the file's list.
  let order: [Int]
  /// The values that some needed node or the caller reads.
  let used: Set<String>

  init(_ graph: ONNXGraphProto, file: String) throws(ConversionError) {
    let producers = try findProducers(graph, file: file)
    try checkInputs(graph, producers: producers, file: file)
    let sorted = try sortNodes(graph.node, producers: producers, file: file)
    used = findUsed(graph, producers: producers)
    order = sorted.filter { [used] index in graph.node[index].output.contains { used.contains($0) } }
  }
}

/// What makes a value.
private enum Producer {
  case given
  case node(Int)
}

private func findProducers(_ graph: ONNXGraphProto, file: String) throws(ConversionError) -> [String: Producer] {
  var producers: [String: Producer] = [:]
  func add(_ name: String, _ producer: Producer) throws(ConversionError) {
    guard producers.updateValue(producer, forKey: name) == nil else {
      throw .invalidNetwork(file: file, reason: "two things make the value \"\(printable(name))\"")
    }
  }
  for input in graph.input { try add(input.name, .given) }
  // An initializer with an input's name is that input's default.
  let inputs = Set(graph.input.map(\.name))
  var initializers: Set<String> = []
  for name in graph.initializer.map(\.name) + graph.sparseInitializer.map(\.values.name) {
    guard initializers.insert(name).inserted else {
      throw .invalidNetwork(file: file, reason: "two initializers are named \"\(printable(name))\"")
    }
    if !inputs.contains(name) { try add(name, .given) }
  }
  for (index, node) in graph.node.enumerated() {
    for output in node.output where !output.isEmpty { try add(output, .node(index)) }
  }
  return producers
}

/// Every value that a node or the caller reads exists.
private func checkInputs(
  _ graph: ONNXGraphProto, producers: [String: Producer], file: String
) throws(ConversionError) {
  for (index, node) in graph.node.enumerated() {
    for input in node.input where !input.isEmpty && producers[input] == nil {
      throw .invalidNetwork(
        file: file,
        reason: "node \"\(derivedName(of: node, at: index))\" (\(printable(node.opType))) reads "
          + "\"\(printable(input))\", which is neither an input, an initializer nor another node's output")
    }
  }
  guard !graph.output.isEmpty else { throw .invalidNetwork(file: file, reason: "the graph has no outputs") }
  var outputs: Set<String> = []
  for output in graph.output {
    guard producers[output.name] != nil else {
      throw .invalidNetwork(file: file, reason: "nothing makes the output \"\(printable(output.name))\"")
    }
    guard outputs.insert(output.name).inserted else {
      throw .invalidNetwork(file: file, reason: "the output \"\(printable(output.name))\" is listed twice")
    }
  }
}

/// The nodes that make what a node reads.
private func predecessors(_ node: ONNXNodeProto, _ producers: [String: Producer]) -> [Int] {
  node.input.compactMap { if case .node(let index)? = producers[$0] { index } else { nil } }
}

/// Kahn's algorithm. Nodes in an order that is already right keep it.
private func sortNodes(
  _ nodes: [ONNXNodeProto], producers: [String: Producer], file: String
) throws(ConversionError) -> [Int] {
  var waiting = nodes.map { _ in 0 }
  var readers: [[Int]] = nodes.map { _ in [] }
  for (index, node) in nodes.enumerated() {
    for predecessor in predecessors(node, producers) {
      waiting[index] += 1
      readers[predecessor].append(index)
    }
  }
  var order: [Int] = []
  var isSorted = nodes.map { _ in false }
  for first in nodes.indices where waiting[first] == 0 && !isSorted[first] {
    var ready = [first]
    isSorted[first] = true
    while let index = ready.popLast() {
      order.append(index)
      for reader in readers[index] {
        waiting[reader] -= 1
        // A later node comes in its turn: only one that the file lists too early must be caught here.
        if waiting[reader] == 0 && reader < first {
          isSorted[reader] = true
          ready.append(reader)
        }
      }
    }
  }
  if order.count < nodes.count { throw cycle(nodes, isSorted: isSorted, producers: producers, file: file) }
  return order
}

/// The error that names the nodes of one cycle: going from an unsorted node to what it waits for must come to a node twice.
private func cycle(
  _ nodes: [ONNXNodeProto], isSorted: [Bool], producers: [String: Producer], file: String
) -> ConversionError {
  var path: [Int] = []
  var place: [Int: Int] = [:]
  var current = isSorted.firstIndex(of: false)
  while let index = current, place[index] == nil {
    place[index] = path.count
    path.append(index)
    current = predecessors(nodes[index], producers).first { !isSorted[$0] }
  }
  let backward = path[(current.flatMap { place[$0] } ?? 0)...]
  // In the order of the data, from the node that the file lists first.
  let loop = Array(backward.reversed())
  let first = loop.indices.min { loop[$0] < loop[$1] } ?? 0
  let names = (loop[first...] + loop[..<first]).map { "\"\(derivedName(of: nodes[$0], at: $0))\"" }
  let shown = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", and \(names.count - 8) more" : "")
  return .invalidNetwork(file: file, reason: "nodes form a cycle: \(shown)")
}

/// Walks from the outputs to everything that they depend on.
private func findUsed(_ graph: ONNXGraphProto, producers: [String: Producer]) -> Set<String> {
  var used = Set(graph.output.map(\.name))
  var stack = Array(used)
  var visited: Set<Int> = []
  while let name = stack.popLast() {
    guard case .node(let index)? = producers[name], visited.insert(index).inserted else { continue }
    for input in graph.node[index].input where used.insert(input).inserted { stack.append(input) }
  }
  return used
}

/// The node's name, or one made of its operator and its place in the file.
func derivedName(of node: ONNXNodeProto, at index: Int) -> String {
  printable(node.name.isEmpty ? "\(node.opType)_\(index)" : node.name)
}
