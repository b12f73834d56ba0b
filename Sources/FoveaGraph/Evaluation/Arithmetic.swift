extension Binary {
  /// The elementwise result of tensors of one shape. Integers divide toward zero.
  ///
  /// - Returns: nil when one holds floats and the other integers, when integers overflow or are divided by zero, or when a clamp
  ///   was fused to integers.
  func evaluate(_ a: Tensor?, _ b: Tensor?) -> Tensor? {
    guard let a, let b else { return nil }
    if let x = a.floats, let y = b.floats {
      return Tensor(shape: a.shape, floats: zip(x, y).map { clamp.applied(to: `operator`.applied($0, $1)) })
    }
    guard clamp.isNone, let x = a.integers, let y = b.integers else { return nil }
    var output: [Int64] = []
    output.reserveCapacity(x.count)
    for (p, q) in zip(x, y) {
      let (value, overflow) = `operator`.applied(p, q)
      if overflow { return nil }
      output.append(value)
    }
    return Tensor(shape: a.shape, integers: output)
  }
}

extension Binary.Operator {
  package func applied(_ a: Float, _ b: Float) -> Float {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    }
  }

  /// Division by zero counts as overflow.
  func applied(_ a: Int64, _ b: Int64) -> (partialValue: Int64, overflow: Bool) {
    switch self {
    case .add: a.addingReportingOverflow(b)
    case .subtract: a.subtractingReportingOverflow(b)
    case .multiply: a.multipliedReportingOverflow(by: b)
    case .divide: a.dividedReportingOverflow(by: b)
    }
  }
}

extension ReduceMean {
  /// - Returns: nil for integers, whose mean ONNX rounds in a way that nobody relies on.
  func evaluate(_ x: Tensor, shape: [Int]) -> Tensor? {
    guard let values = x.floats else { return nil }
    let strides = rowMajorStrides(of: kept(x.shape))
    // The transposition of a broadcast: each input element's place in the output, the same along the reduced axes.
    let places = Gather(
      offsets: x.shape.indices.map { axis in
        (0..<x.shape[axis]).map { axes.contains(axis) ? 0 : $0 * strides[axis] }
      })
    var sums = [Double](repeating: 0, count: shape.reduce(1, *))
    var next = 0
    places.forEachPosition { place in
      sums[place] += Double(values[next])
      next += 1
    }
    let count = Double(axes.reduce(1) { $0 * x.shape[$1] })
    return Tensor(shape: shape, floats: sums.map { Float($0 / count) })
  }

  private func kept(_ shape: [Int]) -> [Int] {
    shape.indices.map { axes.contains($0) ? 1 : shape[$0] }
  }
}
