/// How one of ONNX's operators is imported.
struct OperatorRule: Sendable {
  /// What the node makes: one value an output, in order.
  typealias Translation = @Sendable (ONNXNode, inout GraphBuilder) throws(NodeProblem) -> [ImportedValue]

  /// How many inputs the operator takes. The first `lowerBound` of them must be given.
  let inputs: ClosedRange<Int>
  let translate: Translation

  init(_ inputs: ClosedRange<Int>, _ translate: @escaping Translation) {
    self.inputs = inputs
    self.translate = translate
  }

  func checkInputs(of node: ONNXNode) throws(NodeProblem) {
    guard inputs.contains(node.inputs.count) else {
      let expected = inputs.lowerBound == inputs.upperBound ? "\(inputs.lowerBound)" : "\(inputs.lowerBound) or more"
      throw .invalid(
        "it has \(node.inputs.count) inputs; the operator takes "
          + (node.inputs.count < inputs.lowerBound ? expected : "at most \(inputs.upperBound)"))
    }
    for index in 0..<inputs.lowerBound { _ = try node.input(index) }
  }
}

/// The operators of a domain that can be imported; "" is ONNX's own.
func operatorRules(inDomain domain: String) -> [String: OperatorRule] {
  switch domain {
  case "": operatorRules
  case "com.microsoft": microsoftOperatorRules
  default: [:]
  }
}

/// What ONNX Runtime's quantizer writes beside ONNX's own operators (its "QOperator" format).
private let microsoftOperatorRules: [String: OperatorRule] = [
  "QuantizeLinear": OperatorRule(2...3, importQuantizeLinear),
  "DequantizeLinear": OperatorRule(2...3, importDequantizeLinear),
  "QLinearAdd": OperatorRule(7...8, importQLinearAdd),
  "QLinearMul": OperatorRule(7...8, importQLinearMul),
  "QLinearSigmoid": OperatorRule(4...5, importQLinearSigmoid),
  "QLinearLeakyRelu": OperatorRule(4...5, importQLinearLeakyRelu),
  "QLinearGlobalAveragePool": OperatorRule(5...5, importQLinearGlobalAveragePool),
  "QLinearAveragePool": OperatorRule(4...5, importQLinearAveragePool),
  "QLinearConcat": OperatorRule(5...Int.max, importQLinearConcat),
  "QGemm": OperatorRule(6...9, importQGemm),
]

/// The operators that can be imported, by name. A translation looks at `node.opset` where versions of the operator differ.
let operatorRules: [String: OperatorRule] = [
  // Layers
  "Conv": OperatorRule(2...3, importConvolution),
  "Gemm": OperatorRule(2...3, importGemm),
  "MatMul": OperatorRule(2...2, importMatMul),
  "BatchNormalization": OperatorRule(5...5, importBatchNormalization),
  "MaxPool": OperatorRule(1...1, importMaxPool),
  "AveragePool": OperatorRule(1...1, importAveragePool),
  "GlobalAveragePool": OperatorRule(1...1, importGlobalAveragePool),
  "GlobalMaxPool": OperatorRule(1...1, importGlobalMaxPool),
  "ReduceMean": OperatorRule(1...2, importReduceMean),
  "Softmax": OperatorRule(1...1, importSoftmax),

  // Activations
  "Relu": OperatorRule(1...1, importRelu),
  "Clip": OperatorRule(1...3, importClip),
  "LeakyRelu": OperatorRule(1...1, importLeakyRelu),
  "Sigmoid": OperatorRule(1...1, importSigmoid),
  "HardSigmoid": OperatorRule(1...1, importHardSigmoid),
  "HardSwish": OperatorRule(1...1, importHardSwish),
  "Tanh": OperatorRule(1...1, importTanh),

  // Arithmetic
  "Add": OperatorRule(2...2, importAdd),
  "Sub": OperatorRule(2...2, importSub),
  "Mul": OperatorRule(2...2, importMul),
  "Div": OperatorRule(2...2, importDiv),

  // Other arrangements of the same elements
  "Concat": OperatorRule(1...Int.max, importConcat),
  "Flatten": OperatorRule(1...1, importFlatten),
  "Reshape": OperatorRule(2...2, importReshape),
  "Squeeze": OperatorRule(1...2, importSqueeze),
  "Unsqueeze": OperatorRule(1...2, importUnsqueeze),
  "Transpose": OperatorRule(1...1, importTranspose),
  "Slice": OperatorRule(1...5, importSlice),
  "Split": OperatorRule(1...2, importSplit),
  "Pad": OperatorRule(1...4, importPad),
  "Expand": OperatorRule(2...2, importExpand),

  // Quantization
  "QuantizeLinear": OperatorRule(2...3, importQuantizeLinear),
  "DequantizeLinear": OperatorRule(2...3, importDequantizeLinear),
  "QLinearConv": OperatorRule(8...9, importQLinearConv),
  "QLinearMatMul": OperatorRule(8...8, importQLinearMatMul),
  "DynamicQuantizeLinear": OperatorRule(1...1, refuseDynamicQuantization),
  "ConvInteger": OperatorRule(2...4, refuseDynamicQuantization),
  "MatMulInteger": OperatorRule(2...4, refuseDynamicQuantization),

  // Nothing at inference
  "Identity": OperatorRule(1...1, importIdentity),
  "Dropout": OperatorRule(1...3, importDropout),
  "Cast": OperatorRule(1...1, importCast),

  // Known at import
  "Constant": OperatorRule(0...0, importConstant),
  "ConstantOfShape": OperatorRule(1...1, foldConstantOfShape),
  "Shape": OperatorRule(1...1, importShape),
  "Size": OperatorRule(1...1, importSize),

  // Computed at import, from constants only
  "Gather": OperatorRule(2...2, foldGather),
  "Tile": OperatorRule(2...2, foldTile),
  "Range": OperatorRule(3...3, foldRange),
  "Where": OperatorRule(3...3, foldWhere),
  "ReduceProd": OperatorRule(1...2, foldReduction),
  "ReduceSum": OperatorRule(1...2, foldReduction),
  "ReduceMax": OperatorRule(1...2, foldReduction),
  "ReduceMin": OperatorRule(1...2, foldReduction),
  "Neg": OperatorRule(1...1, foldUnary),
  "Abs": OperatorRule(1...1, foldUnary),
  "Floor": OperatorRule(1...1, foldUnary),
  "Ceil": OperatorRule(1...1, foldUnary),
  "Round": OperatorRule(1...1, foldUnary),
  "Sqrt": OperatorRule(1...1, foldUnary),
  "Reciprocal": OperatorRule(1...1, foldUnary),
  "Exp": OperatorRule(1...1, foldUnary),
  "Log": OperatorRule(1...1, foldUnary),
  "Not": OperatorRule(1...1, foldUnary),
  "Mod": OperatorRule(2...2, foldBinary),
  "Pow": OperatorRule(2...2, foldBinary),
  "Min": OperatorRule(1...Int.max, foldVariadic),
  "Max": OperatorRule(1...Int.max, foldVariadic),
  "Equal": OperatorRule(2...2, foldBinary),
  "Greater": OperatorRule(2...2, foldBinary),
  "GreaterOrEqual": OperatorRule(2...2, foldBinary),
  "Less": OperatorRule(2...2, foldBinary),
  "LessOrEqual": OperatorRule(2...2, foldBinary),
  "And": OperatorRule(2...2, foldBinary),
  "Or": OperatorRule(2...2, foldBinary),
  "Xor": OperatorRule(2...2, foldBinary),
]
