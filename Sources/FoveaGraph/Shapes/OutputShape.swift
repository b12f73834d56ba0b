extension Operation {
  /// The shape of the operation's one output.
  ///
  /// Convolutions, pools and batch normalization read the dimensions of a rank-4 input by `layout`. Every other operation is a
  /// plain function of arrays: its axes, permutations and pads count the dimensions as they lie in memory.
  ///
  /// - Throws: when the operation cannot take inputs of these shapes.
  public func outputShape(of inputs: [[Int]], layout: Layout = .nchw) throws(ShapeError) -> [Int] {
    let expected = inputCount
    try require(
      expected.contains(inputs.count),
      expected.count == 1
        ? "\(inputs.count) inputs, expected \(expected.lowerBound)"
        : "\(inputs.count) inputs, expected \(expected.lowerBound) or more")
    for (index, shape) in inputs.enumerated() {
      try requireLimits(shape, "input \(index) has")
    }
    let output = try uncheckedOutputShape(inputs, layout)
    try requireLimits(output, "the output would have")
    return output
  }

  /// How many inputs the operation takes.
  private var inputCount: ClosedRange<Int> {
    switch self {
    case .convolution, .gemm, .fullyConnected: 2...3
    case .matMul, .binary: 2...2
    case .batchNormalization: 5...5
    case .concat: 1...Int.max - 1
    case .activation: 1...2
    case .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .reduce, .normalize,
      .resample, .depthToSpace, .spaceToDepth, .pad, .reshape, .transpose, .slice, .softmax, .identity,
      .quantizeDequantize:
      1...1
    }
  }

  /// The count of inputs and their shapes are sound here; the output may still be too large.
  private func uncheckedOutputShape(_ inputs: [[Int]], _ layout: Layout) throws(ShapeError) -> [Int] {
    let x = inputs[0]
    let third = inputs.count > 2 ? inputs[2] : nil
    switch self {
    case .convolution(let convolution):
      return try convolution.outputShape(x, weights: inputs[1], bias: third, layout: layout)
    case .gemm(let gemm): return try gemm.outputShape(x, inputs[1], third)
    case .fullyConnected: return try FullyConnected.outputShape(x, weights: inputs[1], bias: third)
    case .matMul: return try matMulShape(x, inputs[1])
    case .batchNormalization: return try batchNormalizationShape(x, parameters: inputs.dropFirst(), layout: layout)
    case .binary: return try broadcastShape(x, inputs[1])
    case .concat(let axis): return try concatShape(inputs, axis: axis)
    case .maxPool(let pooling), .averagePool(let pooling): return try pooling.outputShape(x, layout: layout)
    case .globalAveragePool, .globalMaxPool: return try globalPoolShape(x, layout: layout)
    case .reduce(let reduction): return try reduction.outputShape(x)
    case .normalize(let normalization): return try normalization.outputShape(x)
    case .resample(let resampling): return try resampling.outputShape(x)
    case .depthToSpace(let blocks): return try blocks.spaceShape(x, layout: layout)
    case .spaceToDepth(let blocks): return try blocks.depthShape(x, layout: layout)
    case .pad(let pad): return try pad.outputShape(x)
    case .reshape(let shape): return try reshapedShape(x, to: shape)
    case .transpose(let permutation): return try transposedShape(x, by: permutation)
    case .slice(let slice): return try slice.outputShape(x)
    case .softmax(let axis):
      try requireAxis(axis, of: x)
      return x
    case .activation:
      if inputs.count > 1 {
        guard !x.isEmpty, inputs[1] == [x[layout.scalableAxis(rank: x.count)]] else {
          throw ShapeError("factors of shape \(inputs[1]), expected one for each channel of \(x)")
        }
      }
      return x
    case .identity, .quantizeDequantize: return x
    }
  }
}
