/// How one of ONNX's operators is imported, and what its line in docs/OPERATORS.md says.
struct OperatorRule: Sendable {
  /// What the node makes: one value an output, in order.
  typealias Translation = @Sendable (ONNXNode, inout GraphBuilder) throws(NodeProblem) -> [ImportedValue]

  /// How an operator's work is done in a model whose precision is int8.
  enum Execution: String, Sendable {
    case int8 = "int8"
    /// In float, between conversions.
    case float = "float"
    /// By steps of which some exist in 8 bits.
    case mixed = "int8 and float"
    /// Not at all: computed while the network is imported.
    case imported = "at import"
  }

  /// How many inputs the operator takes. The first `lowerBound` of them must be given.
  let inputs: ClosedRange<Int>
  let translate: Translation
  /// The opset that introduced the operator, where that is later than the oldest that is read.
  let since: Int
  let execution: Execution
  /// What the operator may be and Fovea's cannot, in Markdown.
  let limits: String

  init(
    _ inputs: ClosedRange<Int>, _ translate: @escaping Translation, since: Int = Int(supportedOpsets.lowerBound),
    _ execution: Execution = .imported, limits: String = ""
  ) {
    self.inputs = inputs
    self.translate = translate
    self.since = since
    self.execution = execution
    self.limits = limits
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

/// Limits that several operators share.
private let images = "one or two spatial dimensions"
private let twoDimensions = "two spatial dimensions"
private let constantParameters = "everything but the first input constant"
private let floatsAtRunTime = "integers and booleans only where constant"
private let constantsOnly = "constant inputs"

/// The operators that can be imported, by name. A translation looks at `node.opset` where versions of the operator differ.
let operatorRules: [String: OperatorRule] = [
  // Layers
  "Conv": OperatorRule(2...3, importConvolution, .int8, limits: "\(images); constant weights and bias"),
  "ConvTranspose": OperatorRule(
    2...3, importConvTranspose, .int8, limits: "\(twoDimensions); constant weights and bias"),
  "Gemm": OperatorRule(2...3, importGemm, .mixed, limits: "int8 where B is constant"),
  "MatMul": OperatorRule(
    2...2, importMatMul, .mixed, limits: "int8 where B is a constant matrix; batches equal, or 1 on one side"),
  "MaxPool": OperatorRule(1...1, importMaxPool, .int8, limits: "\(images); no output of indices"),
  "AveragePool": OperatorRule(1...1, importAveragePool, .int8, limits: images),
  "LpPool": OperatorRule(1...1, importLpPool, .mixed, limits: "\(images); no ceil_mode"),
  "GlobalAveragePool": OperatorRule(1...1, importGlobalAveragePool, .int8, limits: twoDimensions),
  "GlobalMaxPool": OperatorRule(1...1, importGlobalMaxPool, .int8, limits: twoDimensions),
  "Resize": OperatorRule(
    1...4, importResize, since: 10, .mixed,
    limits: "constant scales and sizes; tf_crop_and_resize is not supported; int8 in modes nearest and linear"),
  "Upsample": OperatorRule(
    1...2, importUpsample, .int8, limits: "constant scales; until opset 9, as Resize replaced it"),
  "Softmax": OperatorRule(1...1, importSoftmax, .float),
  "LogSoftmax": OperatorRule(1...1, importLogSoftmax, .float),

  // Normalization
  "BatchNormalization": OperatorRule(
    5...5, importBatchNormalization, .int8,
    limits: "\(constantParameters); inference only; folded into the layer before where there is one"),
  "InstanceNormalization": OperatorRule(3...3, importInstanceNormalization, .mixed),
  "LayerNormalization": OperatorRule(2...3, importLayerNormalization, since: 17, .mixed, limits: "one output"),
  "RMSNormalization": OperatorRule(2...2, importRMSNormalization, since: 23, .mixed),
  "GroupNormalization": OperatorRule(3...3, importGroupNormalization, since: 18, .mixed),
  "MeanVarianceNormalization": OperatorRule(1...1, importMeanVarianceNormalization, since: 9, .float),
  "LpNormalization": OperatorRule(1...1, importLpNormalization, .mixed),
  "LRN": OperatorRule(1...1, importLRN, .mixed, limits: twoDimensions),

  // Activations
  "Relu": OperatorRule(1...1, importRelu, .int8),
  "LeakyRelu": OperatorRule(1...1, importLeakyRelu, .int8),
  "Sigmoid": OperatorRule(1...1, importSigmoid, .int8),
  "HardSigmoid": OperatorRule(1...1, importHardSigmoid, .int8),
  "HardSwish": OperatorRule(1...1, importHardSwish, since: 14, .int8),
  "Swish": OperatorRule(1...1, importSwish, since: 24, .int8),
  "Tanh": OperatorRule(1...1, importTanh, .int8),
  "Elu": OperatorRule(1...1, importElu, .int8),
  "Celu": OperatorRule(1...1, importCelu, since: 12, .int8),
  "Selu": OperatorRule(1...1, importSelu, .int8),
  "ThresholdedRelu": OperatorRule(1...1, importThresholdedRelu, since: 10, .int8),
  "Shrink": OperatorRule(1...1, importShrink, since: 9, .int8),
  "Gelu": OperatorRule(1...1, importGelu, since: 20, .int8),
  "Softplus": OperatorRule(1...1, importElementary, .int8),
  "Softsign": OperatorRule(1...1, importElementary, .int8),
  "Mish": OperatorRule(1...1, importElementary, since: 18, .int8),
  "Erf": OperatorRule(1...1, importElementary, since: 9, .int8),
  "Clip": OperatorRule(1...3, importClip, .int8, limits: "constant bounds; \(floatsAtRunTime)"),
  "PRelu": OperatorRule(2...2, importPRelu, .mixed, limits: "int8 where the slope is one number"),

  // Arithmetic
  "Add": OperatorRule(2...2, importAdd, .int8, limits: floatsAtRunTime),
  "Sub": OperatorRule(2...2, importSub, .int8, limits: floatsAtRunTime),
  "Mul": OperatorRule(2...2, importMul, .int8, limits: floatsAtRunTime),
  "Div": OperatorRule(2...2, importDiv, .float, limits: floatsAtRunTime),
  "Pow": OperatorRule(2...2, importPow, .mixed, limits: "int8 for squares; \(floatsAtRunTime)"),
  "Min": OperatorRule(1...Int.max, importExtremum, .mixed, limits: "int8 against one number; \(floatsAtRunTime)"),
  "Max": OperatorRule(1...Int.max, importExtremum, .mixed, limits: "int8 against one number; \(floatsAtRunTime)"),
  "Sum": OperatorRule(1...Int.max, importSum, .int8),
  "Mean": OperatorRule(1...Int.max, importMean, .int8),
  "Abs": OperatorRule(1...1, importElementary, .int8, limits: floatsAtRunTime),
  "Neg": OperatorRule(1...1, importElementary, .int8, limits: floatsAtRunTime),
  "Sign": OperatorRule(1...1, importElementary, since: 9, .float, limits: floatsAtRunTime),
  "Floor": OperatorRule(1...1, importElementary, .float, limits: floatsAtRunTime),
  "Ceil": OperatorRule(1...1, importElementary, .float, limits: floatsAtRunTime),
  "Round": OperatorRule(1...1, importElementary, since: 11, .float, limits: floatsAtRunTime),
  "Sqrt": OperatorRule(1...1, importElementary, .float),
  "Reciprocal": OperatorRule(1...1, importElementary, .float),
  "Exp": OperatorRule(1...1, importElementary, .float),
  "Log": OperatorRule(1...1, importElementary, .float),
  "Sin": OperatorRule(1...1, importElementary, .float),
  "Cos": OperatorRule(1...1, importElementary, .float),
  "Tan": OperatorRule(1...1, importElementary, .float),
  "Asin": OperatorRule(1...1, importElementary, .float),
  "Acos": OperatorRule(1...1, importElementary, .float),
  "Atan": OperatorRule(1...1, importElementary, .float),
  "Sinh": OperatorRule(1...1, importElementary, since: 9, .float),
  "Cosh": OperatorRule(1...1, importElementary, since: 9, .float),
  "Asinh": OperatorRule(1...1, importElementary, since: 9, .float),
  "Acosh": OperatorRule(1...1, importElementary, since: 9, .float),
  "Atanh": OperatorRule(1...1, importElementary, since: 9, .float),

  // Reductions
  "ReduceMean": OperatorRule(1...2, importReduceMean, .mixed, limits: "constant axes; int8 over height and width"),
  "ReduceSum": OperatorRule(
    1...2, importReduce, .float, limits: "constant axes; \(floatsAtRunTime); some element to reduce"),
  "ReduceMax": OperatorRule(
    1...2, importReduce, .float, limits: "constant axes; \(floatsAtRunTime); some element to reduce"),
  "ReduceMin": OperatorRule(
    1...2, importReduce, .float, limits: "constant axes; \(floatsAtRunTime); some element to reduce"),
  "ReduceProd": OperatorRule(
    1...2, importReduce, .float, limits: "constant axes; \(floatsAtRunTime); some element to reduce"),
  "ReduceL1": OperatorRule(1...2, importComposedReduction, .float, limits: "constant axes; some element to reduce"),
  "ReduceL2": OperatorRule(1...2, importComposedReduction, .float, limits: "constant axes; some element to reduce"),
  "ReduceSumSquare": OperatorRule(
    1...2, importComposedReduction, .float, limits: "constant axes; some element to reduce"),
  "ReduceLogSum": OperatorRule(1...2, importComposedReduction, .float, limits: "constant axes; some element to reduce"),
  "ReduceLogSumExp": OperatorRule(
    1...2, importComposedReduction, .float, limits: "constant axes; some element to reduce"),

  // Other arrangements of the same elements
  "Concat": OperatorRule(1...Int.max, importConcat, .int8),
  "Flatten": OperatorRule(1...1, importFlatten, .int8),
  "Reshape": OperatorRule(2...2, importReshape, .int8, limits: "constant shape"),
  "Squeeze": OperatorRule(1...2, importSqueeze, .int8, limits: "constant axes"),
  "Unsqueeze": OperatorRule(1...2, importUnsqueeze, .int8, limits: "constant axes"),
  "Transpose": OperatorRule(1...1, importTranspose, .int8),
  "Slice": OperatorRule(1...5, importSlice, .int8, limits: "constant positions"),
  "Split": OperatorRule(1...2, importSplit, .int8, limits: "constant sizes"),
  "Pad": OperatorRule(1...4, importPad, .int8, limits: "constant pads; modes constant, reflect and edge"),
  "Gather": OperatorRule(2...2, importGather, .int8, limits: "constant indices"),
  "Expand": OperatorRule(2...2, importExpand, since: 8, .int8, limits: "constant shape"),
  "Tile": OperatorRule(2...2, importTile, .int8, limits: "constant repeats"),
  "DepthToSpace": OperatorRule(1...1, importDepthToSpace, .int8),
  "SpaceToDepth": OperatorRule(1...1, importSpaceToDepth, .int8),

  // Nothing at inference
  "Identity": OperatorRule(1...1, importIdentity, .int8),
  "Dropout": OperatorRule(1...3, importDropout, .int8, limits: "inference only; no output of the mask"),
  "Cast": OperatorRule(1...1, importCast, .int8, limits: "between types of floats, or constant"),
  "CastLike": OperatorRule(2...2, importCastLike, since: 15, .int8, limits: "to a type of floats"),

  // Known at import
  "Constant": OperatorRule(0...0, importConstant, limits: "no strings, nothing sparse"),
  "ConstantOfShape": OperatorRule(1...1, foldConstantOfShape, since: 9, limits: constantsOnly),
  "Shape": OperatorRule(1...1, importShape),
  "Size": OperatorRule(1...1, importSize),

  // Computed at import, from constants only
  "Range": OperatorRule(3...3, foldRange, since: 11, limits: constantsOnly),
  "Where": OperatorRule(3...3, foldWhere, since: 9, limits: constantsOnly),
  "Not": OperatorRule(1...1, foldUnary, limits: constantsOnly),
  "Mod": OperatorRule(2...2, foldBinary, since: 10, limits: constantsOnly),
  "Equal": OperatorRule(2...2, foldBinary, limits: constantsOnly),
  "Greater": OperatorRule(2...2, foldBinary, limits: constantsOnly),
  "GreaterOrEqual": OperatorRule(2...2, foldBinary, since: 12, limits: constantsOnly),
  "Less": OperatorRule(2...2, foldBinary, limits: constantsOnly),
  "LessOrEqual": OperatorRule(2...2, foldBinary, since: 12, limits: constantsOnly),
  "And": OperatorRule(2...2, foldBinary, limits: constantsOnly),
  "Or": OperatorRule(2...2, foldBinary, limits: constantsOnly),
  "Xor": OperatorRule(2...2, foldBinary, limits: constantsOnly),
]
