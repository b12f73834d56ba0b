import FoveaCore
import FoveaGraph
import FoveaKernels

extension Lowering {
  mutating func lowerSoftmax(axis: Int, _ node: Node) {
    let shape = network[node.inputs[0]].shape
    var step = ReductionF32()
    step.input = float(node.inputs[0])
    step.output = declareFloat(node.outputs[0])
    step.outer = shape[..<axis].reduce(1, *)
    step.length = shape[axis]
    step.inner = shape[(axis + 1)...].reduce(1, *)
    builder.add(.softmaxF32(step))
  }

  mutating func lowerReduction(_ reduction: Reduction, _ node: Node) throws(ConversionError) {
    let rows = try rows(along: reduction.axes, node)
    let output = declareFloat(node.outputs[0])
    guard let operation = reduction.kind.c else {
      var step = ReductionF32()
      (step.input, step.output) = (rows.buffer, output)
      (step.outer, step.length, step.inner) = (rows.outer, rows.length, rows.inner)
      return builder.add(.meanF32(step))
    }
    var step = StatisticF32()
    (step.input, step.output) = (rows.buffer, output)
    (step.outer, step.length, step.inner) = (rows.outer, rows.length, rows.inner)
    step.operation = Int(operation.rawValue)
    builder.add(.reduceF32(step))
  }

  mutating func lowerNormalization(_ normalization: Normalization, _ node: Node) throws(ConversionError) {
    let rows = try rows(along: normalization.axes, node)
    var step = StatisticF32()
    step.input = rows.buffer
    (step.outer, step.length, step.inner) = (rows.outer, rows.length, rows.inner)
    step.epsilon = normalization.epsilon
    guard let permutation = rows.permutation else {
      step.output = declareFloat(node.outputs[0])
      return builder.add(.normalizeF32(step))
    }
    step.output = builder.addBuffer(.f32, shape: builder.buffer(rows.buffer).shape)
    builder.add(.normalizeF32(step))
    let inverse = permutation.indices.compactMap { permutation.firstIndex(of: $0) }
    addTranspose(inverse, of: step.output, to: declareFloat(node.outputs[0]))
  }

  /// An input as [outer][length][inner], where what lies along some axes is `length`.
  private struct Rows {
    var buffer: Int
    var outer: Int
    var length: Int
    var inner: Int
    /// How the input was transposed to make it so.
    var permutation: [Int]?
  }

  private mutating func rows(along axes: [Int], _ node: Node) throws(ConversionError) -> Rows {
    let shape = network[node.inputs[0]].shape
    guard shape.count <= Buffer.maximumRank else {
      throw invalid(node, "\(shape.count) dimensions are not supported; up to \(Buffer.maximumRank) are")
    }
    let input = float(node.inputs[0])
    if axes.isEmpty { return Rows(buffer: input, outer: shape.reduce(1, *), length: 1, inner: 1) }
    if let first = axes.first, let last = axes.last, last - first + 1 == axes.count {
      return Rows(
        buffer: input, outer: shape[..<first].reduce(1, *), length: shape[first...last].reduce(1, *),
        inner: shape[(last + 1)...].reduce(1, *))
    }
    // The axes lie apart: bring them together at the end.
    let kept = shape.indices.filter { !axes.contains($0) }
    let permutation = kept + axes
    let gathered = builder.addBuffer(.f32, shape: permutation.map { shape[$0] })
    addTranspose(permutation, of: input, to: gathered)
    return Rows(
      buffer: gathered, outer: kept.reduce(1) { $0 * shape[$1] }, length: axes.reduce(1) { $0 * shape[$1] }, inner: 1,
      permutation: permutation)
  }

  mutating func lowerMatMul(_ node: Node) throws(ConversionError) {
    let (a, b) = (float(node.inputs[0]), float(node.inputs[1]))
    let output = declareFloat(node.outputs[0])
    try addMatMul(node, a, b, output: output)
  }

  private mutating func addMatMul(_ node: Node, _ a: Int, _ b: Int, output: Int) throws(ConversionError) {
    // Vectors are matrices of one row, or of one column.
    var (aShape, bShape) = (builder.buffer(a).shape, builder.buffer(b).shape)
    if aShape.count == 1 { aShape.insert(1, at: 0) }
    if bShape.count == 1 { bShape.append(1) }
    var step = MatMulF32()
    (step.a, step.b, step.output) = (a, b, output)
    (step.m, step.k) = (aShape[aShape.count - 2], aShape[aShape.count - 1])
    step.n = bShape[bShape.count - 1]
    let (aBatches, bBatches) = (aShape.dropLast(2).reduce(1, *), bShape.dropLast(2).reduce(1, *))
    step.batches = builder.buffer(output).count / (step.m * step.n)
    guard [1, step.batches].contains(aBatches), [1, step.batches].contains(bBatches) else {
      throw invalid(node, "batches \(aShape) and \(bShape) are not supported: they must be the same, or one of them 1")
    }
    step.aBatchStride = aBatches == 1 ? 0 : step.m * step.k
    step.bBatchStride = bBatches == 1 ? 0 : step.k * step.n
    builder.add(.matMulF32(step))
  }

  /// A Gemm whose B is computed: alpha * A' * B' + beta * C, step by step.
  mutating func lowerGemm(_ gemm: Gemm, _ node: Node) throws(ConversionError) {
    let a = transposed(float(node.inputs[0]), gemm.transposeA)
    let b = transposed(float(node.inputs[1]), gemm.transposeB)
    let shape = network[node.outputs[0]].shape
    var current = declareFloat(node.outputs[0])
    try addMatMul(node, a, b, output: current)
    if gemm.alpha != 1 {
      let scaled = builder.addBuffer(.f32, shape: shape)
      addBinary(Binary(.multiply), current, filled([gemm.alpha], name: "\(node.name).alpha"), output: scaled)
      current = scaled
    }
    if node.inputs.count > 2 {
      var c = float(node.inputs[2])
      if gemm.beta != 1 {
        let scaled = builder.addBuffer(.f32, shape: builder.buffer(c).shape)
        addBinary(Binary(.multiply), c, filled([gemm.beta], name: "\(node.name).beta"), output: scaled)
        c = scaled
      }
      let sum = builder.addBuffer(.f32, shape: shape)
      addBinary(Binary(.add), current, c, output: sum)
      current = sum
    }
    setFloat(node.outputs[0], current)
  }

  private mutating func transposed(_ buffer: Int, _ isTransposed: Bool) -> Int {
    guard isTransposed else { return buffer }
    let shape = builder.buffer(buffer).shape
    let output = builder.addBuffer(.f32, shape: [shape[1], shape[0]])
    addTranspose([1, 0], of: buffer, to: output)
    return output
  }
}

extension Reduction.Kind {
  /// nil for means, which have a step of their own.
  fileprivate var c: fovea_reduction_operation? {
    switch self {
    case .mean: nil
    case .sum: FOVEA_REDUCTION_SUM
    case .maximum: FOVEA_REDUCTION_MAXIMUM
    case .minimum: FOVEA_REDUCTION_MINIMUM
    case .product: FOVEA_REDUCTION_PRODUCT
    }
  }
}
