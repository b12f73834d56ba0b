import FoveaCore
import FoveaGraph

/// Takes a network's own quantization, which `quantizeDequantize` nodes and the grids of its constants tell, in place of a
/// calibration.
///
/// A node computes in 8 bits where all that it reads is quantized, and what it makes is rounded next (or is a layer's sums,
/// which may stay float). Everything else computes in float, between the roundings that the network has there.
package func adoptQuantization(_ network: Network) -> QuantizedNetwork {
  var adoption = Adoption(network)
  for index in network.nodes.indices { adoption.visit(index) }
  return adoption.finish()
}

extension Network {
  /// Whether the network was quantized before it was imported.
  public var isQuantized: Bool {
    nodes.contains { node in
      if case .quantizeDequantize = node.operation { return true }
      return false
    }
  }
}

private struct Adoption {
  private let source: Network
  private var result: QuantizedNetwork
  /// The nodes that read each value, by index; -1 stands for the caller, who reads outputs.
  private var readers: [ValueID: [Int]] = [:]
  /// Rounding nodes that are part of what came before them.
  private var absorbed: Set<Int> = []
  /// What stands for the output of an absorbed node.
  private var replacements: [ValueID: ValueID] = [:]

  init(_ network: Network) {
    source = network
    result = QuantizedNetwork(network: network, int8Nodes: [])
    result.network.nodes = []
    for (index, node) in network.nodes.enumerated() {
      for input in node.inputs { readers[input, default: []].append(index) }
    }
    for output in network.outputs { readers[output, default: []].append(-1) }
    for (value, tensor) in network.constants { result.network[value].quantization = tensor.elementQuantization }
    for input in network.inputs { _ = absorbRounding(of: input) }
  }

  func finish() -> QuantizedNetwork { result }

  /// Decides about one node; all before it are decided.
  mutating func visit(_ index: Int) {
    guard !absorbed.contains(index) else { return }
    var node = source.nodes[index]
    node.inputs = node.inputs.map { replacements[$0] ?? $0 }
    let isInt8: Bool
    if case .quantizeDequantize(let quantization) = node.operation {
      result.network[node.outputs[0]].quantization = quantization
      isInt8 = true
    } else {
      isInt8 = runsInInt8(node, number: result.network.nodes.count)
    }
    if isInt8 { result.int8Nodes.insert(result.network.nodes.count) }
    result.network.nodes.append(node)
  }

  /// Whether the node can compute in 8 bits; if so, its output is quantized as the network has it.
  private mutating func runsInInt8(_ node: Node, number: Int) -> Bool {
    let activations = node.inputs.prefix(node.operation.activationInputs)
    let quantizations = activations.map { result.network[$0].quantization }
    guard quantizations.allSatisfy({ $0 != nil }), node.hasInt8Step(result.network) else { return false }
    var layer: QuantizedLayer?
    switch node.operation {
    case .convolution, .fullyConnected:
      let step = roundingReader(of: node.outputs[0]).map { Double($0.scale) } ?? 0
      layer = node.adoptedLayer(in: result.network, outputStep: step)
      guard layer != nil else { return false }
    default: break
    }
    let output = node.outputs[0]
    if Set(quantizations).count == 1, let quantization = quantizations[0],
      node.operation.keepsValues(of: quantization)
    {
      result.network[output].quantization = quantization
      return true
    }
    guard let rounding = roundingReader(of: output) else {
      // Sums may stay float; nothing else has such a step.
      result.layers[number] = layer
      return layer != nil && node.canKeepSums(in: result.network)
    }
    guard Double(rounding.scale) >= node.finestOutputScale(of: layer, in: result.network) else { return false }
    absorbRounding(of: output)
    result.layers[number] = layer
    return true
  }

  /// How a value is rounded before anything else sees it; nil where something reads it as it is.
  private func roundingReader(of value: ValueID) -> AffineQuantization? {
    var found: AffineQuantization?
    for reader in readers[value] ?? [] {
      guard reader >= 0, case .quantizeDequantize(let quantization) = source.nodes[reader].operation,
        found == nil || found == quantization
      else { return nil }
      found = quantization
    }
    return found
  }

  /// Lets a value carry the rounding that follows it.
  @discardableResult
  private mutating func absorbRounding(of value: ValueID) -> Bool {
    guard let quantization = roundingReader(of: value) else { return false }
    result.network[value].quantization = quantization
    for reader in readers[value] ?? [] {
      absorbed.insert(reader)
      let output = source.nodes[reader].outputs[0]
      replacements[output] = value
      for (place, other) in source.outputs.enumerated() where other == output {
        result.network.outputs[place] = value
        result.network[value].name = source[output].name
      }
    }
    return true
  }
}

extension Operation {
  /// Whether every output value is one of a quantization's, where the inputs are: of operations that move values, and of clamps
  /// to some of them.
  fileprivate func keepsValues(of quantization: AffineQuantization) -> Bool {
    switch self {
    case .concat: true
    case .activation(.clamp(let clamp)):
      [clamp.min, clamp.max].allSatisfy { $0.isInfinite || quantization.dequantize(quantization.quantize($0)) == $0 }
    default: keepsValues
    }
  }
}

extension Tensor {
  /// The quantization of an elementwise operand: the file's own; that of a single number, which is exact by itself.
  fileprivate var elementQuantization: AffineQuantization? {
    if let known = grid?.perTensor { return known }
    guard count == 1, let number = floats?.first, number.isFinite else { return nil }
    return AffineQuantization(covering: ValueRange(min: number, max: number))
  }
}

extension Node {
  /// The integers that the file holds for a convolution's or fully connected layer's weights; nil where it holds floats, or
  /// integers that do not fit 8 bits once their zero point is taken off.
  ///
  /// A bias that is too large to be counted in units of input scale times weight scale belongs to weights that are next to
  /// nothing; these are rounded to a coarser scale, if that changes no sum by a quarter of an output step.
  ///
  /// - Parameter step: what the output is rounded to; 0 where it stays float.
  fileprivate func adoptedLayer(in network: Network, outputStep step: Double) -> QuantizedLayer? {
    guard let weights = network.constants[inputs[1]], let values = weights.floats, let grid = weights.grid,
      let input = network[inputs[0]].quantization, grid.scales.count == 1 || grid.axis == 0
    else { return nil }
    let outputs = weights.shape[0]
    let size = values.count / outputs
    let bias = inputs.count > 2 ? network.constants[inputs[2]]?.floats ?? [] : Array(repeating: 0, count: outputs)
    let terms = operation.terms(weights: weights.shape)
    guard operation.largestSum(weights: weights.shape) <= 1 << 30 else { return nil }
    var layer = QuantizedLayer(weights: [], bias: [], scales: [])
    layer.weights.reserveCapacity(values.count)
    for output in 0..<outputs {
      let own = grid.scales.count == 1 ? grid.scales[0] : grid.scales[output]
      let finest = finestScale(bias: bias[output], input: input, terms: terms, size: size)
      let scale = Double(own) >= finest ? own : Float(finest)
      let error = Double(input.scale) * Double(scale) * 0.5 * 255 * Double(size)
      guard scale == own || error < 0.25 * step else { return nil }
      for value in values[(output * size)..<((output + 1) * size)] {
        // The division gives back the integer: each is the float nearest to its product with the scale.
        guard let weight = Int8(exactly: (value / scale).rounded()) else { return nil }
        layer.weights.append(weight)
      }
      layer.bias.append(
        quantizeBias(Double(bias[output]), weights: layer.weights[(output * size)...], scale: scale, input: input))
      layer.scales.append(scale)
    }
    return layer
  }
}
