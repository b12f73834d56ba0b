/// Writes every product with a constant matrix in one form, `fullyConnected`: `gemm` with constant B (alpha and beta folded),
/// `matMul` with a constant matrix on the right, and a constant bias added after either.
public func canonicalizeFullyConnected(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    switch rewriter[index].operation {
    case .gemm(let gemm): rewriter.canonicalize(index, gemm)
    case .matMul:
      let inputs = rewriter[index].inputs
      guard network.constants[inputs[0]] == nil, let weights = rewriter.weights(inputs[1], Gemm()) else { continue }
      rewriter.update(index, operation: .fullyConnected(FullyConnected()), inputs: [inputs[0], weights])
    case .binary(let binary) where binary.operator == .add: rewriter.foldArithmetic(index)
    default: continue
    }
  }
  return rewriter.finished()
}

extension Rewriter {
  fileprivate mutating func canonicalize(_ index: Int, _ gemm: Gemm) {
    let node = self[index]
    let shapeOfA = shape(node.inputs[0])
    let shapeOfOutput = shape(node.outputs[0])
    // A row or a column is transposed by calling it the other; anything else is left to a general product.
    guard network.constants[node.inputs[0]] == nil, !gemm.transposeA || shapeOfA.contains(1) else { return }

    var bias: [Float]?
    var isUnfoldable = false
    if node.inputs.count > 2 {
      bias = perChannel(network.constants[node.inputs[2]], broadcastTo: shapeOfOutput, axis: 1)?
        .map { Float($0 * Double(gemm.beta)) }
      isUnfoldable = bias == nil
    }
    // The rest of C, if computed or different in each row, is added behind; there is nothing to multiply it by beta.
    guard !isUnfoldable || gemm.beta == 1, let weights = weights(node.inputs[1], gemm) else { return }

    var x = node.inputs[0]
    if gemm.transposeA {
      let shape = [shapeOfA[1], shapeOfA[0]]
      x = insert(.reshape(shape), inputs: [x], shape: shape, name: node.name + "/transposed", before: index)
    }
    var inputs = [x, weights]
    if let bias { inputs.append(addConstant(name: node.name + "/bias", Tensor(shape: [bias.count], floats: bias))) }
    if isUnfoldable {
      let product = insert(
        .fullyConnected(FullyConnected()), inputs: inputs, shape: shapeOfOutput, name: node.name + "/product",
        before: index)
      update(index, operation: .binary(Binary(.add)), inputs: [product, node.inputs[2]])
    } else {
      update(index, operation: .fullyConnected(FullyConnected()), inputs: inputs)
    }
  }

  /// The constant B as [N, K], times alpha; B itself where it is that already.
  fileprivate mutating func weights(_ b: ValueID, _ gemm: Gemm) -> ValueID? {
    guard let tensor = network.constants[b], tensor.shape.count == 2, tensor.floats != nil, gemm.alpha.isFinite
    else { return nil }
    if gemm.transposeB && gemm.alpha == 1 { return b }
    guard let rows = gemm.transposeB ? tensor : tensor.transposed([1, 0]), let values = rows.floats else { return nil }
    let scaled = gemm.alpha == 1 ? rows : Tensor(shape: rows.shape, floats: values.map { $0 * gemm.alpha })
    return addConstant(name: network[b].name + "/rows", scaled)
  }
}
