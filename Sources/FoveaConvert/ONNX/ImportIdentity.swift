import FoveaGraph

func importIdentity(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try builder.apply(.identity, to: [try node.input(0)], of: node)
}

/// Dropout does nothing at inference. Version 12 added an input that asks for training.
func importDropout(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try node.refuseOutput(1, "somebody reads its mask, which exists in training only")
  if let training = node.optionalInput(2) {
    guard builder.tensor(training)?.integers == [0] else {
      throw .invalid("it is exported for training; export the model for inference (model.eval())")
    }
  }
  return try builder.apply(.identity, to: [try node.input(0)], of: node)
}

/// Cast. Activations are float32 whatever width the file gives them; constants change their type now.
func importCast(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  guard let number = try node.integer("to") else { throw .invalid("the type to cast to is missing") }
  guard let type = Int32(exactly: number).flatMap(ElementType.init(rawValue:)) else {
    throw .invalid("casting to \(elementTypeName(Int32(clamping: number))) is not supported")
  }
  if let held = input.byteType {
    // PyTorch casts what it has quantized to the type that it has.
    guard type.byteType == held else {
      throw .invalid("it casts 8-bit integers to \(type), and not to their own type; put a DequantizeLinear before it")
    }
    return try builder.apply(.identity, to: [input], of: node)
  }
  guard let tensor = builder.tensor(input) else {
    guard type.isFloat else {
      throw .invalid("it casts what is computed when the network runs to \(type); only float32 is supported there")
    }
    return try builder.apply(.identity, to: [input], of: node)
  }
  try builder.spend(tensor.shape)
  var cast = tensor.cast(to: type)
  cast.byteType = type.byteType
  return builder.constant(cast, of: node)
}

/// CastLike to whatever type of floats the second input has.
func importCastLike(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  if let like = builder.tensor(try node.input(1)), like.floats == nil {
    throw .invalid("it casts to a type of integers, which constants do not keep; cast with Cast")
  }
  guard let tensor = builder.tensor(input) else { return try builder.apply(.identity, to: [input], of: node) }
  try builder.spend(tensor.shape)
  return builder.constant(tensor.cast(to: .float), of: node)
}

extension Tensor {
  /// The elements as another type. Floats lose their fraction; integers wrap around, as everywhere in ONNX's practice.
  fileprivate func cast(to type: ElementType) -> Tensor {
    switch elements {
    case .floats(let values):
      if type.isFloat { return self }
      // A half is true, though its integer is 0.
      if type == .bool { return Tensor(shape: shape, integers: values.map { $0 != 0 ? 1 : 0 }) }
      return Tensor(shape: shape, integers: values.map { type.wrapped($0.truncated) })
    case .integers(let values):
      if type.isFloat { return Tensor(shape: shape, floats: values.map { Float($0) }) }
      return Tensor(shape: shape, integers: values.map { type.wrapped($0) })
    }
  }
}

extension Float {
  /// The integer toward zero; not a number is 0, and what is too large the largest.
  fileprivate var truncated: Int64 {
    if isNaN { return 0 }
    // 2^63 is a float, the largest integer below it is not.
    if self >= 0x1p63 { return .max }
    return self <= -0x1p63 ? .min : Int64(self)
  }
}

extension ElementType {
  /// The integer as this type holds it.
  fileprivate func wrapped(_ value: Int64) -> Int64 {
    switch self {
    case .int8: Int64(Int8(truncatingIfNeeded: value))
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .int16: Int64(Int16(truncatingIfNeeded: value))
    case .uint16: Int64(UInt16(truncatingIfNeeded: value))
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .uint32: Int64(UInt32(truncatingIfNeeded: value))
    case .bool: value != 0 ? 1 : 0
    case .int64, .uint64, .float, .float16, .bfloat16, .double: value
    }
  }
}
