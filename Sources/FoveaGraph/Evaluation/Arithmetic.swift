#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

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
    case .minimum: a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
    case .maximum: a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
    case .power: Float(pow(Double(a), Double(b)))
    case .prelu: a < 0 ? a * b : a
    }
  }

  /// Division by zero counts as overflow, and so do the operators that ONNX has for floats alone.
  func applied(_ a: Int64, _ b: Int64) -> (partialValue: Int64, overflow: Bool) {
    switch self {
    case .add: a.addingReportingOverflow(b)
    case .subtract: a.subtractingReportingOverflow(b)
    case .multiply: a.multipliedReportingOverflow(by: b)
    case .divide: a.dividedReportingOverflow(by: b)
    case .minimum: (Swift.min(a, b), false)
    case .maximum: (Swift.max(a, b), false)
    case .power, .prelu: (0, true)
    }
  }
}
