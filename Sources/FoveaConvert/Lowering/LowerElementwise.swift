import FoveaCore
import FoveaGraph
import FoveaKernels

extension Lowering {
  // MARK: One input

  mutating func lowerF32(_ activation: Activation, _ node: Node) throws(ConversionError) {
    let factors = try channelFactors(node)
    var step = UnaryF32()
    step.input = float(node.inputs[0])
    step.output =
      factors == nil
      ? declareFloat(node.outputs[0]) : builder.addBuffer(.f32, shape: network[node.outputs[0]].shape)
    step.count = builder.buffer(step.output).count
    step.function = activation.function
    builder.add(.unaryF32(step))
    guard let factors else { return }
    let output = declareFloat(node.outputs[0])
    addBinary(Binary(.multiply), step.output, filled(factors, name: "\(node.name).factor"), output: output)
  }

  /// On 256 possible inputs any function is a table, or one for each of the factors that its channels have.
  mutating func lowerU8(_ activation: Activation, _ node: Node) throws(ConversionError) {
    let (from, to) = (quantization(node.inputs[0]), quantization(node.outputs[0]))
    func entry(_ byte: UInt8, times factor: Float) -> UInt8 {
      to.quantize(activation.apply(from.dequantize(byte)) * factor)
    }
    guard let factors = try channelFactors(node) else { return addTableStep(node) { entry($0, times: 1) } }
    let distinct = Set(factors).sorted()
    guard distinct.count <= 256 else { throw invalid(node, "its channels have more than 256 factors") }
    let tables = distinct.flatMap { factor in (0...255).map { entry(UInt8($0), times: factor) } }
    let selection = factors.map { UInt8(distinct.firstIndex(of: $0) ?? 0) }
    var step = ChannelTablesU8()
    step.input = quantized(node.inputs[0])
    step.output = declare(node.outputs[0])
    step.channels = factors.count
    step.rows = builder.buffer(step.output).count / factors.count
    step.count = distinct.count
    step.tables = builder.addConstant(
      ConstantTensor(name: "\(node.name).tables", shape: [distinct.count, 256], u8: tables))
    step.selection = builder.addConstant(
      ConstantTensor(name: "\(node.name).selection", shape: [factors.count], u8: selection))
    builder.add(.channelTablesU8(step))
  }

  /// What an elementwise function's results are multiplied by, for each channel (the last dimension); nil where by nothing.
  private func channelFactors(_ node: Node) throws(ConversionError) -> [Float]? {
    guard node.inputs.count > 1 else { return nil }
    let factors = floats(of: try constant(node, 1, "the factor"))
    guard !factors.isEmpty, network[node.outputs[0]].shape.last == factors.count else {
      throw invalid(node, "it has \(factors.count) factors for its channels")
    }
    return factors
  }

  /// A byte for each byte of the node's only input.
  mutating func addTableStep(_ node: Node, _ entry: (UInt8) -> UInt8) {
    var step = TableU8()
    step.input = quantized(node.inputs[0])
    step.output = declare(node.outputs[0])
    step.count = builder.buffer(step.output).count
    step.table = addTable(name: "\(node.name).table", entry)
    builder.add(.tableU8(step))
  }

  /// 256 entries, each computed from its index.
  mutating func addTable(name: String, _ entry: (UInt8) -> UInt8) -> Int {
    builder.addConstant(ConstantTensor(name: name, shape: [256], u8: (0...255).map { entry(UInt8($0)) }))
  }

  func quantization(_ value: ValueID) -> AffineQuantization {
    network[value].quantization ?? AffineQuantization(scale: 1, zeroPoint: 0)
  }

  // MARK: Two inputs

  mutating func lowerF32(_ binary: Binary, _ node: Node) throws(ConversionError) {
    addBinary(
      binary, float(node.inputs[0]), float(node.inputs[1]), output: declareFloat(node.outputs[0]))
  }

  /// One float step, with broadcasting.
  mutating func addBinary(_ binary: Binary, _ a: Int, _ b: Int, output: Int) {
    var step = BinaryF32()
    (step.a, step.b, step.operands) = broadcast(a, b, to: builder.buffer(output).shape)
    step.output = output
    step.operation = Int(binary.operator.c.rawValue)
    step.activation = binary.clamp.function
    builder.add(.binaryF32(step))
  }

  mutating func lowerU8(_ binary: Binary, _ node: Node) throws(ConversionError) {
    let (a, b) = (quantization(node.inputs[0]), quantization(node.inputs[1]))
    let output = quantization(node.outputs[0])
    let sources = (quantized(node.inputs[0]), quantized(node.inputs[1]))
    let shape = network[node.outputs[0]].shape
    let (first, second, operands) = broadcast(sources.0, sources.1, to: shape)
    let target = declare(node.outputs[0])
    switch binary.operator {
    case .add, .subtract:
      let multipliers = AddMultipliers(a.scale, b.scale)
      var step = AddU8()
      (step.a, step.b, step.output, step.operands) = (first, second, target, operands)
      step.aMultiplier = multipliers.a
      step.bMultiplier = multipliers.b * (binary.operator == .subtract ? -1 : 1)
      step.bias = -(step.aMultiplier * a.zeroPoint + step.bMultiplier * b.zeroPoint)
      step.scale = Float(multipliers.unit / Double(output.scale))
      step.range = output.range(binary.clamp)
      builder.add(.addU8(step))
    case .multiply:
      var step = MultiplyU8()
      (step.a, step.b, step.output, step.operands) = (first, second, target, operands)
      step.aZeroPoint = a.zeroPoint
      step.bZeroPoint = b.zeroPoint
      step.scale = Float(Double(a.scale) * Double(b.scale) / Double(output.scale))
      step.range = output.range(binary.clamp)
      builder.add(.multiplyU8(step))
    case .divide, .minimum, .maximum, .power, .prelu:
      throw invalid(node, "it has no 8-bit step")
    }
  }

  /// Brings two buffers to what elementwise steps take: each either whole, or one row repeated.
  private mutating func broadcast(_ a: Int, _ b: Int, to shape: [Int]) -> (a: Int, b: Int, Operands) {
    /// The trailing elements that repeat, where an operand is a row repeated (or whole); nil for other broadcasts.
    func rowLength(_ buffer: Int) -> Int? {
      let own = builder.buffer(buffer).shape
      let aligned = Array(repeating: 1, count: shape.count - own.count) + own
      let leading = aligned.prefix { $0 == 1 }.count
      guard Array(aligned[leading...]) == Array(shape[leading...]) else { return nil }
      return shape[leading...].reduce(1, *)
    }
    let count = shape.reduce(1, *)
    let last = shape.last ?? 1
    var (first, second) = (a, b)
    var (firstLength, secondLength) = (rowLength(a), rowLength(b))
    // A single element is repeated to a row, other broadcasts to the whole shape.
    func isTooShort(_ length: Int?) -> Bool { (length ?? 0) < last && count > 1 }
    if isTooShort(firstLength) { (first, firstLength) = expanded(a, firstLength == nil ? shape : [last]) }
    if isTooShort(secondLength) { (second, secondLength) = expanded(b, secondLength == nil ? shape : [last]) }
    // Two rows of different lengths: repeat the shorter one to the whole.
    if firstLength != count, secondLength != count, firstLength != secondLength {
      (first, firstLength) = expanded(first, shape)
    }
    var columns = min(firstLength ?? count, secondLength ?? count)
    // Two whole operands: rows that threads can share, unless they would be too short to be worth a call.
    if columns == count, last >= 64 { columns = last }
    let operands = Operands(
      rows: count / columns, columns: columns, aStride: firstLength == count ? columns : 0,
      bStride: secondLength == count ? columns : 0)
    return (first, second, operands)
  }

  /// A copy of a buffer in which dimensions of 1 repeat to fill `shape`.
  private mutating func expanded(_ buffer: Int, _ shape: [Int]) -> (buffer: Int, length: Int?) {
    let source = builder.buffer(buffer)
    let padding = Array(repeating: 1, count: max(0, shape.count - source.shape.count))
    let aligned = Array((padding + source.shape).suffix(shape.count))
    var strides = rowMajorStrides(of: aligned)
    for (dimension, size) in aligned.enumerated() where size == 1 { strides[dimension] = 0 }
    let output = builder.addBuffer(source.type, shape: shape, quantization: quantization(ofBuffer: buffer))
    addCopy(Movement(input: buffer, output: output, sizes: shape, inputStrides: strides))
    return (output, shape.reduce(1, *))
  }

  func quantization(ofBuffer buffer: Int) -> AffineQuantization {
    let buffer = builder.buffer(buffer)
    return AffineQuantization(scale: buffer.scale, zeroPoint: buffer.zeroPoint)
  }

  /// A batch normalization that no convolution took in: x * factor + offset, a channel each (the last dimension, or the
  /// second of rank 2).
  mutating func lowerBatchNormalization(epsilon: Float, _ node: Node) throws(ConversionError) {
    let scale = floats(of: try constant(node, 1, "the scale"))
    let bias = floats(of: try constant(node, 2, "the bias"))
    let mean = floats(of: try constant(node, 3, "the mean"))
    let variance = floats(of: try constant(node, 4, "the variance"))
    let factors = zip(scale, variance).map { $0 / ($1 + epsilon).squareRoot() }
    let offsets = zip(zip(bias, mean), factors).map { $0.0 - $0.1 * $1 }
    let source = float(node.inputs[0])
    let scaled = builder.addBuffer(.f32, shape: network[node.outputs[0]].shape)
    addBinary(Binary(.multiply), source, filled(factors, name: "\(node.name).factor"), output: scaled)
    let output = declareFloat(node.outputs[0])
    addBinary(Binary(.add), scaled, filled(offsets, name: "\(node.name).offset"), output: output)
  }

  /// A buffer that holds constants.
  mutating func filled(_ values: [Float], name: String) -> Int {
    var fill = FillStep()
    fill.output = builder.addBuffer(.f32, shape: [values.count])
    fill.constant = builder.addConstant(ConstantTensor(name: name, shape: [values.count], f32: values))
    builder.add(.fill(fill))
    return fill.output
  }
}

/// Two scales as multiples of a common unit: a = multipliers.a * unit, b = multipliers.b * unit, as nearly as multipliers of 15 bits
/// can say it. The sum of two products of such and bytes stays below 2^24, exact as a float.
struct AddMultipliers {
  var a: Int
  var b: Int
  var unit: Double

  init(_ a: Float, _ b: Float) {
    let (larger, smaller) = (Double(max(a, b)), Double(min(a, b)))
    // Of the 2^14 multipliers that the larger scale may have, one makes the smaller's almost whole: better than any fixed
    // one by four orders of magnitude.
    var best = (error: Double.infinity, larger: 0, smaller: 0)
    for multiplier in 16384...32767 {
      let exact = Double(multiplier) * (smaller / larger)
      let error = abs(exact - exact.rounded()) / Double(multiplier)
      if error < best.error { best = (error, multiplier, Int(exact.rounded())) }
    }
    (self.a, self.b) = a >= b ? (best.larger, best.smaller) : (best.smaller, best.larger)
    unit = larger / Double(best.larger)
  }
}

extension Activation {
  /// As the float steps take it.
  var function: UnaryFunction {
    func make(_ operation: fovea_unary_operation, _ alpha: Float = 0, _ beta: Float = 0) -> UnaryFunction {
      UnaryFunction(operation: Int(operation.rawValue), alpha: alpha, beta: beta)
    }
    return switch self {
    case .clamp(let clamp): clamp.function
    case .leakyRelu(let alpha): make(FOVEA_UNARY_LEAKY_RELU, alpha)
    case .sigmoid: make(FOVEA_UNARY_SIGMOID)
    case .hardSigmoid(let alpha, let beta): make(FOVEA_UNARY_HARD_SIGMOID, alpha, beta)
    case .hardSwish: make(FOVEA_UNARY_HARD_SWISH)
    case .tanh: make(FOVEA_UNARY_TANH)
    case .silu: make(FOVEA_UNARY_SILU)
    case .elu(let alpha): make(FOVEA_UNARY_ELU, alpha)
    case .celu(let alpha): make(FOVEA_UNARY_CELU, alpha)
    case .selu(let alpha, let gamma): make(FOVEA_UNARY_SELU, alpha, gamma)
    case .thresholdedRelu(let alpha): make(FOVEA_UNARY_THRESHOLDED_RELU, alpha)
    case .shrink(let lambda, let bias): make(FOVEA_UNARY_SHRINK, lambda, bias)
    case .function(let function): make(function.c)
    }
  }

  /// The function itself, by the kernel that float steps run.
  func apply(_ x: Float) -> Float {
    let function = function
    var unary = fovea_unary(operation: Int32(function.operation), alpha: function.alpha, beta: function.beta)
    var input = x
    var output: Float = 0
    unsafe fovea_unary_f32(&unary, &input, &output, 0, 1)
    return output
  }
}

extension Binary.Operator {
  var c: fovea_binary_operation {
    switch self {
    case .add: FOVEA_BINARY_ADD
    case .subtract: FOVEA_BINARY_SUBTRACT
    case .multiply: FOVEA_BINARY_MULTIPLY
    case .divide: FOVEA_BINARY_DIVIDE
    case .minimum: FOVEA_BINARY_MINIMUM
    case .maximum: FOVEA_BINARY_MAXIMUM
    case .power: FOVEA_BINARY_POWER
    case .prelu: FOVEA_BINARY_PRELU
    }
  }
}

extension ElementaryFunction {
  fileprivate var c: fovea_unary_operation {
    switch self {
    case .softplus: FOVEA_UNARY_SOFTPLUS
    case .softsign: FOVEA_UNARY_SOFTSIGN
    case .mish: FOVEA_UNARY_MISH
    case .gelu: FOVEA_UNARY_GELU
    case .geluTanh: FOVEA_UNARY_GELU_TANH
    case .erf: FOVEA_UNARY_ERF
    case .absolute: FOVEA_UNARY_ABSOLUTE
    case .negate: FOVEA_UNARY_NEGATE
    case .sign: FOVEA_UNARY_SIGN
    case .floor: FOVEA_UNARY_FLOOR
    case .ceil: FOVEA_UNARY_CEIL
    case .round: FOVEA_UNARY_ROUND
    case .sqrt: FOVEA_UNARY_SQRT
    case .reciprocal: FOVEA_UNARY_RECIPROCAL
    case .exp: FOVEA_UNARY_EXP
    case .log: FOVEA_UNARY_LOG
    case .sin: FOVEA_UNARY_SIN
    case .cos: FOVEA_UNARY_COS
    case .tan: FOVEA_UNARY_TAN
    case .asin: FOVEA_UNARY_ASIN
    case .acos: FOVEA_UNARY_ACOS
    case .atan: FOVEA_UNARY_ATAN
    case .sinh: FOVEA_UNARY_SINH
    case .cosh: FOVEA_UNARY_COSH
    case .asinh: FOVEA_UNARY_ASINH
    case .acosh: FOVEA_UNARY_ACOSH
    case .atanh: FOVEA_UNARY_ATANH
    }
  }
}
