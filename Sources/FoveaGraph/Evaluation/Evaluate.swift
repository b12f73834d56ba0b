extension Operation {
  /// The output for constant inputs, for constant folding: arithmetic, activations and the rearrangements that shape
  /// computations and weights go through. `layout` matters to none of these and is there for symmetry with `outputShape`.
  ///
  /// - Returns: nil when the operation does not fit the inputs, is none of these (convolutions, pools and products stay in the
  ///   network), divides integers by zero or overflows them, or would make more than 2^26 elements.
  public func evaluate(_ inputs: [Tensor], layout: Layout = .nchw) -> Tensor? {
    guard inputs.allSatisfy(\.isConsistent),
      let shape = try? outputShape(of: inputs.map(\.shape), layout: layout),
      let count = elementCount(of: shape), count <= evaluationLimit
    else { return nil }
    let x = inputs[0]
    // Nothing to compute, whatever the other dimensions; below, each dimension is at most the count.
    if count == 0 { return Tensor(shape: shape, elements: x.integers == nil ? .floats([]) : .integers([])) }
    switch self {
    case .identity: return x
    case .reshape: return x.reshaped(to: shape)
    case .transpose(let permutation): return x.gathered(.transpose(x.shape, permutation))
    case .slice(let slice): return x.gathered(.slice(x.shape, slice))
    case .pad(let pad):
      guard case .constant(let value) = pad.mode else { return x.gathered(.pad(x.shape, pad)) }
      return x.gathered(.pad(x.shape, pad), fill: value)
    case .concat(let axis): return concatenate(inputs, axis: axis, shape: shape)
    case .binary(let binary): return binary.evaluate(x.broadcast(to: shape), inputs[1].broadcast(to: shape))
    case .activation(let activation):
      guard let floats = x.floats, inputs.count == 1 else { return nil }
      return Tensor(shape: shape, floats: floats.map { activation.applied(to: $0) })
    case .quantizeDequantize(let quantization):
      guard let floats = x.floats else { return nil }
      return Tensor(shape: shape, floats: floats.map { quantization.dequantize(quantization.quantize($0)) })
    case .reduce(let reduction): return reduction.evaluate(x, shape: shape)
    case .resample(let resampling): return resampling.evaluate(x, shape: shape)
    case .convolution, .gemm, .fullyConnected, .matMul, .batchNormalization, .maxPool, .averagePool, .globalAveragePool,
      .globalMaxPool, .softmax, .normalize, .depthToSpace, .spaceToDepth:
      return nil
    }
  }
}

/// The most elements that a folded constant may have: 256 MB of floats, beyond any weights worth folding. A tiny file can ask
/// for a tensor of any size, and must not get it.
let evaluationLimit = 1 << 26

extension Tensor {
  /// The shape and the elements are mutable, so that they may disagree.
  var isConsistent: Bool {
    switch elements {
    case .floats(let values): elementCount(of: shape) == values.count
    case .integers(let values): elementCount(of: shape) == values.count
    }
  }

  /// The caller has checked that the count of elements is the shape's.
  init(shape: [Int], elements: Elements) {
    switch elements {
    case .floats(let values): self.init(shape: shape, floats: values)
    case .integers(let values): self.init(shape: shape, integers: values)
    }
  }

  /// The same elements under another shape of the same count. A grid of one scale stays.
  func reshaped(to shape: [Int]) -> Tensor {
    var result = Tensor(shape: shape, elements: elements)
    result.grid = grid?.perTensor == nil ? nil : grid
    return result
  }
}
