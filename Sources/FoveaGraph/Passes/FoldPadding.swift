/// Moves zeros that a Pad puts around height and width into the padding of the convolution that follows, or of an average that
/// counts them. A maximum pool's own padding never wins while a zero may, so the two are the same only where nothing is negative:
/// behind a Relu, as Keras writes ResNet's first pool.
public func foldPadding(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    let node = rewriter[index]
    guard let padded = node.inputs.first, let previous = rewriter.producer(of: padded),
      let padding = rewriter[previous].operation.imagePadding(network.layout), let x = rewriter[previous].inputs.first,
      let operation = node.operation.widened(by: padding, isNeverNegative: rewriter.isNeverNegative(x))
    else { continue }
    let inputs = [x] + node.inputs.dropFirst()
    // A pool's padding has limits, and its ceilMode makes the size depend on where the padding is counted.
    let shape = try? operation.outputShape(of: inputs.map { rewriter.shape($0) }, layout: network.layout)
    guard let output = node.outputs.first, shape == rewriter.shape(output) else { continue }
    rewriter.update(index, operation: operation, inputs: inputs)
  }
  return rewriter.finished()
}

extension Rewriter {
  fileprivate func isNeverNegative(_ value: ValueID) -> Bool {
    guard let producer = producer(of: value) else { return false }
    switch self[producer].operation {
    case .activation(.clamp(let clamp)): return clamp.min >= 0 && clamp.max >= 0
    case .activation(.sigmoid), .activation(.hardSigmoid): return true
    default: return false
    }
  }
}

extension Operation {
  /// The padding of a Pad that adds zeros to height and width alone.
  fileprivate func imagePadding(_ layout: Layout) -> Padding2D? {
    let axes = layout.axes
    guard case .pad(let pad) = self, pad.mode == .constant(0), pad.before.count == 4, pad.after.count == 4,
      pad.before[0] == 0, pad.after[0] == 0, pad.before[axes.channels] == 0, pad.after[axes.channels] == 0
    else { return nil }
    return Padding2D(
      top: pad.before[axes.height], left: pad.before[axes.width], bottom: pad.after[axes.height],
      right: pad.after[axes.width])
  }

  /// - Parameter isNeverNegative: whether no element of the input is.
  fileprivate func widened(by padding: Padding2D, isNeverNegative: Bool) -> Operation? {
    switch self {
    case .convolution(var convolution):
      convolution.padding += padding
      return .convolution(convolution)
    case .averagePool(var pooling):
      // The Pad's zeros count in the mean; padding of the pool's own may not, and there is one rule for both.
      guard pooling.countIncludesPadding || pooling.padding == Padding2D() else { return nil }
      pooling.countIncludesPadding = true
      pooling.padding += padding
      return .averagePool(pooling)
    case .maxPool(var pooling):
      guard isNeverNegative else { return nil }
      pooling.padding += padding
      return .maxPool(pooling)
    default: return nil
    }
  }
}

extension Padding2D {
  /// Both lie within the limits of `ShapeLimits`, so that sums are far from Int's.
  fileprivate static func += (a: inout Padding2D, b: Padding2D) {
    a.top += b.top
    a.left += b.left
    a.bottom += b.bottom
    a.right += b.right
  }
}
