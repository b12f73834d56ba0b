import FoveaCore
import FoveaGraph

extension Lowering {
  /// Rounding to a quantization's 256 values, as networks that were quantized elsewhere ask for it.
  ///
  /// In an 8-bit network floats are quantized, bytes of another quantization pass through a table, and bytes of the same are
  /// what is wanted. A float network makes bytes of the floats, and floats of those.
  mutating func lowerQuantizeDequantize(_ quantization: AffineQuantization, _ node: Node, isInt8: Bool) {
    let input = node.inputs[0]
    let count = network[input].shape.reduce(1, *)
    if isInt8, let from = network[input].quantization {
      guard from != quantization else { return alias(node, shape: network[input].shape, isInt8: true) }
      var step = TableU8()
      step.input = quantized(input)
      step.output = declare(node.outputs[0])
      step.count = count
      step.table = addTable(name: "\(node.name).table") { quantization.quantize(from.dequantize($0)) }
      return builder.add(.tableU8(step))
    }
    let source = float(input)
    let bytes =
      isInt8
      ? declare(node.outputs[0])
      : builder.addBuffer(.u8, shape: network[input].shape, quantization: quantization)
    builder.add(.quantize(ConversionStep(input: source, output: bytes, count: count)))
    if !isInt8 {
      let output = declareFloat(node.outputs[0])
      builder.add(.dequantize(ConversionStep(input: bytes, output: output, count: count)))
    }
  }
}
