import FoveaCore
import FoveaGraph

/// Where an 8-bit convolution or fully connected layer lies in a program.
struct LoweredLayer {
  /// Its index in the network.
  var node: Int
  /// The buffer of its u8 input, unpadded.
  var input: Int
  /// The first step that belongs to the layer: its input is complete before.
  var firstStep: Int
}

/// What an 8-bit step reads from the file: packed weights, and how its sums become outputs.
private struct Int8Constants {
  var weights: ConstantTensor
  var bias: ConstantTensor
  var scale: ConstantTensor
}

extension Lowering {
  /// Adds the constants of a depthwise step.
  mutating func addConstants(_ step: inout DepthwiseU8, _ node: Node, _ layer: QuantizedLayer) {
    let constants = constants(of: step, node, layer)
    step.weights = builder.addConstant(constants.weights)
    step.bias = builder.addConstant(constants.bias)
    step.scale = builder.addConstant(constants.scale)
  }

  /// Adds the constants of one group's step.
  mutating func addConstants(_ step: inout ConvolutionU8, _ node: Node, _ layer: QuantizedLayer) {
    let constants = constants(of: step, node, layer)
    step.weights = builder.addConstant(constants.weights)
    step.bias = builder.addConstant(constants.bias)
    step.scale = builder.addConstant(constants.scale)
  }

  /// The bytes of a lowered layer's constants if its weights were others.
  func replacements(of lowered: LoweredLayer, by layer: QuantizedLayer) -> [(constant: Int, bytes: [UInt8])] {
    let node = network.nodes[lowered.node]
    var replacements: [(constant: Int, bytes: [UInt8])] = []
    func add(_ weights: Int, _ bias: Int, _ scale: Int, _ constants: Int8Constants) {
      replacements += [
        (weights, constants.weights.bytes), (bias, constants.bias.bytes), (scale, constants.scale.bytes),
      ]
    }
    // A layer's steps follow each other: padding, then one step a group.
    let outputs = layer.bias.count
    var made = 0
    for step in builder.steps[lowered.firstStep...] where made < outputs {
      switch step {
      case .convolutionU8(let step):
        add(step.weights, step.bias, step.scale, constants(of: step, node, layer))
        made += step.outputs
      case .depthwiseU8(let step):
        add(step.weights, step.bias, step.scale, constants(of: step, node, layer))
        made += step.channels
      default: continue
      }
    }
    return replacements
  }

  private func constants(of step: DepthwiseU8, _ node: Node, _ layer: QuantizedLayer) -> Int8Constants {
    let (bias, scale) = requantization(node, layer, outputs: 0..<step.channels)
    return Int8Constants(
      weights: ConstantTensor(
        name: "\(node.name).weight", shape: [step.blocks, step.window.kernelWidth, step.rowGroups, 16, 4],
        s8: packDepthwise(layer.weights, for: step)), bias: bias, scale: scale)
  }

  private func constants(of step: ConvolutionU8, _ node: Node, _ layer: QuantizedLayer) -> Int8Constants {
    let outputs = step.firstOutput..<(step.firstOutput + step.outputs)
    let size = layer.weights.count / layer.bias.count
    let weights = Array(layer.weights[(outputs.lowerBound * size)..<(outputs.upperBound * size)])
    let (bias, scale) = requantization(node, layer, outputs: outputs)
    return Int8Constants(
      weights: ConstantTensor(
        name: constantName(node, "weight", outputs, of: layer), shape: [step.blocks, step.taps * step.run, 16, 4],
        s8: packConvolution(weights, for: step)), bias: bias, scale: scale)
  }

  private func constantName(_ node: Node, _ kind: String, _ outputs: Range<Int>, of layer: QuantizedLayer) -> String {
    outputs.count == layer.bias.count ? "\(node.name).\(kind)" : "\(node.name).\(outputs.lowerBound).\(kind)"
  }

  /// The bias and the factors from sums to output units (to real units where the output is f32), padded to 16 channels.
  private func requantization(
    _ node: Node, _ layer: QuantizedLayer, outputs: Range<Int>
  ) -> (bias: ConstantTensor, scale: ConstantTensor) {
    let input = quantization(node.inputs[0])
    let unit = Double(network[node.outputs[0]].quantization?.scale ?? 1)
    let scales = layer.scales[outputs].map { Float(Double(input.scale) * Double($0) / unit) }
    let padding = (16 - outputs.count % 16) % 16
    let shape = [outputs.count + padding]
    let bias = ConstantTensor(
      name: constantName(node, "bias", outputs, of: layer), shape: shape,
      s32: Array(layer.bias[outputs]) + Array(repeating: 0, count: padding))
    let scale = ConstantTensor(
      name: constantName(node, "scale", outputs, of: layer), shape: shape,
      f32: scales + Array(repeating: 0, count: padding))
    return (bias, scale)
  }
}
