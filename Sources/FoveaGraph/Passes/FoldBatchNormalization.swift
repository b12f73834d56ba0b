/// Puts batch normalizations with constant parameters into the weights of the convolution or fully connected node before them,
/// if nothing else uses what that makes. One that stands alone becomes a convolution of each channel with one weight, or, on
/// other than four dimensions, a multiplication and an addition. (Jacob et al. 2018, section 3.2)
public func foldBatchNormalization(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    let node = rewriter[index]
    guard case .batchNormalization(let epsilon) = node.operation,
      let affine = rewriter.affine(of: node, epsilon: epsilon), affine.isFinite
    else { continue }
    let axis = network.layout.channelAxis(rank: rewriter.shape(node.inputs[0]).count)
    if let previous = rewriter.soleProducer(of: node.inputs[0]), rewriter.weightedAxis(previous) == axis,
      rewriter.fold(affine, into: previous)
    {
      rewriter.absorb(index, into: previous)
    } else if rewriter.shape(node.inputs[0]).count == 4 {
      rewriter.makeConvolution(index, affine)
    } else {
      rewriter.makeArithmetic(index, affine)
    }
  }
  return rewriter.finished()
}

extension Rewriter {
  fileprivate func affine(of node: Node, epsilon: Float) -> ChannelAffine? {
    guard let scale = floats(node.inputs[1]), let bias = floats(node.inputs[2]), let mean = floats(node.inputs[3]),
      let variance = floats(node.inputs[4])
    else { return nil }
    var affine = ChannelAffine(scale: [], shift: [])
    for i in scale.indices {
      let factor = Double(scale[i]) / (Double(variance[i]) + Double(epsilon)).squareRoot()
      affine.scale.append(factor)
      affine.shift.append(Double(bias[i]) - Double(mean[i]) * factor)
    }
    return affine
  }

  fileprivate mutating func makeConvolution(_ index: Int, _ affine: ChannelAffine) {
    let node = self[index]
    let channels = affine.scale.count
    let scale = addConstant(
      name: node.name + "/weights", Tensor(shape: [channels, 1, 1, 1], floats: affine.scale.map(Float.init)))
    let shift = addConstant(name: node.name + "/bias", Tensor(shape: [channels], floats: affine.shift.map(Float.init)))
    update(
      index, operation: .convolution(Convolution(kernel: Size2D(1, 1), groups: channels)),
      inputs: [node.inputs[0], scale, shift])
  }

  fileprivate mutating func makeArithmetic(_ index: Int, _ affine: ChannelAffine) {
    let node = self[index]
    let shape = shape(node.inputs[0])
    // Channels are the second dimension; the ones behind stretch over the others.
    let constantShape = [affine.scale.count] + [Int](repeating: 1, count: shape.count - 2)
    let scale = addConstant(
      name: node.name + "/scale", Tensor(shape: constantShape, floats: affine.scale.map(Float.init)))
    let shift = addConstant(
      name: node.name + "/shift", Tensor(shape: constantShape, floats: affine.shift.map(Float.init)))
    let scaled = insert(
      .binary(Binary(.multiply)), inputs: [node.inputs[0], scale], shape: shape, name: node.name + "/scaled",
      before: index)
    update(index, operation: .binary(Binary(.add)), inputs: [scaled, shift])
  }
}
