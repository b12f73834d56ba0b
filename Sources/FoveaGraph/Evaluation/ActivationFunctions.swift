#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// By these names because the plain ones are cases where they are used.
private func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
private func errorFunction(_ x: Double) -> Double { erf(x) }

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
    case .elu(let alpha): return x > 0 ? x : Float(Double(alpha) * expm1(exact))
    case .celu(let alpha): return x > 0 ? x : Float(Double(alpha) * expm1(exact / Double(alpha)))
    case .selu(let alpha, let gamma): return Float(Double(gamma) * (x > 0 ? exact : Double(alpha) * expm1(exact)))
    case .thresholdedRelu(let alpha): return x > alpha ? x : 0
    case .shrink(let lambda, let bias): return x < -lambda ? x + bias : x > lambda ? x - bias : 0
    case .function(let function): return Float(function.applied(to: exact))
    }
  }
}

extension ElementaryFunction {
  func applied(to x: Double) -> Double {
    switch self {
    case .softplus: max(x, 0) + log1p(exponential(-Swift.abs(x)))
    case .softsign: x / (1 + Swift.abs(x))
    case .mish: x * hyperbolicTangent(max(x, 0) + log1p(exponential(-Swift.abs(x))))
    case .gelu: x / 2 * (1 + errorFunction(x * 0.5.squareRoot()))
    case .geluTanh: x / 2 * (1 + hyperbolicTangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .erf: errorFunction(x)
    case .absolute: Swift.abs(x)
    case .negate: -x
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x
    case .floor: x.rounded(.down)
    case .ceil: x.rounded(.up)
    case .round: x.rounded(.toNearestOrEven)
    case .sqrt: x.squareRoot()
    case .reciprocal: 1 / x
    case .exp: exponential(x)
    case .log: logarithm(x)
    case .sin, .cos, .tan, .asin, .acos, .atan, .sinh, .cosh, .asinh, .acosh, .atanh: trigonometric(self, x)
    }
  }
}

private func trigonometric(_ function: ElementaryFunction, _ x: Double) -> Double {
  switch function {
  case .sin: sin(x)
  case .cos: cos(x)
  case .tan: tan(x)
  case .asin: asin(x)
  case .acos: acos(x)
  case .atan: atan(x)
  case .sinh: sinh(x)
  case .cosh: cosh(x)
  case .asinh: asinh(x)
  case .acosh: acosh(x)
  default: atanh(x)
  }
}
