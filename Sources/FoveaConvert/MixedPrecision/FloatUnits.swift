import FoveaGraph

/// Sets of 8-bit nodes to try in float, each of which takes some rounding away by itself.
///
/// Most of what 8 bits cost is the rounding of activations, and a value stays unrounded only if all that read it are float, and what
/// makes it can give floats: sums can, a clamped layer's bytes cannot. So a node alone often gains nothing, and the sets are
///
/// - each node (its weights stay exact),
/// - each value's readers, with its maker where that gives bytes,
/// - neighbours of little arithmetic: a stage's chain of residual sums, a squeeze-and-excite block, a function between two layers,
/// - all functions, sums or products of a kind, and all nodes of little arithmetic,
/// - these with all grouped convolutions: in EfficientNet-B0 a tenth of the multiply-accumulates, and most of what goes wrong, which no
///   smaller set takes away.
struct FloatUnits {
  private let quantized: QuantizedNetwork
  private let readers: [ValueID: [Int]]
  private let macs: [Int]
  /// Each a sorted list of nodes, in an order that depends on the network alone.
  private(set) var units: [[Int]] = []
  /// The largest of the sets: what stays in 8 bits beside it are layers of much arithmetic, each of which reads floats and gives them.
  private(set) var light: [Int] = []
  private var known: Set<[Int]> = []

  init(of quantized: QuantizedNetwork) {
    self.quantized = quantized
    let network = quantized.network
    var readers: [ValueID: [Int]] = [:]
    for node in quantized.int8Nodes.sorted() {
      for input in Set(network.nodes[node].inputs) { readers[input, default: []].append(node) }
    }
    self.readers = readers
    macs = network.nodes.map { node in
      node.operation.multiplyAccumulates(
        inputs: node.inputs.map { network[$0].shape }, output: node.outputs.first.map { network[$0].shape } ?? [])
    }
    let nodes = quantized.int8Nodes.sorted()
    for node in nodes where !network.nodes[node].operation.keepsValues { add([node]) }
    for input in network.inputs { add(Set(exactReaders(of: input))) }
    for node in nodes {
      guard let output = network.nodes[node].outputs.first, network[output].quantization != nil else { continue }
      add(Set(exactReaders(of: output) + (givesFloats(node) ? [] : [node])))
    }
    let grouped = nodes.filter { network.nodes[$0].operation.isGrouped }
    add(Set(grouped))
    for limit in [0, macs.reduce(0, +) / Self.lightParts] {
      let light = nodes.filter { macs[$0] <= limit }
      for group in connected(light) { add(group) }
      var kinds: [String: Set<Int>] = [:]
      for node in light { kinds[network.nodes[node].operation.name, default: []].insert(node) }
      for (_, group) in kinds.sorted(by: { $0.key < $1.key }) { add(group) }
      add(Set(light))
      add(Set(light + grouped))
      self.light = Set(light + grouped).sorted()
    }
  }

  /// A node with less than one of so many parts of the network's multiply-accumulates is light.
  private static let lightParts = 256

  private mutating func add(_ nodes: Set<Int>) {
    let unit = nodes.sorted()
    guard !unit.isEmpty, known.insert(unit).inserted else { return }
    units.append(unit)
  }

  /// A node by itself, and with all that has to be float for its output not to be rounded.
  func around(_ node: Int) -> [[Int]] {
    let readers = quantized.network.nodes[node].outputs.flatMap(exactReaders)
    return [[node]] + (readers.isEmpty ? [] : [Set(readers + [node]).sorted()])
  }

  private func givesFloats(_ node: Int) -> Bool {
    let node = quantized.network.nodes[node]
    return node.canKeepSums(in: quantized.network) && !node.operation.isGrouped
  }

  /// All that reads a value, through nodes that only move it.
  private func exactReaders(of value: ValueID) -> [Int] {
    (readers[value] ?? []).flatMap { node in
      let reader = quantized.network.nodes[node]
      return [node] + (reader.operation.keepsValues ? reader.outputs.flatMap(exactReaders) : [])
    }
  }

  /// The sets of nodes that hang together by values that one makes and another reads.
  private func connected(_ nodes: [Int]) -> [Set<Int>] {
    var rest = Set(nodes)
    var neighbours: [Int: [Int]] = [:]
    for node in nodes {
      for output in quantized.network.nodes[node].outputs {
        for reader in readers[output] ?? [] where rest.contains(reader) {
          neighbours[node, default: []].append(reader)
          neighbours[reader, default: []].append(node)
        }
      }
    }
    var groups: [Set<Int>] = []
    for node in nodes where rest.contains(node) {
      var (group, open): (Set<Int>, [Int]) = ([], [node])
      while let next = open.popLast() {
        guard rest.remove(next) != nil else { continue }
        group.insert(next)
        open += neighbours[next] ?? []
      }
      groups.append(group)
    }
    return groups
  }

  /// About what some nodes take more in float than in 8 bits, counted in multiply-accumulates. No clock decides, so that the same
  /// inputs give the same model.
  func cost(of nodes: some Sequence<Int>) -> Double {
    nodes.reduce(0) { sum, node in
      let elements = quantized.network.nodes[node].outputs.map { quantized.network[$0].shape.reduce(1, *) }.reduce(0, +)
      return sum + Double(macs[node]) + Double(elements) * Self.elementCost
    }
  }

  /// Multiply-accumulates in whose time a float element is converted, computed with, and moved through the cache.
  private static let elementCost = 16.0
}
