/// Merges a Relu or Clip into the convolution, fully connected or elementwise node before it, or into another clamp, if nothing
/// else uses what that makes. The clamp then costs nothing: writing 8-bit results clamps them anyway.
public func fuseActivations(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    guard case .activation(.clamp(let clamp)) = rewriter[index].operation, let input = rewriter[index].inputs.first,
      let previous = rewriter.soleProducer(of: input),
      let operation = rewriter[previous].operation.clamped(by: clamp)
    else { continue }
    rewriter.update(previous, operation: operation)
    rewriter.absorb(index, into: previous)
  }
  return rewriter.finished()
}

extension Operation {
  /// The operation with its output clamped (after its own clamp, if any); nil if it cannot carry a clamp.
  func clamped(by clamp: Clamp) -> Operation? {
    switch self {
    case .convolution(var convolution):
      convolution.clamp = convolution.clamp.followed(by: clamp)
      return .convolution(convolution)
    case .fullyConnected(var layer):
      layer.clamp = layer.clamp.followed(by: clamp)
      return .fullyConnected(layer)
    case .binary(var binary):
      binary.clamp = binary.clamp.followed(by: clamp)
      return .binary(binary)
    case .activation(.clamp(let own)): return .activation(.clamp(own.followed(by: clamp)))
    default: return nil
    }
  }
}
