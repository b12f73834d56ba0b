import FoveaCore
import FoveaGraph

extension Lowering {
  /// The window that covers a whole image: global pooling.
  func wholeImage(_ node: Node) -> Pooling {
    let shape = network[node.inputs[0]].shape
    return Pooling(kernel: Size2D(shape[1], shape[2]))
  }

  mutating func lowerPool(_ pooling: Pooling, _ node: Node, isAverage: Bool, isInt8: Bool) {
    let (input, output) = (network[node.inputs[0]].shape, network[node.outputs[0]].shape)
    var step = PoolStep()
    step.input = source(node.inputs[0], isInt8: isInt8)
    step.output = target(node, isInt8: isInt8)
    step.images = input[0]
    step.height = input[1]
    step.width = input[2]
    step.channels = input[3]
    step.window = Window(kernel: pooling.kernel, stride: pooling.stride, dilation: pooling.dilation)
    step.window.padTop = pooling.padding.top
    step.window.padLeft = pooling.padding.left
    step.window.outputHeight = output[1]
    step.window.outputWidth = output[2]
    step.padBottom = pooling.padding.bottom
    step.padRight = pooling.padding.right
    step.countsPadding = pooling.countIncludesPadding ? 1 : 0
    if isInt8, let from = network[node.inputs[0]].quantization, let to = network[node.outputs[0]].quantization {
      step.inputZeroPoint = from.zeroPoint
      step.scale = from.scale / to.scale
      step.range = to.range(.none)
    }
    builder.add(isAverage ? .averagePool(step) : .maxPool(step))
  }
}
