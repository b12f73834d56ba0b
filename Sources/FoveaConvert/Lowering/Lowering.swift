import FoveaCore
import FoveaGraph

/// Turns a network in NHWC into a program: each node becomes steps over buffers.
///
/// A value with a `quantization` is carried by a u8 buffer, one without by an f32 buffer; where a step needs the other kind,
/// an explicit conversion step makes it, once.
struct Lowering {
  /// Without the constants that have been lowered: packed, they are the builder's.
  private(set) var network: Network
  /// Nodes (by index) whose arithmetic is 8-bit.
  let int8Nodes: Set<Int>
  /// The weights of 8-bit convolutions and fully connected layers, by node.
  private var layers: [Int: QuantizedLayer]
  /// The node that is being lowered.
  private var currentNode = 0
  /// Where 8-bit convolutions and fully connected layers lie in the program, in the order of execution.
  var int8Layers: [LoweredLayer] = []
  var builder = ProgramBuilder()
  private(set) var floatBuffers: [ValueID: Int] = [:]
  private(set) var quantizedBuffers: [ValueID: Int] = [:]
  /// Where the caller writes inputs, whatever conversions of them steps ask for later.
  private var inputPorts: [ValueID: Int] = [:]
  /// For calibration: the values that are complete after each step. More than one where reshapes follow, which have no step.
  private(set) var completedValues: [Int: [ValueID]] = [:]

  init(_ network: consuming Network) {
    self.init(QuantizedNetwork(network: network, int8Nodes: []))
  }

  init(_ quantized: consuming QuantizedNetwork) {
    precondition(quantized.network.layout == .nhwc, "lowering works on NHWC networks")
    network = quantized.network
    int8Nodes = quantized.int8Nodes
    layers = quantized.layers
  }

  /// - Throws: `ConversionError.invalidNode` for what no step can do.
  mutating func lower() throws(ConversionError) {
    for input in network.inputs { inputPorts[input] = declare(input) }
    var lastReaders: [ValueID: Int] = [:]
    for (index, node) in network.nodes.enumerated() { for input in node.inputs { lastReaders[input] = index } }
    for output in network.outputs { lastReaders[output] = nil }
    for (index, node) in network.nodes.enumerated() {
      builder.currentName = node.name
      currentNode = index
      try lower(node, isInt8: int8Nodes.contains(index))
      for input in node.inputs where lastReaders[input] == index { network.constants[input] = nil }
      // A reshape of an input precedes every step: it is complete after the first.
      completedValues[max(0, builder.steps.count - 1), default: []] += node.outputs
    }
    builder.currentName = "output"
    for output in network.outputs where network.constants[output] != nil { _ = float(output) }
  }

  private mutating func lower(_ node: Node, isInt8: Bool) throws(ConversionError) {
    switch node.operation {
    case .convolution(let convolution):
      if isInt8 { try lowerU8(convolution, node) } else { try lowerF32(convolution, node) }
    case .fullyConnected(let layer):
      if isInt8 { try lowerU8(layer, node) } else { try lowerF32(layer, node) }
    case .binary(let binary):
      if isInt8 { try lowerU8(binary, node) } else { try lowerF32(binary, node) }
    case .activation(let activation):
      if isInt8 { try lowerU8(activation, node) } else { try lowerF32(activation, node) }
    case .maxPool(let pooling): lowerPool(pooling, node, isAverage: false, isInt8: isInt8)
    case .averagePool(let pooling): lowerPool(pooling, node, isAverage: true, isInt8: isInt8)
    case .globalAveragePool: lowerPool(wholeImage(node), node, isAverage: true, isInt8: isInt8)
    case .globalMaxPool: lowerPool(wholeImage(node), node, isAverage: false, isInt8: isInt8)
    case .concat(let axis): try lowerConcat(axis: axis, node, isInt8: isInt8)
    case .pad(let pad): try lowerPad(pad, node, isInt8: isInt8)
    case .reshape(let shape): alias(node, shape: shape, isInt8: isInt8)
    case .identity: alias(node, shape: network[node.inputs[0]].shape, isInt8: isInt8)
    case .quantizeDequantize(let quantization): lowerQuantizeDequantize(quantization, node, isInt8: isInt8)
    case .transpose(let permutation): try lowerTranspose(permutation, node, isInt8: isInt8)
    case .slice(let slice): try lowerSlice(slice, node, isInt8: isInt8)
    case .softmax(let axis): lowerSoftmax(axis: axis, node)
    case .reduce(let reduction): try lowerReduction(reduction, node)
    case .normalize(let normalization): try lowerNormalization(normalization, node)
    case .resample(let resampling): try lowerResampling(resampling, node, isInt8: isInt8)
    case .depthToSpace(let blocks): lowerDepthToSpace(blocks, node, isInt8: isInt8)
    case .spaceToDepth(let blocks): lowerSpaceToDepth(blocks, node, isInt8: isInt8)
    case .matMul: try lowerMatMul(node)
    case .gemm(let gemm): try lowerGemm(gemm, node)
    case .batchNormalization(let epsilon): try lowerBatchNormalization(epsilon: epsilon, node)
    }
  }

  /// Lets go of what a model file has been made of: steps and buffers stay.
  mutating func dropWeights() {
    layers = [:]
    _ = builder.takeConstants()
  }

  func invalid(_ node: Node, _ reason: String) -> ConversionError {
    .invalidNode(file: network.source, node: node.name, operator: node.operation.name, reason: reason)
  }

  // MARK: Values and buffers

  /// Makes the buffer of a value that a step is about to write: u8 where the value is quantized.
  @discardableResult
  mutating func declare(_ value: ValueID) -> Int {
    let shape = network[value].shape
    if let quantization = network[value].quantization {
      let buffer = builder.addBuffer(.u8, shape: shape, quantization: quantization)
      quantizedBuffers[value] = buffer
      return buffer
    }
    return declareFloat(value)
  }

  /// Makes an f32 buffer whatever the value's quantization: float steps write these.
  mutating func declareFloat(_ value: ValueID) -> Int {
    let buffer = builder.addBuffer(.f32, shape: network[value].shape)
    floatBuffers[value] = buffer
    return buffer
  }

  /// Says that a value now lies in another f32 buffer.
  mutating func setFloat(_ value: ValueID, _ buffer: Int) {
    floatBuffers[value] = buffer
  }

  /// The f32 buffer of a value that exists already, converting or filling it first where need be.
  mutating func float(_ value: ValueID) -> Int {
    if let buffer = floatBuffers[value] { return buffer }
    if let tensor = network.constants[value] {
      let constant = builder.addConstant(
        ConstantTensor(name: network[value].name, shape: tensor.shape, f32: floats(of: tensor)))
      let buffer = declareFloat(value)
      var fill = FillStep()
      fill.output = buffer
      fill.constant = constant
      builder.add(.fill(fill))
      return buffer
    }
    let source = quantized(value)
    let buffer = declareFloat(value)
    builder.add(
      .dequantize(ConversionStep(input: source, output: buffer, count: builder.buffer(buffer).count)))
    return buffer
  }

  /// The u8 buffer of a value that exists already, converting or filling it first where need be.
  mutating func quantized(_ value: ValueID) -> Int {
    if let buffer = quantizedBuffers[value] { return buffer }
    let quantization = network[value].quantization ?? AffineQuantization(scale: 1, zeroPoint: 0)
    if let tensor = network.constants[value] {
      let bytes = floats(of: tensor).map(quantization.quantize)
      let constant = builder.addConstant(
        ConstantTensor(name: network[value].name, shape: tensor.shape, u8: bytes))
      let buffer = builder.addBuffer(.u8, shape: tensor.shape, quantization: quantization)
      var fill = FillStep()
      fill.output = buffer
      fill.constant = constant
      builder.add(.fill(fill))
      quantizedBuffers[value] = buffer
      return buffer
    }
    let source = float(value)
    let buffer = builder.addBuffer(.u8, shape: network[value].shape, quantization: quantization)
    builder.add(.quantize(ConversionStep(input: source, output: buffer, count: builder.buffer(buffer).count)))
    quantizedBuffers[value] = buffer
    return buffer
  }

  /// The buffer that a node of either precision reads a value from.
  mutating func source(_ value: ValueID, isInt8: Bool) -> Int {
    isInt8 ? quantized(value) : float(value)
  }

  /// The buffer that a node of either precision writes its output to.
  mutating func target(_ node: Node, isInt8: Bool) -> Int {
    isInt8 ? declare(node.outputs[0]) : declareFloat(node.outputs[0])
  }

  /// The same elements under another shape: no step at all.
  mutating func alias(_ node: Node, shape: [Int], isInt8: Bool) {
    let source = source(node.inputs[0], isInt8: isInt8)
    let buffer = builder.addAlias(of: source, shape: shape)
    if isInt8 { quantizedBuffers[node.outputs[0]] = buffer } else { floatBuffers[node.outputs[0]] = buffer }
  }

  /// Where a network output's values lie.
  func outputPort(_ value: ValueID) -> Int {
    floatBuffers[value] ?? quantizedBuffers[value] ?? ProgramHeader.none
  }

  /// Where the caller puts an input's values: the buffer that the first step finds them in, not what steps make of it.
  func inputPort(_ value: ValueID) -> Int {
    inputPorts[value] ?? ProgramHeader.none
  }

  func floats(of tensor: Tensor) -> [Float] {
    switch tensor.elements {
    case .floats(let values): values
    case .integers(let values): values.map { Float($0) }
    }
  }

  /// A constant input's floats, for weights and biases that lowering packs.
  func constant(_ node: Node, _ input: Int, _ what: String) throws(ConversionError) -> Tensor {
    guard let tensor = network.constants[node.inputs[input]] else {
      throw invalid(node, "\(what) must be constant, but \"\(network[node.inputs[input]].name)\" is computed")
    }
    return tensor
  }

  /// The 8-bit weights of the node that is being lowered, whose first steps come next: its input is complete before them.
  mutating func beginInt8Layer(_ node: Node) throws(ConversionError) -> QuantizedLayer {
    guard let layer = layers[currentNode] else { throw invalid(node, "its weights have no 8-bit form") }
    let input = quantized(node.inputs[0])
    int8Layers.append(LoweredLayer(node: currentNode, input: input, firstStep: builder.steps.count))
    return layer
  }

  /// The bias of a layer, zeros where it has none.
  func bias(_ node: Node, count: Int) throws(ConversionError) -> [Float] {
    guard node.inputs.count > 2 else { return Array(repeating: 0, count: count) }
    return floats(of: try constant(node, 2, "the bias"))
  }
}

extension AffineQuantization {
  /// The output range of a layer with a fused clamp.
  func range(_ clamp: Clamp) -> OutputRange {
    let low = clamp.min == -.infinity ? 0 : Int(quantize(clamp.min))
    let high = clamp.max == .infinity ? 255 : Int(quantize(clamp.max))
    return OutputRange(zeroPoint: zeroPoint, low: Swift.min(low, high), high: high)
  }
}
