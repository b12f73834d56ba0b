import FoveaCore
import FoveaGraph
import FoveaKernels

extension Lowering {
  /// The dimensions that a convolution's steps share.
  private struct Geometry {
    var images: Int
    var height: Int
    var width: Int
    var inputs: Int
    var outputs: Int
    var window: Window

    /// One filter a channel, and nothing else.
    var isDepthwise: Bool { groups == inputs && groups == outputs && groups > 1 }
    var groups: Int
  }

  private func geometry(_ convolution: Convolution, _ node: Node) -> Geometry {
    let (input, output) = (network[node.inputs[0]].shape, network[node.outputs[0]].shape)
    var window = Window(kernel: convolution.kernel, stride: convolution.stride, dilation: convolution.dilation)
    window.padTop = convolution.padding.top
    window.padLeft = convolution.padding.left
    window.outputHeight = output[1]
    window.outputWidth = output[2]
    return Geometry(
      images: input[0], height: input[1], width: input[2], inputs: input[3], outputs: output[3], window: window,
      groups: convolution.groups)
  }

  // MARK: 8 bits

  mutating func lowerU8(_ convolution: Convolution, _ node: Node) throws(ConversionError) {
    let geometry = geometry(convolution, node)
    let layer = try beginInt8Layer(node)
    let input = quantization(node.inputs[0])
    if geometry.isDepthwise, network[node.outputs[0]].quantization != nil {
      lowerDepthwiseU8(convolution, node, geometry, layer, input)
    } else {
      lowerGroupsU8(convolution, node, geometry, layer, input)
    }
  }

  private mutating func lowerDepthwiseU8(
    _ convolution: Convolution, _ node: Node, _ geometry: Geometry, _ layer: QuantizedLayer, _ input: AffineQuantization
  ) {
    var step = DepthwiseU8()
    step.input = quantized(node.inputs[0])
    step.output = declare(node.outputs[0])
    step.images = geometry.images
    step.height = geometry.height
    step.width = geometry.width
    step.channels = geometry.inputs
    step.inputZeroPoint = input.zeroPoint
    step.window = geometry.window
    step.range = outputRange(node, convolution.clamp)
    addConstants(&step, node, layer)
    builder.add(.depthwiseU8(step))
  }

  private mutating func lowerGroupsU8(
    _ convolution: Convolution, _ node: Node, _ geometry: Geometry, _ layer: QuantizedLayer, _ input: AffineQuantization
  ) {
    var step = ConvolutionU8()
    step.images = geometry.images
    step.inputChannels = geometry.inputs
    step.outputChannels = geometry.outputs
    step.inputs = geometry.inputs / geometry.groups
    step.outputs = geometry.outputs / geometry.groups
    step.window = geometry.window
    step.window.padTop = 0
    step.window.padLeft = 0
    (step.input, step.height, step.width) = padded(node, convolution.padding, geometry, value: input.zeroPoint)
    step.output = declare(node.outputs[0])
    step.range = outputRange(node, convolution.clamp)
    for group in 0..<geometry.groups {
      step.firstInput = group * step.inputs
      step.firstOutput = group * step.outputs
      addConstants(&step, node, layer)
      builder.add(.convolutionU8(step))
    }
  }

  /// The input surrounded by its zero point, as `ConvolutionU8` takes it; the input itself where there is no padding.
  private mutating func padded(
    _ node: Node, _ padding: Padding2D, _ geometry: Geometry, value: Int
  ) -> (buffer: Int, height: Int, width: Int) {
    let source = quantized(node.inputs[0])
    guard padding != Padding2D() else { return (source, geometry.height, geometry.width) }
    let height = geometry.height + padding.top + padding.bottom
    let width = geometry.width + padding.left + padding.right
    var step = PadU8()
    step.input = source
    step.output = builder.addBuffer(
      .u8, shape: [geometry.images, height, width, geometry.inputs], quantization: network[node.inputs[0]].quantization)
    step.images = geometry.images
    step.height = geometry.height
    step.rowBytes = geometry.width * geometry.inputs
    step.leftBytes = padding.left * geometry.inputs
    step.rightBytes = padding.right * geometry.inputs
    step.top = padding.top
    step.bottom = padding.bottom
    step.value = value
    builder.add(.padU8(step))
    return (step.output, height, width)
  }

  /// A fully connected layer is a 1x1 convolution over an image of one row.
  mutating func lowerU8(_ fullyConnected: FullyConnected, _ node: Node) throws(ConversionError) {
    let shape = network[node.inputs[1]].shape
    let (outputs, inputs) = (shape[0], shape[1])
    let layer = try beginInt8Layer(node)
    var step = ConvolutionU8()
    step.input = quantized(node.inputs[0])
    step.output = declare(node.outputs[0])
    step.width = network[node.inputs[0]].shape.reduce(1, *) / inputs
    step.inputChannels = inputs
    step.inputs = inputs
    step.outputChannels = outputs
    step.outputs = outputs
    step.window.outputWidth = step.width
    step.range = outputRange(node, fullyConnected.clamp)
    addConstants(&step, node, layer)
    builder.add(.convolutionU8(step))
  }

  func outputRange(_ node: Node, _ clamp: Clamp) -> OutputRange {
    network[node.outputs[0]].quantization?.range(clamp) ?? OutputRange()
  }

  // MARK: Float

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
      // [C][1][H][W] seen as [1 output][C inputs][H][W] packs to [H][W][C][1]: the order that the kernel walks.
      addFloatConstants(
        &step, node, bias,
        packConvolution(
          weights, outputs: 1, inputs: geometry.inputs, height: step.window.kernelHeight,
          width: step.window.kernelWidth))
      builder.add(.depthwiseF32(step))
      return
    }
    step.inputs = geometry.inputs / geometry.groups
    step.outputs = geometry.outputs / geometry.groups
    if !step.isPointwise {
      // Windows for about 256 KiB at a time stay in the second-level cache between unfolding and multiplication.
      let windows = min(step.pixels, max(8, 65536 / step.windowSize))
      step.scratch = builder.addBuffer(.f32, shape: [windows, step.windowSize])
    }
    let size = step.windowSize * step.outputs
    for group in 0..<geometry.groups {
      step.firstInput = group * step.inputs
      step.firstOutput = group * step.outputs
      let packed = packConvolution(
        Array(weights[(group * size)..<((group + 1) * size)]), outputs: step.outputs, inputs: step.inputs,
        height: step.window.kernelHeight, width: step.window.kernelWidth)
      addFloatConstants(&step, node, Array(bias[step.firstOutput..<(step.firstOutput + step.outputs)]), packed)
      builder.add(.convolutionF32(step))
    }
  }

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
      packConvolution(floats(of: tensor), outputs: step.outputs, inputs: step.inputs, height: 1, width: 1))
    builder.add(.convolutionF32(step))
  }

  private mutating func addFloatConstants(
    _ step: inout ConvolutionF32, _ node: Node, _ bias: [Float], _ weights: [Float]
  ) {
    let suffix = step.outputs == step.outputChannels ? "" : ".\(step.firstOutput)"
    step.weights = builder.addConstant(
      ConstantTensor(
        name: "\(node.name)\(suffix).weight", shape: [weights.count / bias.count, bias.count], f32: weights))
    step.bias = builder.addConstant(
      ConstantTensor(name: "\(node.name)\(suffix).bias", shape: [bias.count], f32: bias))
  }
}

extension Window {
  init(kernel: Size2D, stride: Size2D, dilation: Size2D) {
    self.init()
    kernelHeight = kernel.height
    kernelWidth = kernel.width
    strideY = stride.height
    strideX = stride.width
    dilationY = dilation.height
    dilationX = dilation.width
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
