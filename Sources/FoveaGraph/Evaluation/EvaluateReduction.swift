extension Reduction {
  /// - Returns: nil when integers overflow, and for means of integers, which ONNX rounds in a way that nobody relies on.
  func evaluate(_ x: Tensor, shape: [Int]) -> Tensor? {
    let count = shape.reduce(1, *)
    switch x.elements {
    case .floats(let values):
      var results = [Double](repeating: neutral, count: count)
      forEachPlace(of: x.shape) { results[$1] = combine(results[$1], Double(values[$0])) }
      let divisor = kind == .mean ? Double(axes.reduce(1) { $0 * x.shape[$1] }) : 1
      return Tensor(shape: shape, floats: results.map { Float($0 / divisor) })
    case .integers(let values):
      guard kind != .mean else { return nil }
      var results = [Int64?](repeating: nil, count: count)
      var overflows = false
      forEachPlace(of: x.shape) { from, to in
        guard let before = results[to] else {
          results[to] = values[from]
          return
        }
        let (result, overflow) = combine(before, values[from])
        overflows = overflows || overflow
        results[to] = result
      }
      // Every result has an element: the shape rule refuses axes without any.
      return overflows ? nil : Tensor(shape: shape, integers: results.map { $0 ?? 0 })
    }
  }

  /// Calls `body` with each element's place in the input and in the output.
  private func forEachPlace(of x: [Int], _ body: (Int, Int) -> Void) {
    let strides = rowMajorStrides(of: x.indices.map { axes.contains($0) ? 1 : x[$0] })
    // The transposition of a broadcast: each input element's place in the output, the same along the reduced axes.
    let places = Gather(
      offsets: x.indices.map { axis in
        (0..<x[axis]).map { axes.contains(axis) ? 0 : $0 * strides[axis] }
      })
    var next = 0
    places.forEachPosition { place in
      body(next, place)
      next += 1
    }
  }

  private var neutral: Double {
    switch kind {
    case .mean, .sum: 0
    case .product: 1
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }

  private func combine(_ a: Double, _ b: Double) -> Double {
    switch kind {
    case .mean, .sum: a + b
    case .product: a * b
    case .maximum: a.isNaN || b.isNaN ? .nan : max(a, b)
    case .minimum: a.isNaN || b.isNaN ? .nan : min(a, b)
    }
  }

  private func combine(_ a: Int64, _ b: Int64) -> (partialValue: Int64, overflow: Bool) {
    switch kind {
    case .mean, .sum: a.addingReportingOverflow(b)
    case .product: a.multipliedReportingOverflow(by: b)
    case .maximum: (max(a, b), false)
    case .minimum: (min(a, b), false)
    }
  }
}

extension Resampling {
  /// - Returns: nil for integers that would have to be weighted.
  func evaluate(_ x: Tensor, shape: [Int]) -> Tensor? {
    let strides = rowMajorStrides(of: x.shape)
    func gather(tap: Int) -> Gather {
      Gather(
        offsets: x.shape.indices.map { dimension in
          dimension == axis
            ? (0..<length).map { positions[$0 * taps + tap] * strides[axis] }
            : (0..<x.shape[dimension]).map { $0 * strides[dimension] }
        })
    }
    if isGather { return x.gathered(gather(tap: 0)) }
    guard let values = x.floats else { return nil }
    var sums = [Float](repeating: 0, count: shape.reduce(1, *))
    let inner = shape[(axis + 1)...].reduce(1, *)
    for tap in 0..<taps {
      for (place, value) in gather(tap: tap)(values, fill: 0).enumerated() {
        sums[place] += weights[place / inner % length * taps + tap] * value
      }
    }
    return Tensor(shape: shape, floats: sums)
  }
}
