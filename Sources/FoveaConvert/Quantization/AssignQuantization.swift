import FoveaGraph

/// A network whose values know how they are quantized, and which of its nodes compute in 8 bits.
struct QuantizedNetwork {
  var network: Network
  /// Indices into `network.nodes`.
  var int8Nodes: Set<Int>
}

/// Decides which nodes run in 8 bits and gives their values scales and zero points.
///
/// - Parameters:
///   - ranges: what calibration saw.
///   - inputRange: the exact range of an image input, where preprocessing states it.
func assignQuantization(
  _ network: Network, ranges: [ValueID: ValueRange], inputRange: ValueRange?
) -> QuantizedNetwork {
  var result = QuantizedNetwork(network: network, int8Nodes: [])
  var ranges = ranges
  if let inputRange, let input = network.inputs.first { ranges[input] = inputRange }
  for (value, tensor) in network.constants {
    // Elementwise constants are quantized by their own values.
    guard let floats = tensor.floats, let low = floats.min(), let high = floats.max() else { continue }
    ranges[value] = ValueRange(min: low, max: high)
  }

  for (index, node) in network.nodes.enumerated() where node.canRunInInt8(network, ranges) {
    result.int8Nodes.insert(index)
  }
  let keepsFloat = result.floatOutputs()

  func quantize(_ value: ValueID) {
    guard result.network[value].quantization == nil, let range = ranges[value] else { return }
    result.network[value].quantization = AffineQuantization(covering: range)
  }
  for (index, node) in network.nodes.enumerated() where result.int8Nodes.contains(index) {
    for input in node.inputs.prefix(node.operation.activationInputs) { quantize(input) }
    guard let output = node.outputs.first, !keepsFloat.contains(output) else { continue }
    if node.operation.keepsValues {
      // Moving values about changes none: the output shares the input's scale, and nothing is rounded again.
      result.network[output].quantization = result.network[node.inputs[0]].quantization
    } else {
      quantize(output)
    }
  }
  return result
}

extension QuantizedNetwork {
  /// Outputs of 8-bit layers that only float consumers or the caller read: their sums become floats at once, which costs
  /// less than rounding to 8 bits and is more exact.
  fileprivate func floatOutputs() -> Set<ValueID> {
    var values: Set<ValueID> = []
    var consumed: Set<ValueID> = []
    for index in int8Nodes { consumed.formUnion(network.nodes[index].inputs) }
    for index in int8Nodes {
      let node = network.nodes[index]
      guard let output = node.outputs.first, !consumed.contains(output) else { continue }
      switch node.operation {
      case .convolution(let convolution) where convolution.clamp.isNone: values.insert(output)
      case .fullyConnected(let layer) where layer.clamp.isNone: values.insert(output)
      default: break
      }
    }
    return values
  }
}

extension AffineQuantization {
  /// The finest scale whose 256 steps cover the range and 0, which must be exact: padding is 0.
  init(covering range: ValueRange) {
    let low = Double(Swift.min(range.min, 0))
    let high = Double(Swift.max(range.max, 0))
    guard high > low else {
      self.init(scale: 1, zeroPoint: 0)
      return
    }
    // A scale below the normal floats would lose its precision; such a range is zero for all purposes.
    let scale = Swift.max((high - low) / 255, 1e-30)
    self.init(scale: Float(scale), zeroPoint: Swift.max(0, Swift.min(255, Int((-low / scale).rounded()))))
  }
}

extension Operation {
  /// How many of a node's leading inputs are activations; the rest are weights and biases.
  fileprivate var activationInputs: Int {
    switch self {
    case .convolution, .fullyConnected, .batchNormalization: 1
    default: Int.max
    }
  }

  /// Whether every output value is one of the inputs' values.
  fileprivate var keepsValues: Bool {
    switch self {
    case .maxPool, .globalMaxPool, .reshape, .transpose, .slice, .identity: true
    case .pad(let pad): pad.mode == .reflect || pad.mode == .edge || pad.mode == .constant(0)
    default: false
    }
  }
}

extension Node {
  /// The most terms that a 32-bit sum of 8-bit products is sure to hold, with half of its range left for the bias.
  private static let largestSum = 32768

  fileprivate func canRunInInt8(_ network: Network, _ ranges: [ValueID: ValueRange]) -> Bool {
    let activations = inputs.prefix(operation.activationInputs)
    guard activations.allSatisfy({ ranges[$0] != nil }), outputs.allSatisfy({ ranges[$0] != nil }) else { return false }
    switch operation {
    case .convolution, .fullyConnected:
      guard let weights = network.constants[inputs[1]], weights.floats?.allSatisfy(\.isFinite) == true,
        inputs.count < 3 || network.constants[inputs[2]]?.floats?.allSatisfy(\.isFinite) == true
      else { return false }
      // Kernels round each run up to 4 bytes: at most 4 times the terms.
      return weights.shape.dropFirst().reduce(4, *) <= Self.largestSum * 4
    case .binary(let binary): return binary.operator != .divide
    case .activation, .concat, .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .pad, .reshape, .transpose,
      .slice, .identity:
      return true
    case .gemm, .matMul, .batchNormalization, .reduceMean, .softmax: return false
    }
  }
}
