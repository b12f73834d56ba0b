/// Rewrites a network in ONNX's layout to the one that the runtime executes: every rank-4 activation, inputs and outputs included,
/// then lies in memory as [N, H, W, C] and `Value.shape` says so.
///
/// - Values that the source network itself has as [N, H, W, C], between a transposition from NCHW and one back, stay in that order
///   (`Value.keepsSourceOrder`), and those transpositions go. Exporters from TensorFlow write whole networks so, PyTorch's the
///   normalizations of ConvNeXt.
/// - Convolutions, pools and batch normalization change by `Network.layout` alone; convolution weights stay [O, I, H, W].
/// - Axes, permutations, pads and slices of rank-4 values are rewritten to count the dimensions as they lie.
/// - Operands of arithmetic become rank 4: constants are rearranged here, computed ones by nodes.
/// - What depends on the order of the elements (reshapes from or to rank 4, matrix products over W) runs between explicit
///   transpositions. Those that move only dimensions of 1, as before most classifiers, are reshapes.
/// - A mean over exactly height and width becomes `globalAveragePool`.
public func convertLayoutToNHWC(_ network: Network) throws(GraphError) -> Network {
  guard network.layout == .nchw else { return network }
  var converter = LayoutConverter(network)
  for node in network.nodes { try converter.convert(node) }
  return try inferShapes(converter.finish())
}

extension LayoutConverter {
  fileprivate mutating func convert(_ node: Node) throws(GraphError) {
    let x = node.inputs[0]
    let hasImage = (node.inputs + node.outputs).contains { isImage($0) && !isConstant($0) }
    guard hasImage else { return try convertInSourceOrder(node) }
    switch node.operation {
    case .convolution:
      // Computed weights are an activation like others, and are turned back.
      let weights = try logical(node.inputs[1])
      emit(node.operation, [try physical(x), weights] + node.inputs.dropFirst(2), as: node)
    case .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .batchNormalization, .activation, .identity,
      .depthToSpace, .spaceToDepth, .quantizeDequantize:
      emit(node.operation, [try physical(x)] + node.inputs.dropFirst(), as: node)
    case .binary where isImage(node.outputs[0]):
      let a = try operand(x)
      let b = try operand(node.inputs[1])
      emit(node.operation, [a, b], as: node)
    case .concat(let axis):
      var inputs: [ValueID] = []
      for input in node.inputs { inputs.append(try physical(input)) }
      emit(.concat(axis: ImageOrder.nhwcAxis(of: axis)), inputs, as: node)
    case .softmax(let axis):
      emit(.softmax(axis: ImageOrder.nhwcAxis(of: axis)), [try physical(x)], as: node)
    case .normalize(var normalization):
      normalization.axes = normalization.axes.map(ImageOrder.nhwcAxis).sorted()
      emit(.normalize(normalization), [try physical(x)], as: node)
    case .resample(var resampling):
      resampling.axis = ImageOrder.nhwcAxis(of: resampling.axis)
      emit(.resample(resampling), [try physical(x)], as: node)
    case .pad(var pad):
      pad.before = ImageOrder.nhwc(pad.before)
      pad.after = ImageOrder.nhwc(pad.after)
      emit(.pad(pad), [try physical(x)], as: node)
    case .slice(var slice):
      slice.starts = ImageOrder.nhwc(slice.starts)
      slice.steps = ImageOrder.nhwc(slice.steps)
      slice.sizes = ImageOrder.nhwc(slice.sizes)
      emit(.slice(slice), [try physical(x)], as: node)
    case .transpose(var permutation):
      // Physical dimension j is logical dimension toNHWC[j]: there, through the network's permutation, and back.
      if isImage(node.outputs[0]) { permutation = ImageOrder.nhwc(permutation) }
      if isImage(x) { permutation = permutation.map(ImageOrder.nhwcAxis) }
      emit(.transpose(permutation), [isImage(x) ? try physical(x) : x], as: node)
    case .reduce(let reduction) where isImage(x): try convert(reduction, node)
    case .reshape: try convertReshape(node)
    case .binary, .reduce, .gemm, .fullyConnected, .matMul: try convertInLogicalOrder(node)
    }
  }

  /// A node of values that all lie as the source has them.
  private mutating func convertInSourceOrder(_ node: Node) throws(GraphError) {
    let x = node.inputs[0]
    guard case .reduce(let reduction) = node.operation, keepsSourceOrder(x), reduction.kind == .mean,
      reduction.axes == ImageOrder.nhwcImageAxes
    else { return emit(node.operation, node.inputs, as: node) }
    try emitGlobalAveragePool(of: x, keepDimensions: reduction.keepDimensions, as: node)
  }

  private mutating func emitGlobalAveragePool(
    of x: ValueID, keepDimensions: Bool, as node: Node
  ) throws(GraphError) {
    if keepDimensions { return emit(.globalAveragePool, [x], as: node) }
    let pooled = try emit(.globalAveragePool, [x], name: name(node.outputs[0]) + "/pooled")
    emit(.reshape(shape(node.outputs[0])), [pooled], as: node)
  }

  /// Runs the node on inputs that were brought back to ONNX's order, and its output to ours.
  private mutating func convertInLogicalOrder(_ node: Node) throws(GraphError) {
    var inputs: [ValueID] = []
    for input in node.inputs { inputs.append(try logical(input)) }
    guard isImage(node.outputs[0]) else { return emit(node.operation, inputs, as: node) }
    let output = try emit(node.operation, inputs, name: name(node.outputs[0]) + "/nchw")
    rearrange(output, ImageOrder.toNHWC, as: node, name: node.name + "/nhwc")
  }

  private mutating func convertReshape(_ node: Node) throws(GraphError) {
    let (x, output) = (node.inputs[0], node.outputs[0])
    let isInOrder = isConstant(x) || !isImage(x) || keepsOrder(ImageOrder.toNCHW, of: shape(x))
    let input = isInOrder ? x : try logical(x)
    guard isImage(output), !keepsOrder(ImageOrder.toNHWC, of: logicalShape(output)) else {
      return emit(.reshape(shape(output)), [input], as: node)
    }
    let reshaped = try emit(node.operation, [input], name: name(output) + "/nchw")
    rearrange(reshaped, ImageOrder.toNHWC, as: node, name: node.name + "/nhwc")
  }

  private mutating func convert(_ reduction: Reduction, _ node: Node) throws(GraphError) {
    let x = try physical(node.inputs[0])
    if reduction.axes == [2, 3], reduction.kind == .mean {
      return try emitGlobalAveragePool(of: x, keepDimensions: reduction.keepDimensions, as: node)
    }
    let axes = reduction.axes.map(ImageOrder.nhwcAxis).sorted()
    let operation = Operation.reduce(
      Reduction(reduction.kind, axes: axes, keepDimensions: reduction.keepDimensions))
    let remaining = ImageOrder.toNHWC.filter { !reduction.axes.contains($0) }
    if reduction.keepDimensions || axes.isEmpty || remaining == remaining.sorted() {
      return emit(operation, [x], as: node)
    }
    // Channels remain, and stand behind a remaining height or width where ONNX has them before it.
    let reduced = try emit(operation, [x], name: name(node.outputs[0]) + "/nhwc")
    let permutation = remaining.sorted().compactMap { remaining.firstIndex(of: $0) }
    rearrange(reduced, permutation, as: node, name: node.name + "/transposed")
  }
}
