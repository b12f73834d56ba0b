import FoveaGraph
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

func exponential(_ x: Double) -> Double { exp(x) }
func logarithm(_ x: Double) -> Double { log(x) }
private func complementaryError(_ x: Double) -> Double { erfc(x) }
private func sine(_ x: Double) -> Double { sin(x) }
private func arctangent(_ x: Double) -> Double { atan(x) }
private func raised(_ x: Double, to y: Double) -> Double { pow(x, y) }

/// Every index of an array of the shape, the last dimension fastest.
func allIndices(_ shape: [Int]) -> [[Int]] {
  shape.reduce([[]]) { prefixes, size in prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } } }
}

extension Tensor {
  init(_ shape: [Int], _ value: ([Int]) -> Float) {
    self.init(shape: shape, floats: allIndices(shape).map(value))
  }

  func element(_ position: Int) -> Double {
    floats.map { Double($0[position]) } ?? .nan
  }

  subscript(index: [Int]) -> Double {
    element(zip(shape, index).reduce(0) { $0 * $1.0 + $1.1 })
  }

  /// The element that stands at `index` when the tensor is broadcast.
  func broadcasted(_ index: [Int]) -> Double {
    self[zip(shape, index.suffix(shape.count)).map { $0 == 1 ? 0 : $1 }]
  }

  func permuted(_ permutation: [Int]) -> Tensor {
    Tensor(permutation.map { shape[$0] }) { index in
      var source = index
      for (k, axis) in permutation.enumerated() { source[axis] = index[k] }
      return Float(self[source])
    }
  }
}

extension Clamp {
  func of(_ x: Double) -> Double { Swift.min(Swift.max(x, Double(min)), Double(max)) }
}

extension Activation {
  func of(_ x: Double) -> Double {
    switch self {
    case .clamp(let clamp): clamp.of(x)
    case .leakyRelu(let alpha): x < 0 ? Double(alpha) * x : x
    case .sigmoid: 1 / (1 + exponential(-x))
    case .hardSigmoid(let alpha, let beta): max(0, min(1, Double(alpha) * x + Double(beta)))
    case .hardSwish: x * max(0, min(1, x / 6 + 0.5))
    case .tanh: (exponential(x) - exponential(-x)) / (exponential(x) + exponential(-x))
    case .silu: x / (1 + exponential(-x))
    case .elu(let alpha): x > 0 ? x : Double(alpha) * (exponential(x) - 1)
    case .celu(let alpha): x > 0 ? x : Double(alpha) * (exponential(x / Double(alpha)) - 1)
    case .selu(let alpha, let gamma): Double(gamma) * (x > 0 ? x : Double(alpha) * (exponential(x) - 1))
    case .thresholdedRelu(let alpha): x > Double(alpha) ? x : 0
    case .shrink(let lambda, let bias):
      x < -Double(lambda) ? x + Double(bias) : x > Double(lambda) ? x - Double(bias) : 0
    case .function(let function): function.of(x)
    }
  }
}

extension ElementaryFunction {
  /// By other formulas than the library's where there are some.
  func of(_ x: Double) -> Double {
    let tangent = { (x: Double) in (exponential(x) - exponential(-x)) / (exponential(x) + exponential(-x)) }
    return switch self {
    case .softplus: logarithm(1 + exponential(x))
    case .softsign: x / (1 + Swift.abs(x))
    case .mish: x * tangent(logarithm(1 + exponential(x)))
    case .gelu: x * (1 - complementaryError(x / 2.0.squareRoot()) / 2)
    case .geluTanh: x / 2 * (1 + tangent((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .erf: 1 - complementaryError(x)
    case .absolute: x < 0 ? -x : x
    case .negate: 0 - x
    case .sign: Double(x.sign == .minus ? -1 : 1) * (x == 0 ? 0 : 1)
    case .floor: x.rounded(.down)
    case .ceil: -(-x).rounded(.down)
    case .round: x.rounded(.toNearestOrEven)
    case .sqrt: x.squareRoot()
    case .reciprocal: 1 / x
    case .exp: exponential(x)
    case .log: logarithm(x)
    case .sin: sine(x)
    case .cos: sine(x + .pi / 2)
    case .tan: sine(x) / sine(x + .pi / 2)
    case .asin: arctangent(x / (1 - x * x).squareRoot())
    case .acos: .pi / 2 - arctangent(x / (1 - x * x).squareRoot())
    case .atan: arctangent(x)
    case .sinh: (exponential(x) - exponential(-x)) / 2
    case .cosh: (exponential(x) + exponential(-x)) / 2
    case .asinh: logarithm(x + (x * x + 1).squareRoot())
    case .acosh: logarithm(x + (x * x - 1).squareRoot())
    case .atanh: logarithm((1 + x) / (1 - x)) / 2
    }
  }
}

extension Reduction.Kind {
  func of(_ values: [Double]) -> Double {
    switch self {
    case .mean: values.reduce(0, +) / Double(values.count)
    case .sum: values.reduce(0, +)
    case .maximum: values.max() ?? .nan
    case .minimum: values.min() ?? .nan
    case .product: values.reduce(1, *)
    }
  }
}

extension Binary.Operator {
  func of(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .minimum: min(a, b)
    case .maximum: max(a, b)
    case .power: raised(a, to: b)
    case .prelu: a < 0 ? a * b : a
    }
  }
}
