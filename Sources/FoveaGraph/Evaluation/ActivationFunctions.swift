#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// By this name because `tanh` is a case where it is used.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }

extension Clamp {
  public func applied(to x: Float) -> Float { Swift.min(Swift.max(x, min), max) }

  /// The one clamp that does what this one does and then `next`.
  public func followed(by next: Clamp) -> Clamp {
    // Both are monotonic, so the bounds of the chain are what the second makes of the bounds of the first.
    Clamp(min: next.applied(to: min), max: next.applied(to: max))
  }
}

extension Activation {
  /// The function's value, rounded once from double precision where it is not exact.
  public func applied(to x: Float) -> Float {
    let exact = Double(x)
    switch self {
    case .clamp(let clamp): return clamp.applied(to: x)
    case .leakyRelu(let alpha): return x < 0 ? alpha * x : x
    case .sigmoid: return Float(1 / (1 + exp(-exact)))
    case .hardSigmoid(let alpha, let beta): return max(0, min(1, alpha * x + beta))
    case .hardSwish: return Float(exact * max(0, min(1, exact / 6 + 0.5)))
    case .tanh: return Float(hyperbolicTangent(exact))
    case .silu:
      // exp overflows to infinity far below zero, where the quotient is then 0, its limit.
      return Float(exact / (1 + exp(-exact)))
    }
  }
}
