import FoveaCore
import FoveaGraph
import FoveaKernels

extension Lowering {
  mutating func lowerF32(_ convolution: Convolution, _ node: Node) throws(ConversionError) {
    let geometry = geometry(convolution, node)
    let weights = floats(of: try constant(node, 1, "the weights"))
    let bias = try bias(node, count: geometry.outputs)
    var step = ConvolutionF32()
    step.input = float(node.inputs[0])
    step.output = declareFloat(node.outputs[0])
    step.images = geometry.images
    step.height = geometry.height
    step.width = geometry.width
    step.inputChannels = geometry.inputs
    step.outputChannels = geometry.outputs
    step.window = geometry.window
    step.activation = convolution.clamp.function
    if geometry.isDepthwise {
      step.inputs = geometry.inputs
      step.outputs = geometry.outputs
      addFloatConstants(&step, node, bias, packConvolution(weights, for: step, inputs: 1), depth: 1)
      builder.add(.depthwiseF32(step))
      return
    }
    step.inputs = geometry.inputs / geometry.groups
    step.outputs = geometry.outputs / geometry.groups
    let size = step.windowSize * step.outputs
    for group in 0..<geometry.groups {
      step.firstInput = group * step.inputs
      step.firstOutput = group * step.outputs
      let packed = packConvolution(
        Array(weights[(group * size)..<((group + 1) * size)]), for: step, inputs: step.inputs)
      addFloatConstants(
        &step, node, Array(bias[step.firstOutput..<(step.firstOutput + step.outputs)]), packed, depth: step.inputs)
      builder.add(.convolutionF32(step))
    }
  }

  /// A fully connected layer is a 1x1 convolution over an image of one row.
  mutating func lowerF32(_ fullyConnected: FullyConnected, _ node: Node) throws(ConversionError) {
    let tensor = try constant(node, 1, "the weights")
    var step = ConvolutionF32()
    step.outputs = tensor.shape[0]
    step.inputs = tensor.shape[1]
    step.input = float(node.inputs[0])
    step.output = declareFloat(node.outputs[0])
    step.width = network[node.inputs[0]].shape.reduce(1, *) / step.inputs
    step.inputChannels = step.inputs
    step.outputChannels = step.outputs
    step.window.outputWidth = step.width
    step.activation = fullyConnected.clamp.function
    addFloatConstants(
      &step, node, try bias(node, count: step.outputs),
      packConvolution(floats(of: tensor), for: step, inputs: step.inputs), depth: step.inputs)
    builder.add(.convolutionF32(step))
  }

  /// `depth`: the inputs that each output sees under one kernel element.
  private mutating func addFloatConstants(
    _ step: inout ConvolutionF32, _ node: Node, _ bias: [Float], _ weights: [Float], depth: Int
  ) {
    let suffix = step.outputs == step.outputChannels ? "" : ".\(step.firstOutput)"
    let window = step.window.kernelHeight * step.window.kernelWidth * depth
    step.weights = builder.addConstant(
      ConstantTensor(name: "\(node.name)\(suffix).weight", shape: [step.blocks, window, 16], f32: weights))
    let padding = Array(repeating: Float(0), count: step.blocks * 16 - bias.count)
    step.bias = builder.addConstant(
      ConstantTensor(name: "\(node.name)\(suffix).bias", shape: [step.blocks * 16], f32: bias + padding))
  }
}

extension Clamp {
  /// The clamp as a float step's function.
  var function: UnaryFunction {
    isNone
      ? UnaryFunction(operation: Int(FOVEA_UNARY_IDENTITY.rawValue))
      : UnaryFunction(operation: Int(FOVEA_UNARY_CLAMP.rawValue), alpha: min, beta: max)
  }
}
