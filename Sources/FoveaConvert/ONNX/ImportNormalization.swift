import FoveaGraph

/// LayerNormalization: over all dimensions from `axis` on, then scale and bias.
func importLayerNormalization(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  for index in [1, 2] { try node.refuseOutput(index, "somebody reads its mean or deviation, which training needs") }
  let input = try node.input(0)
  let rank = builder.shape(input).count
  let axis = try node.normalized(axis: try node.integer("axis", default: -1), rank: rank)
  let normalized = try builder.apply(
    .normalize(Normalization(axes: Array(axis..<rank), epsilon: try node.float("epsilon", default: 1e-5))),
    to: input, of: node, step: "normalized")
  return try builder.scaled(normalized, by: try node.input(1), plus: node.optionalInput(2), of: node)
}

/// RMSNormalization: over all dimensions from `axis` on, without taking the mean away, then a scale.
func importRMSNormalization(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let rank = builder.shape(input).count
  let axis = try node.normalized(axis: try node.integer("axis", default: -1), rank: rank)
  let squares = try builder.apply(.binary(Binary(.multiply)), to: input, input, of: node, step: "squares")
  let mean = try builder.apply(
    .reduce(Reduction(.mean, axes: Array(axis..<rank), keepDimensions: true)), to: squares, of: node, step: "mean")
  let epsilon = builder.number(try node.float("epsilon", default: 1e-5), of: node, step: "epsilon")
  let sum = try builder.apply(.binary(Binary(.add)), to: mean, epsilon, of: node, step: "sum")
  let root = try builder.apply(.activation(.function(.sqrt)), to: sum, of: node, step: "root")
  let normalized = try builder.apply(.binary(Binary(.divide)), to: input, root, of: node, step: "normalized")
  return try builder.scaled(normalized, by: try node.input(1), plus: nil, of: node)
}

/// InstanceNormalization: over everything but batch and channels, then a scale and a bias a channel.
func importInstanceNormalization(
  _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  guard shape.count >= 3 else { throw .invalid("its input has the shape \(shape), expected at least 3 dimensions") }
  let normalized = try builder.apply(
    .normalize(
      Normalization(axes: Array(2..<shape.count), epsilon: try node.float("epsilon", default: 1e-5))),
    to: input, of: node, step: "normalized")
  let perChannel = [shape[1]] + [Int](repeating: 1, count: shape.count - 2)
  let scale = try builder.apply(.reshape(perChannel), to: try node.input(1), of: node, step: "scale")
  let bias = try builder.apply(.reshape(perChannel), to: try node.input(2), of: node, step: "bias")
  return try builder.scaled(normalized, by: scale, plus: bias, of: node)
}

/// GroupNormalization: over groups of channels, then a scale and a bias. Version 18 has them a group, 21 a channel.
func importGroupNormalization(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  guard let groups = try node.integer("num_groups"), shape.count >= 2, groups >= 1, shape[1] % groups == 0 else {
    throw .invalid("num_groups is missing, or does not divide the channels of \(shape)")
  }
  let isOld = node.opset < 21
  let count = shape[2...].reduce(shape[1] / groups, *)
  let grouped = try builder.apply(.reshape([shape[0], groups, count]), to: input, of: node, step: "groups")
  let normalized = try builder.apply(
    .normalize(Normalization(axes: [2], epsilon: try node.float("epsilon", default: 1e-5))), to: grouped, of: node,
    step: "normalized")
  let ones = [Int](repeating: 1, count: shape.count - 2)
  let perChannel = isOld ? [groups, 1] : [shape[1]] + ones
  let scale = try builder.apply(.reshape(perChannel), to: try node.input(1), of: node, step: "scale")
  let bias = try builder.apply(.reshape(perChannel), to: try node.input(2), of: node, step: "bias")
  if isOld {
    let scaled = try builder.apply(.binary(Binary(.multiply)), to: normalized, scale, of: node, step: "scaled")
    let shifted = try builder.apply(.binary(Binary(.add)), to: scaled, bias, of: node, step: "shifted")
    return try builder.apply(.reshape(shape), to: [shifted], of: node)
  }
  let restored = try builder.apply(.reshape(shape), to: normalized, of: node, step: "restored")
  return try builder.scaled(restored, by: scale, plus: bias, of: node)
}

/// MeanVarianceNormalization: over batch and positions unless it says otherwise. ONNX adds 1e-9 to the deviation.
func importMeanVarianceNormalization(
  _ node: ONNXNode, _ builder: inout GraphBuilder
) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let given = try node.integers("axes") ?? [0, 2, 3]
  let axes = try node.normalized(axes: given, rank: builder.shape(input).count)
  return try builder.apply(.normalize(Normalization(axes: axes, epsilon: 0x1p-60)), to: [input], of: node)
}

/// LpNormalization: by the sum of absolute values, or the root of the sum of squares, along an axis.
func importLpNormalization(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let axis = try node.normalized(axis: try node.integer("axis", default: -1), rank: builder.shape(input).count)
  let sum = Operation.reduce(Reduction(.sum, axes: [axis], keepDimensions: true))
  let norm: ImportedValue
  switch try node.integer("p", default: 2) {
  case 1:
    let absolute = try builder.apply(.activation(.function(.absolute)), to: input, of: node, step: "absolute")
    norm = try builder.apply(sum, to: absolute, of: node, step: "sum")
  case 2:
    let squares = try builder.apply(.binary(Binary(.multiply)), to: input, input, of: node, step: "squares")
    let total = try builder.apply(sum, to: squares, of: node, step: "sum")
    norm = try builder.apply(.activation(.function(.sqrt)), to: total, of: node, step: "root")
  case let p: throw .invalid("p is \(p); 1 and 2 exist")
  }
  // Where everything is 0 the norm is, too, and the quotient of the two is to be 0.
  let least = builder.number(.leastNormalMagnitude, of: node, step: "least")
  let divisor = try builder.apply(.binary(Binary(.maximum)), to: norm, least, of: node, step: "divisor")
  return try builder.apply(.binary(Binary(.divide)), to: [input, divisor], of: node)
}

/// LRN: x / (bias + alpha / size * s)^beta, s the sum of squares over the channels around. The sum over a window of channels is a
/// 1x1 convolution by a matrix of ones around its diagonal.
func importLRN(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  try node.requireImages(shape, "normalization across channels")
  guard let size = try node.integer("size"), (1...1 << 20).contains(size) else {
    throw .invalid("size is missing, or not a number from 1 to \(1 << 20)")
  }
  let channels = shape[1]
  let alpha = try node.float("alpha", default: 1e-4) / Float(size)
  try builder.spend([channels, channels])
  var band = [Float](repeating: 0, count: channels * channels)
  for channel in 0..<channels {
    let first = max(0, channel - (size - 1) / 2)
    let last = min(channels - 1, channel + size / 2)
    for other in first...last { band[channel * channels + other] = alpha }
  }
  let weights = builder.addConstant(
    name: "\(node.output)/window", Tensor(shape: [channels, channels, 1, 1], floats: band))
  let offset = [Float](repeating: try node.float("bias", default: 1), count: channels)
  let bias = builder.addConstant(name: "\(node.output)/bias", Tensor(shape: [channels], floats: offset))
  let squares = try builder.apply(.binary(Binary(.multiply)), to: input, input, of: node, step: "squares")
  let sums = try builder.apply(
    .convolution(Convolution(kernel: Size2D(1, 1))), to: [squares, weights, bias], node: "\(node.name)/sums",
    output: "\(node.output)/sums")
  let beta = builder.number(try node.float("beta", default: 0.75), of: node, step: "beta")
  let power = try builder.apply(.binary(Binary(.power)), to: sums, beta, of: node, step: "power")
  return try builder.apply(.binary(Binary(.divide)), to: [input, power], of: node)
}

extension GraphBuilder {
  /// value * scale + bias, broadcast; the last of it is the node's output.
  fileprivate mutating func scaled(
    _ value: ImportedValue, by scale: ImportedValue, plus bias: ImportedValue?, of node: ONNXNode
  ) throws(NodeProblem) -> [ImportedValue] {
    guard let bias else { return try apply(.binary(Binary(.multiply)), to: [value, scale], of: node) }
    let product = try apply(.binary(Binary(.multiply)), to: value, scale, of: node, step: "scaled")
    return try apply(.binary(Binary(.add)), to: [product, bias], of: node)
  }
}
