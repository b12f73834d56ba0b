import FoveaGraph

/// Builds a small network in the order of its nodes. Constants without numbers get random ones, the same in every run.
struct NetworkBuilder {
  private(set) var network: Network
  private var random = SplitMix64(state: 1)

  init(_ layout: Layout = .nchw) {
    network = Network(source: "test", layout: layout)
  }

  mutating func input(_ name: String, _ shape: [Int]) -> ValueID {
    let value = network.addValue(name: name, shape: shape)
    network.inputs.append(value)
    return value
  }

  mutating func constant(_ name: String, _ shape: [Int], _ range: ClosedRange<Float> = -1...1) -> ValueID {
    network.addConstant(name: name, random.tensor(shape, range))
  }

  mutating func constant(_ name: String, _ shape: [Int], floats: [Float]) -> ValueID {
    network.addConstant(name: name, Tensor(shape: shape, floats: floats))
  }

  /// The output has the node's name.
  mutating func node(_ name: String, _ operation: Operation, _ inputs: ValueID...) throws -> ValueID {
    try node(name, operation, inputs)
  }

  mutating func node(_ name: String, _ operation: Operation, _ inputs: [ValueID]) throws -> ValueID {
    let shape = try operation.outputShape(of: inputs.map { network[$0].shape }, layout: network.layout)
    let output = network.addValue(name: name, shape: shape)
    network.nodes.append(Node(name: name, operation: operation, inputs: inputs, outputs: [output]))
    return output
  }

  /// Mutating so that its arguments, which may be new nodes, are added first.
  mutating func finished(_ outputs: ValueID...) -> Network {
    network.outputs = outputs
    return network
  }

  // MARK: Nodes that many tests use

  /// A 3x3 convolution (or another) with random weights and bias.
  mutating func convolution(
    _ name: String, _ x: ValueID, outputs: Int, _ convolution: Convolution = Convolution(kernel: Size2D(3, 3)),
    bias: Bool = true
  ) throws -> ValueID {
    let channels = network[x].shape[network.layout == .nchw ? 1 : 3]
    let (height, width) = (convolution.kernel.height, convolution.kernel.width)
    var inputs = [x, constant(name + ".w", [outputs, channels / convolution.groups, height, width])]
    if bias { inputs.append(constant(name + ".b", [outputs])) }
    return try node(name, .convolution(convolution), inputs)
  }

  mutating func batchNormalization(_ name: String, _ x: ValueID, channels: Int) throws -> ValueID {
    let parameters = [
      constant(name + ".scale", [channels]), constant(name + ".bias", [channels]), constant(name + ".mean", [channels]),
      constant(name + ".variance", [channels], 0.1...2),
    ]
    return try node(name, .batchNormalization(epsilon: 1e-5), [x] + parameters)
  }
}

/// Steele et al. 2014. Tests want the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func tensor(_ shape: [Int], _ range: ClosedRange<Float> = -2...2) -> Tensor {
    Tensor(shape: shape, floats: (0..<shape.reduce(1, *)).map { _ in Float.random(in: range, using: &self) })
  }
}
