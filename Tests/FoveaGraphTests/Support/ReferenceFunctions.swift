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
    }
  }
}
