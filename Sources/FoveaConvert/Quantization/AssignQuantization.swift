import FoveaCore
import FoveaGraph

/// A network whose values know how they are quantized, and which of its nodes compute in 8 bits.
package struct QuantizedNetwork {
  package var network: Network
  /// Indices into `network.nodes`.
  package var int8Nodes: Set<Int>
  /// The weights of the convolutions and fully connected layers among them.
  package var layers: [Int: QuantizedLayer] = [:]
  /// Ranges that were narrowed to what the readers of a value tell apart.
  var narrowedRanges: [ValueID: ValueRange] = [:]
}

/// Decides which nodes run in 8 bits, gives their values scales and zero points, and rounds their weights to nearest.
///
/// - Parameters:
///   - ranges: what calibration saw.
///   - inputRange: the exact range of an image input, where preprocessing states it.
package func assignQuantization(
  _ network: Network, ranges: [ValueID: ValueRange], inputRange: ValueRange?
) -> QuantizedNetwork {
  var result = QuantizedNetwork(network: network, int8Nodes: [])
  var ranges = ranges
  if let inputRange, let input = network.inputs.first { ranges[input] = inputRange }
  for (value, tensor) in network.constants {
    // Elementwise constants are quantized by their own values.
    guard let floats = tensor.floats, floats.allSatisfy(\.isFinite), let low = floats.min(), let high = floats.max()
    else {
      ranges[value] = nil
      continue
    }
    ranges[value] = ValueRange(min: low, max: high)
  }

  for (index, node) in network.nodes.enumerated() where node.canRunInInt8(network, ranges) {
    result.int8Nodes.insert(index)
  }
  let keepsFloat = result.floatOutputs()
  result.narrowedRanges = narrowedRanges(in: network, int8Nodes: result.int8Nodes, ranges)
  ranges.merge(result.narrowedRanges) { _, narrowed in narrowed }

  func quantize(_ value: ValueID, noFinerThan finest: Double = 0) {
    guard result.network[value].quantization == nil, let range = ranges[value] else { return }
    result.network[value].quantization = AffineQuantization(covering: range, noFinerThan: finest)
  }
  for (index, node) in network.nodes.enumerated() where result.int8Nodes.contains(index) {
    for input in node.inputs.prefix(node.operation.activationInputs) { quantize(input) }
    let layer = node.quantizedLayer(in: result.network)
    result.layers[index] = layer
    guard let output = node.outputs.first, !keepsFloat.contains(output) else { continue }
    if node.operation.keepsValues {
      // Moving values about changes none: the output shares the input's scale, and nothing is rounded again.
      result.network[output].quantization = result.network[node.inputs[0]].quantization
    } else {
      quantize(output, noFinerThan: node.finestOutputScale(of: layer, in: result.network))
    }
  }
  return result
}

extension QuantizedNetwork {
  /// Outputs of 8-bit layers that only float consumers or the caller read: their sums become floats at once, which costs
  /// less than rounding to 8 bits and is more exact.
  func floatOutputs() -> Set<ValueID> {
    var values: Set<ValueID> = []
    var consumed: Set<ValueID> = []
    for index in int8Nodes { consumed.formUnion(network.nodes[index].inputs) }
    for index in int8Nodes {
      let node = network.nodes[index]
      guard let output = node.outputs.first, !consumed.contains(output), node.canKeepSums(in: network) else { continue }
      values.insert(output)
    }
    return values
  }
}

extension AffineQuantization {
  /// The finest scale whose 256 steps cover the range and 0, which must be exact: padding is 0.
  package init(covering range: ValueRange, noFinerThan finest: Double = 0) {
    let low = Double(Swift.min(range.min, 0))
    let high = Double(Swift.max(range.max, 0))
    guard high > low else {
      self.init(scale: 1, zeroPoint: 0)
      return
    }
    // A scale below the normal floats would lose its precision; such a range is zero for all purposes.
    let scale = Swift.max((high - low) / 255, finest, 1e-30)
    self.init(scale: Float(scale), zeroPoint: Swift.max(0, Swift.min(255, Int((-low / scale).rounded()))))
  }
}

extension Operation {
  /// How many of a node's leading inputs are activations; the rest are weights and biases.
  var activationInputs: Int {
    switch self {
    case .convolution, .fullyConnected, .batchNormalization, .activation: 1
    default: Int.max
    }
  }

  /// Whether every output value is one of the inputs' values.
  var keepsValues: Bool {
    switch self {
    case .maxPool, .globalMaxPool, .reshape, .transpose, .slice, .identity, .depthToSpace, .spaceToDepth: true
    case .resample(let resampling): resampling.isInterpolation
    case .pad(let pad): pad.mode == .reflect || pad.mode == .edge || pad.mode == .constant(0)
    default: false
    }
  }
}

extension Node {
  fileprivate func canRunInInt8(_ network: Network, _ ranges: [ValueID: ValueRange]) -> Bool {
    let activations = inputs.prefix(operation.activationInputs)
    guard activations.allSatisfy({ ranges[$0] != nil }), outputs.allSatisfy({ ranges[$0] != nil }) else { return false }
    return hasInt8Step(network)
  }

  /// Whether there is a step for the node whose inputs and output are bytes.
  func hasInt8Step(_ network: Network) -> Bool {
    switch operation {
    case .convolution, .fullyConnected:
      guard let weights = network.constants[inputs[1]], weights.floats?.allSatisfy(\.isFinite) == true,
        inputs.count < 3 || network.constants[inputs[2]]?.floats?.allSatisfy(\.isFinite) == true
      else { return false }
      // Half of the range of 32 bits is left for the bias.
      return operation.largestSum(weights: weights.shape) <= 1 << 30
    case .binary(let binary): return [.add, .subtract, .multiply].contains(binary.operator)
    case .resample(let resampling): return resampling.isInterpolation
    case .averagePool, .globalAveragePool: return pooledPositions(network) * 255 <= 1 << 30
    case .activation(.function(let function)): return function.suits8Bits
    case .activation, .concat, .maxPool, .globalMaxPool, .pad, .reshape, .transpose, .slice, .identity, .depthToSpace,
      .spaceToDepth, .quantizeDequantize:
      return true
    case .gemm, .matMul, .batchNormalization, .reduce, .normalize, .softmax: return false
    }
  }

  /// Whether there is a step for the node whose inputs are bytes and whose output is the sums themselves, in float. The step of a
  /// depthwise convolution always rounds.
  func canKeepSums(in network: Network) -> Bool {
    switch operation {
    case .convolution(let convolution):
      let weights = network[inputs[1]].shape
      let isDepthwise = convolution.groups > 1 && weights[0] == convolution.groups && weights[1] == 1
      return convolution.clamp.isNone && !isDepthwise
    case .fullyConnected(let layer): return layer.clamp.isNone
    default: return false
    }
  }

  /// Positions under the window of an average.
  private func pooledPositions(_ network: Network) -> Int {
    switch operation {
    case .averagePool(let pooling): return pooling.kernel.height * pooling.kernel.width
    case .globalAveragePool: return network[inputs[0]].shape[1] * network[inputs[0]].shape[2]
    default: return 1
    }
  }

  /// The weights of a convolution or fully connected layer whose input is quantized, rounded to nearest.
  fileprivate func quantizedLayer(in network: Network) -> QuantizedLayer? {
    switch operation {
    case .convolution, .fullyConnected:
      guard let weights = network.constants[inputs[1]], let values = weights.floats,
        let input = network[inputs[0]].quantization
      else { return nil }
      let bias =
        inputs.count > 2
        ? network.constants[inputs[2]]?.floats ?? [] : Array(repeating: 0, count: weights.shape[0])
      return quantizeWeights(values, bias: bias, input: input, terms: operation.terms(weights: weights.shape))
    default: return nil
    }
  }

  /// The finest scale of the output with which no sum times its factor can leave 32 bits (fovea_conv.h). Only outputs that
  /// are a few millionths of what the inputs could give come near it: layers that are as good as dead.
  func finestOutputScale(of layer: QuantizedLayer?, in network: Network) -> Double {
    func scale(_ input: Int) -> Double { Double(network[inputs[input]].quantization?.scale ?? 1) }
    // Sums as the validator of model files bounds them, in real units.
    let largest: Double
    switch operation {
    case .convolution, .fullyConnected:
      guard let layer else { return 0 }
      let sum = operation.largestSum(weights: network[inputs[1]].shape)
      largest =
        zip(layer.bias, layer.scales).map { (Double(sum) + Double($0.magnitude)) * Double($1) }.max().map {
          $0 * scale(0)
        } ?? 0
    case .binary(let binary) where binary.operator == .multiply: largest = scale(0) * scale(1) * 255 * 255
    case .binary:
      // Multipliers of less than 2^15 in units of at least the larger scale over that, and zero points of at most 255.
      largest = max(scale(0), scale(1)) / 16384 * (4 * 255 * 32767)
    case .averagePool, .globalAveragePool: largest = scale(0) * Double(pooledPositions(network)) * 255
    default: return 0
    }
    return largest / StepCheck.productLimit * 1.000_01
  }
}
