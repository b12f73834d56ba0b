/// Values whose channels can be scaled together without changing what a network computes: convolutions, fully connected layers and
/// functions make them, others read them, and all between is positively homogeneous, f(a * x) = a * f(x) for a > 0, channel by channel.
///
/// A residual stage is one group: all that it adds up has the same scales.
public struct ChannelGroup: Hashable, Sendable {
  public var values: [ValueID]
  /// Nodes with weights whose outputs are among the values.
  public var makers: [Int]
  /// Elementwise functions whose results are among the values: they are scaled behind the function.
  public var functions: [Int]
  /// Nodes with weights that read one of the values.
  public var readers: [Int]
  /// What a clamp on the way cuts off; infinite where none does.
  public var limit: Float
}

extension Network {
  /// How many channels a value has: an image's, or what the last dimension of others counts.
  public func channelCount(_ value: ValueID) -> Int {
    let shape = self[value].shape
    return shape.isEmpty ? 1 : shape[layout.scalableAxis(rank: shape.count)]
  }

  /// The groups of a network, in the order of their first values.
  public func channelGroups() -> [ChannelGroup] {
    var ties = ChannelTies(self)
    for node in nodes { ties.add(node) }
    return ties.groups()
  }

  /// The same network with the channels of some groups scaled.
  ///
  /// - Parameter divisors: one positive number a channel, that the group's values are divided by.
  public func scalingChannels(_ groups: [(group: ChannelGroup, divisors: [Float])]) -> Network {
    var network = self
    var users: [ValueID: Int] = [:]
    for node in nodes { for input in Set(node.inputs) { users[input, default: 0] += 1 } }
    func replace(_ input: Int, of node: Int, _ body: (inout [Float], _ shape: [Int]) -> Void) {
      guard network.nodes[node].inputs.indices.contains(input) else { return }
      let value = network.nodes[node].inputs[input]
      guard let tensor = network.constants[value], var floats = tensor.floats else { return }
      body(&floats, tensor.shape)
      let scaled = Tensor(shape: tensor.shape, floats: floats)
      if users[value] == 1 {
        network.constants[value] = scaled
      } else {
        let own = network.addConstant(name: network[value].name + "/scaled", scaled)
        network.nodes[node].inputs[input] = own
        users[value, default: 1] -= 1
        users[own] = 1
      }
    }
    for (group, divisors) in groups {
      for node in group.makers {
        for input in 1...2 {
          replace(input, of: node) { floats, _ in
            let size = floats.count / divisors.count
            for index in floats.indices { floats[index] /= divisors[index / size] }
          }
        }
      }
      for node in group.functions {
        let factors = divisors.map { 1 / $0 }
        if network.nodes[node].inputs.count > 1 {
          replace(1, of: node) { floats, _ in for index in floats.indices { floats[index] *= factors[index] } }
        } else {
          network.nodes[node].inputs.append(
            network.addConstant(
              name: network.nodes[node].name + "/factor", Tensor(shape: [factors.count], floats: factors)))
        }
      }
      for node in group.readers {
        var groups = 1
        if case .convolution(let convolution) = nodes[node].operation { groups = convolution.groups }
        replace(1, of: node) { floats, shape in
          let (outputs, inputs, taps) = (shape[0], shape[1], shape.dropFirst(2).reduce(1, *))
          for index in floats.indices {
            let (output, input) = (index / taps / inputs, index / taps % inputs)
            floats[index] *= divisors[output / (outputs / groups) * inputs + input]
          }
        }
      }
    }
    return network
  }
}

/// Finds the groups: sets of values that are joined as nodes tie them to each other.
private struct ChannelTies {
  private let network: Network
  /// Of each value, another of its set; the set's own where it is itself.
  private var parents: [Int]
  /// Values that cannot be scaled, whose sets cannot either.
  private var fixed: Set<Int> = []
  private var makers: [Int: [Int]] = [:]
  private var functions: [Int: [Int]] = [:]
  private var readers: [Int: [Int]] = [:]
  private var limits: [Int: Float] = [:]
  private var place = 0

  init(_ network: Network) {
    self.network = network
    parents = Array(network.values.indices)
    fixed = Set((network.inputs + network.outputs + Array(network.constants.keys)).map(\.index))
  }

  mutating func add(_ node: Node) {
    defer { place += 1 }
    let inputs = node.inputs
    guard let output = node.outputs.first, node.outputs.count == 1 else { return fix(inputs + node.outputs) }
    switch node.operation {
    case .convolution(let convolution): addLayer(node, output, convolution.clamp)
    case .fullyConnected(let layer): addLayer(node, output, layer.clamp)
    case .binary(let binary) where binary.operator == .add || binary.operator == .subtract:
      guard inputs.allSatisfy({ network[$0].shape == network[output].shape }) else { return fix(inputs + [output]) }
      tie(inputs + [output], binary.clamp)
    case .binary(let binary) where binary.operator == .multiply:
      // A gate for each channel stays as it is.
      let whole = inputs.filter { network[$0].shape == network[output].shape }
      guard whole.count == 1, inputs.count == 2 else { return fix(inputs + [output]) }
      fix(inputs.filter { $0 != whole[0] })
      tie([whole[0], output], binary.clamp)
    case .activation(.clamp(let clamp)): tie([inputs[0], output], clamp)
    case .activation(.leakyRelu), .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .identity, .resample:
      tie([inputs[0], output])
    case .activation(let activation) where activation.suitsScaledChannels:
      fix([inputs[0]])
      functions[output.index, default: []].append(place)
    case .pad(let pad) where pad.mode == .constant(0) || pad.mode == .reflect || pad.mode == .edge:
      let axis = network.layout.scalableAxis(rank: network[inputs[0]].shape.count)
      guard axis >= 0, pad.before[axis] == 0, pad.after[axis] == 0 else { return fix(inputs + [output]) }
      tie([inputs[0], output])
    case .reshape:
      // Of an image of one pixel, the channels stay what they are.
      let count = network[output].shape.reduce(1, *)
      guard count > 0, network.channelCount(inputs[0]) == count, network.channelCount(output) == count else {
        return fix(inputs + [output])
      }
      tie([inputs[0], output])
    default: fix(inputs + node.outputs)
    }
  }

  func groups() -> [ChannelGroup] {
    let fixedRoots = Set(fixed.map(root))
    var members: [Int: [ValueID]] = [:]
    for value in network.values.indices { members[root(value), default: []].append(ValueID(value)) }
    let (makersOf, functionsOf, readersOf) = (bySet(makers), bySet(functions), bySet(readers))
    return members.compactMap { root, values in
      let (makers, functions) = (makersOf[root] ?? [], functionsOf[root] ?? [])
      guard !fixedRoots.contains(root), !(makers + functions).isEmpty, let readers = readersOf[root] else { return nil }
      let limit = values.map { limits[$0.index] ?? .infinity }.min() ?? .infinity
      return ChannelGroup(
        values: values, makers: makers.sorted(), functions: functions.sorted(), readers: readers.sorted(), limit: limit)
    }.sorted { $0.values[0] < $1.values[0] }
  }

  /// Nodes of values as nodes of these values' sets, by the sets' roots.
  private func bySet(_ nodesOf: [Int: [Int]]) -> [Int: [Int]] {
    var result: [Int: [Int]] = [:]
    for (value, nodes) in nodesOf { result[root(value), default: []] += nodes }
    return result
  }

  private mutating func addLayer(_ node: Node, _ output: ValueID, _ clamp: Clamp) {
    let constants = node.inputs.dropFirst()
    guard constants.allSatisfy({ network.constants[$0]?.floats?.allSatisfy(\.isFinite) == true }) else {
      return fix(node.inputs + [output])
    }
    readers[node.inputs[0].index, default: []].append(place)
    makers[output.index, default: []].append(place)
    tie([output], clamp)
  }

  private mutating func tie(_ values: [ValueID], _ clamp: Clamp = .none) {
    guard clamp.min == 0 || clamp.min == -.infinity, clamp.max > 0 else { return fix(values) }
    for value in values.dropFirst() { parents[root(value.index)] = root(values[0].index) }
    for value in values { limits[value.index] = min(limits[value.index] ?? .infinity, clamp.max) }
  }

  private mutating func fix(_ values: [ValueID]) { fixed.formUnion(values.map(\.index)) }

  private func root(_ value: Int) -> Int {
    var value = value
    while parents[value] != value { value = parents[value] }
    return value
  }
}

extension Activation {
  /// Whether the function's results may be scaled by channel: smooth ones, whose 8-bit form is a table.
  fileprivate var suitsScaledChannels: Bool {
    switch self {
    case .silu, .hardSwish, .elu, .celu, .selu: true
    case .function(let function): function.suits8Bits
    case .clamp, .leakyRelu, .sigmoid, .hardSigmoid, .tanh, .thresholdedRelu, .shrink: false
    }
  }
}
