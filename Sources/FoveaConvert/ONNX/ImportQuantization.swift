import FoveaGraph

// Networks that were quantized elsewhere. A value that the file holds as integers is the network's value of what they stand
// for: QuantizeLinear rounds to the quantization's values, DequantizeLinear changes nothing.

func importQuantizeLinear(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let x = try node.input(0)
  let axis = try node.integer("axis", default: 1)
  let parameters = try QuantizationParameters(node, scale: 1, zeroPoint: 2, axis: axis, builder)
  guard let tensor = builder.tensor(x) else {
    return [try builder.quantize(x, parameters, as: node)]
  }
  guard let floats = tensor.floats else { throw .invalid("it quantizes integers") }
  let (shape, lookUp) = (tensor.shape, try parameters.lookUp(tensor.shape))
  try builder.spend(shape)
  var integers = Tensor(
    shape: shape,
    integers: floats.enumerated().map { index, value in
      let (scale, zeroPoint) = lookUp(index)
      let byte = AffineQuantization(scale: scale, zeroPoint: zeroPoint).quantize(value)
      return Int64(byte) - Int64(parameters.shift)
    })
  integers.byteType = parameters.byteType
  return builder.constant(integers, of: node)
}

func importDequantizeLinear(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let axis = try node.integer("axis", default: 1)
  return [try builder.dequantize(node, 0, axis: axis, output: node.output)]
}

func importQLinearConv(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let x = try builder.dequantize(node, 0, axis: 1, output: "\(node.output)/x")
  let weights = try builder.dequantize(node, 3, axis: 0, output: "\(node.output)/weights")
  let bias = try builder.dequantizedSums(node, 8, scales: (1, 4))
  let sums = try importConvolution(node.step("sums", inputs: [x, weights, bias]), &builder)
  return [try builder.quantize(sums[0], node, scale: 6)]
}

func importQLinearMatMul(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importQLinear(node, &builder, operands: [0, 3], result: 6, importMatMul)
}

func importQLinearAdd(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importQLinear(node, &builder, operands: [0, 3], result: 6, importAdd)
}

func importQLinearMul(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importQLinear(node, &builder, operands: [0, 3], result: 6, importMul)
}

func importQLinearSigmoid(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importQLinear(node, &builder, operands: [0], result: 3, importSigmoid)
}

func importQLinearLeakyRelu(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try importQLinear(node, &builder, operands: [0], result: 3, importLeakyRelu)
}

func importQLinearGlobalAveragePool(
  _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  try refuseChannelsLast(node)
  return try importQLinear(node, &builder, operands: [0], result: 3, importGlobalAveragePool)
}

func importQLinearAveragePool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try refuseChannelsLast(node)
  return try importQLinear(node, &builder, operands: [0], result: 3, importAveragePool)
}

/// The result's scale and zero point come first, then three inputs an operand.
func importQLinearConcat(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  guard node.inputs.count % 3 == 2 else { throw .invalid("its operands are not all given with scale and zero point") }
  return try importQLinear(
    node, &builder, operands: Array(stride(from: 2, to: node.inputs.count, by: 3)), result: 0, importConcat)
}

/// The result stays float where it has no scale.
func importQGemm(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let a = try builder.dequantize(node, 0, axis: 1, output: "\(node.output)/a")
  let columns = try node.flag("transB") ? 0 : 1
  let b = try builder.dequantize(node, 3, axis: columns, output: "\(node.output)/b")
  let c = try builder.dequantizedSums(node, 6, scales: (1, 4))
  guard node.optionalInput(7) != nil else { return try importGemm(node.step("sums", inputs: [a, b, c]), &builder) }
  let sums = try importGemm(node.step("sums", inputs: [a, b, c]), &builder)
  return [try builder.quantize(sums[0], node, scale: 7)]
}

/// These measure each input while the network runs, to quantize it by its own range.
func refuseDynamicQuantization(
  _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  throw .invalid(
    "the network is quantized dynamically, anew for every input; quantize it statically, or convert the float network "
      + "and give --calibrate")
}

private func refuseChannelsLast(_ node: ONNXNode) throws(NodeProblem) {
  if try node.flag("channels_last") { throw .invalid("its channels come last, which is not supported") }
}

/// A float operator between dequantized operands (each with its scale and zero point behind it) and a quantized result.
private func importQLinear(
  _ node: ONNXNode, _ builder: inout GraphBuilder, operands: [Int], result: Int,
  _ translate: (ONNXNode, inout GraphBuilder) throws(NodeProblem) -> [ImportedValue]
) throws(NodeProblem) -> [ImportedValue] {
  var inputs: [ImportedValue?] = []
  for operand in operands {
    // Of a matrix, columns have scales.
    inputs.append(try builder.dequantize(node, operand, axis: -1, output: "\(node.output)/\(operand)"))
  }
  let real = try translate(node.step("real", inputs: inputs), &builder)
  return [try builder.quantize(real[0], node, scale: result)]
}

extension GraphBuilder {
  /// Rounds a value to a quantization's values, which the file holds as integers from here on.
  mutating func quantize(
    _ value: ImportedValue, _ parameters: QuantizationParameters, as node: ONNXNode
  ) throws(NodeProblem) -> ImportedValue {
    let quantization = try parameters.perTensor()
    let rounded = try apply(.quantizeDequantize(quantization), to: [value], of: node)[0]
    guard case .edge(let id) = rounded else {
      throw .invalid("it quantizes what is known before the network runs, which is not supported here")
    }
    return .bytes(id, quantization, parameters.byteType ?? .unsigned)
  }

  /// The same, with the scale in input `scale` and the zero point behind it.
  fileprivate mutating func quantize(
    _ value: ImportedValue, _ node: ONNXNode, scale: Int
  ) throws(NodeProblem) -> ImportedValue {
    let parameters = try QuantizationParameters(node, scale: scale, zeroPoint: scale + 1, axis: -1, self)
    return try quantize(value, parameters, as: node)
  }

  /// The real numbers that an input's integers stand for, by the scale and zero point in the two inputs behind it.
  fileprivate mutating func dequantize(
    _ node: ONNXNode, _ input: Int, axis: Int, output: String
  ) throws(NodeProblem) -> ImportedValue {
    let value = try node.input(input)
    if let tensor = tensor(value) {
      guard let integers = tensor.integers else { throw .invalid("input \(input) holds floats, expected integers") }
      let parameters = try QuantizationParameters(
        node, scale: input + 1, zeroPoint: input + 2, axis: axis, self, integers: tensor.byteType)
      let lookUp = try parameters.lookUp(tensor.shape)
      try spend(tensor.shape)
      let shift = parameters.shift
      var real = Tensor(
        shape: tensor.shape,
        floats: integers.enumerated().map { index, integer in
          let (scale, zeroPoint) = lookUp(index)
          return Float(Int(truncatingIfNeeded: integer) &- (zeroPoint - shift)) * scale
        })
      if tensor.byteType != nil { real.grid = parameters.grid(rank: tensor.shape.count) }
      return addConstant(name: output, real)
    }
    guard case .bytes(let id, let known, let type) = value else {
      throw .invalid("input \(input) holds floats, expected 8-bit integers")
    }
    // Without a zero point it is 0, of whichever type.
    let parameters = try QuantizationParameters(
      node, scale: input + 1, zeroPoint: input + 2, axis: axis, self, integers: type)
    guard try parameters.perTensor() == known else {
      throw .invalid("it reads integers with another scale or zero point than they were made with")
    }
    return .edge(id)
  }

  /// A layer's bias, which is counted in units of the input's scale times the weights'; nil where there is none.
  fileprivate mutating func dequantizedSums(
    _ node: ONNXNode, _ input: Int, scales: (Int, Int)
  ) throws(NodeProblem) -> ImportedValue? {
    guard let value = node.optionalInput(input) else { return nil }
    guard let tensor = tensor(value), let integers = tensor.integers else {
      throw .invalid("the bias is not a constant of integers")
    }
    let x = try QuantizationParameters.scales(node, scales.0, self).floats ?? []
    let weights = try QuantizationParameters.scales(node, scales.1, self).floats ?? []
    guard x.count == 1, weights.count == 1 || weights.count == integers.count else {
      throw .invalid("the bias has \(integers.count) elements, and there are \(weights.count) scales")
    }
    let real = integers.enumerated().map { index, sum in
      Float(Double(sum) * Double(x[0]) * Double(weights[weights.count == 1 ? 0 : index]))
    }
    return addConstant(name: "\(node.output)/bias", Tensor(shape: tensor.shape, floats: real))
  }
}
