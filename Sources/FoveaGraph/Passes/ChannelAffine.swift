/// y = x * scale + shift, with a scale and a shift for each channel: what a batch normalization is at inference, and what the
/// arithmetic with constants around a layer comes to.
struct ChannelAffine {
  var scale: [Double]
  var shift: [Double]

  /// Not so where a variance is negative or a divisor 0; such a network computes its infinities itself.
  var isFinite: Bool { scale.allSatisfy(\.isFinite) && shift.allSatisfy(\.isFinite) }
}

/// The values of a constant along `axis`, if it is one number a channel (or one number) when broadcast to `shape`.
func perChannel(_ constant: Tensor?, broadcastTo shape: [Int], axis: Int) -> [Double]? {
  guard let constant, let values = constant.floats, constant.shape.count <= shape.count, shape.indices.contains(axis)
  else { return nil }
  let channels = shape[axis]
  guard channels <= evaluationLimit else { return nil }
  if values.count == 1 { return [Double](repeating: Double(values[0]), count: channels) }
  var expected = [Int](repeating: 1, count: shape.count)
  expected[axis] = channels
  guard aligned(constant.shape, rank: shape.count) == expected else { return nil }
  return values.map(Double.init)
}

extension Rewriter {
  /// The axis of the output that the node has one row of weights for; nil for nodes that are no convolution and not fully connected.
  func weightedAxis(_ index: Int) -> Int? {
    guard let output = self[index].outputs.first else { return nil }
    switch self[index].operation {
    case .convolution: return network.layout.axes.channels
    case .fullyConnected: return shape(output).count - 1
    default: return nil
    }
  }

  /// Changes the constant weights and bias of a convolution or fully connected node so that its output is scaled and shifted.
  ///
  /// - Returns: false, and nothing is changed, when the node clamps its output already, its weights are computed, or a scale or
  ///   shift is not finite.
  mutating func fold(_ affine: ChannelAffine, into index: Int) -> Bool {
    let node = self[index]
    switch node.operation {
    case .convolution(let convolution): guard convolution.clamp.isNone else { return false }
    case .fullyConnected(let layer): guard layer.clamp.isNone else { return false }
    default: return false
    }
    guard affine.isFinite, let weights = floats(node.inputs[1]), !weights.isEmpty else { return false }
    let rows = affine.scale.count
    guard affine.shift.count == rows, weights.count % rows == 0 else { return false }
    var bias = [Float](repeating: 0, count: rows)
    if node.inputs.count > 2 {
      guard let values = floats(node.inputs[2]), values.count == rows else { return false }
      bias = values
    }

    let length = weights.count / rows
    var scaled = weights
    for row in 0..<rows where affine.scale[row] != 1 {
      for i in row * length..<(row + 1) * length { scaled[i] = Float(Double(weights[i]) * affine.scale[row]) }
    }
    for row in 0..<rows { bias[row] = Float(Double(bias[row]) * affine.scale[row] + affine.shift[row]) }
    // New constants, because other nodes may share the old ones.
    let shape = shape(node.inputs[1])
    var newWeights = node.inputs[1]
    if scaled != weights {
      var tensor = Tensor(shape: shape, floats: scaled)
      tensor.grid = network.constants[newWeights]?.grid?.scaled(by: affine.scale)
      newWeights = addConstant(name: network[newWeights].name + "/scaled", tensor)
    }
    let newBias = addConstant(name: node.name + "/bias", Tensor(shape: [rows], floats: bias))
    update(index, operation: node.operation, inputs: [node.inputs[0], newWeights, newBias])
    return true
  }
}
