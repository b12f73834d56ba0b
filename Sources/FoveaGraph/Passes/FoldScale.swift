/// Puts a multiplication, division, addition or subtraction by a constant a channel into the weights and bias of the convolution
/// or fully connected node before it, if nothing else uses what that makes. Exporters write batch normalization, layer scale and
/// separate biases so.
///
/// Arithmetic *before* a convolution stays: an addition there does not reach the zeros of the convolution's padding.
public func foldScaleIntoConvolution(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices { rewriter.foldArithmetic(index) }
  return rewriter.finished()
}

extension Rewriter {
  /// Folds the node, if it is such arithmetic, into the node before it.
  mutating func foldArithmetic(_ index: Int) {
    guard case .binary(let binary) = self[index].operation, self[index].inputs.count == 2 else { return }
    let (a, b) = (self[index].inputs[0], self[index].inputs[1])
    let layerIsFirst = network.constants[a] == nil
    let (layer, constant) = layerIsFirst ? (a, b) : (b, a)
    guard let previous = soleProducer(of: layer), let axis = weightedAxis(previous),
      let values = perChannel(network.constants[constant], broadcastTo: shape(layer), axis: axis),
      let affine = ChannelAffine(binary.operator, values, layerIsFirst: layerIsFirst), fold(affine, into: previous)
    else { return }
    setClamp(binary.clamp, of: previous)
    absorb(index, into: previous)
  }

  /// The node is known to have no clamp yet.
  private mutating func setClamp(_ clamp: Clamp, of index: Int) {
    if let operation = self[index].operation.clamped(by: clamp) { update(index, operation: operation) }
  }
}

extension ChannelAffine {
  /// What the arithmetic does to the layer's output; nil where that is no scale and shift.
  fileprivate init?(_ operation: Binary.Operator, _ values: [Double], layerIsFirst: Bool) {
    let ones = values.map { _ in 1.0 }
    let zeros = values.map { _ in 0.0 }
    switch (operation, layerIsFirst) {
    case (.add, _): self.init(scale: ones, shift: values)
    case (.multiply, _): self.init(scale: values, shift: zeros)
    case (.subtract, true): self.init(scale: ones, shift: values.map { -$0 })
    case (.subtract, false): self.init(scale: ones.map { -$0 }, shift: values)
    case (.divide, true): self.init(scale: values.map { 1 / $0 }, shift: zeros)
    case (.divide, false), (.minimum, _), (.maximum, _), (.power, _), (.prelu, _): return nil
    }
  }
}
