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
      return addTableStep(node) { quantization.quantize(from.dequantize($0)) }
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
