/// The operators of a domain that can be imported; "" is ONNX's own.
func operatorRule(_ name: String, domain: String) -> OperatorRule? {
  switch domain {
  case "": operatorRules[name] ?? quantizedOperatorRules[name]
  case "com.microsoft": microsoftOperatorRules[name]
  default: nil
  }
}

/// ONNX's own operators of quantized networks. They are apart from the others because their integers are no values of their own:
/// they stand for the floats that `quantizeDequantize` gives.
let quantizedOperatorRules: [String: OperatorRule] = [
  "QuantizeLinear": OperatorRule(2...3, importQuantizeLinear, since: 10, .int8),
  "DequantizeLinear": OperatorRule(2...3, importDequantizeLinear, since: 10, .int8),
  "QLinearConv": OperatorRule(8...9, importQLinearConv, since: 10, .int8),
  "QLinearMatMul": OperatorRule(8...8, importQLinearMatMul, since: 10, .int8),
  "DynamicQuantizeLinear": OperatorRule(1...1, refuseDynamicQuantization, since: 11),
  "ConvInteger": OperatorRule(2...4, refuseDynamicQuantization, since: 10),
  "MatMulInteger": OperatorRule(2...4, refuseDynamicQuantization, since: 10),
]

/// What ONNX Runtime's quantizer writes beside ONNX's own operators (its "QOperator" format).
let microsoftOperatorRules: [String: OperatorRule] = [
  "QuantizeLinear": OperatorRule(2...3, importQuantizeLinear, .int8),
  "DequantizeLinear": OperatorRule(2...3, importDequantizeLinear, .int8),
  "QLinearAdd": OperatorRule(7...8, importQLinearAdd, .int8),
  "QLinearMul": OperatorRule(7...8, importQLinearMul, .int8),
  "QLinearSigmoid": OperatorRule(4...5, importQLinearSigmoid, .int8),
  "QLinearLeakyRelu": OperatorRule(4...5, importQLinearLeakyRelu, .int8),
  "QLinearGlobalAveragePool": OperatorRule(5...5, importQLinearGlobalAveragePool, .int8),
  "QLinearAveragePool": OperatorRule(4...5, importQLinearAveragePool, .int8),
  "QLinearConcat": OperatorRule(5...Int.max, importQLinearConcat, .int8),
  "QGemm": OperatorRule(6...9, importQGemm, .int8),
]
