/// What a node computes, in ONNX's terms. Everything that ONNX passes as a constant input (shapes, axes, pads) is already a
/// plain value here: import resolves it.
public enum Operation: Hashable, Sendable {
  /// Inputs: x, weights, and optionally bias [outputs].
  case convolution(Convolution)
  /// Inputs: a, b, and optionally c.
  case gemm(Gemm)
  /// x [..., K] times constant weights [N, K] transposed, plus optional bias [N]: `CanonicalizeFullyConnected` makes these
  /// of `gemm` and `matMul` with constant weights. Inputs: x, weights, and optionally bias.
  case fullyConnected(FullyConnected)
  /// NumPy's matmul. Inputs: a, b.
  case matMul
  /// Inputs: x, scale, bias, mean, variance.
  case batchNormalization(epsilon: Float)
  /// Inputs: x, and optionally a constant factor a channel [C], positive, that results are multiplied by: channels that were scaled
  /// behind a function (`scalingChannels`).
  case activation(Activation)
  /// Inputs: a, b, broadcast as NumPy does.
  case binary(Binary)
  case concat(axis: Int)
  case maxPool(Pooling)
  case averagePool(Pooling)
  /// Mean or maximum over height and width, which stay as dimensions of 1.
  case globalAveragePool
  case globalMaxPool
  case reduce(Reduction)
  /// (x - mean) / sqrt(variance + epsilon), both over some axes: what layer, group and instance normalization share.
  case normalize(Normalization)
  case resample(Resampling)
  /// Channels to positions, and back: blocks of `DepthToSpace.block` pixels.
  case depthToSpace(DepthToSpace)
  case spaceToDepth(DepthToSpace)
  case pad(Pad)
  /// Flatten, Squeeze, Unsqueeze and Reshape: the same elements in the same order under another shape.
  case reshape([Int])
  /// Output dimension i is input dimension `permutation[i]`.
  case transpose([Int])
  case slice(Slice)
  case softmax(axis: Int)
  /// Identity, Dropout at inference, Cast from float to float.
  case identity
  /// Rounds to the 256 values of a quantization: what a QuantizeLinear and the DequantizeLinear behind it come to. Networks
  /// that were quantized elsewhere are made of these.
  case quantizeDequantize(AffineQuantization)
}

public struct Size2D: Hashable, Sendable {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }
}

/// Padding in elements. Never negative here.
public struct Padding2D: Hashable, Sendable {
  public var top: Int
  public var left: Int
  public var bottom: Int
  public var right: Int

  public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }
}

/// min(max(x, min), max), the activation that a layer can carry for free. The default changes nothing.
public struct Clamp: Hashable, Sendable {
  public var min: Float
  public var max: Float

  public init(min: Float = -.infinity, max: Float = .infinity) {
    self.min = min
    self.max = max
  }

  public static let none = Clamp()
  public var isNone: Bool { self == .none }
}

/// A 2-D convolution. Weights are always [outputs, inputs / groups, height, width], in either layout.
public struct Convolution: Hashable, Sendable {
  public var kernel: Size2D
  public var stride = Size2D(1, 1)
  public var dilation = Size2D(1, 1)
  /// Explicit: import resolves auto_pad.
  public var padding = Padding2D()
  public var groups = 1
  /// Set by `fuseActivations`.
  public var clamp = Clamp.none

  public init(
    kernel: Size2D, stride: Size2D = Size2D(1, 1), dilation: Size2D = Size2D(1, 1), padding: Padding2D = Padding2D(),
    groups: Int = 1, clamp: Clamp = .none
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.groups = groups
    self.clamp = clamp
  }
}

/// alpha * A' * B' + beta * C, where ' is an optional transposition.
public struct Gemm: Hashable, Sendable {
  public var alpha: Float
  public var beta: Float
  public var transposeA: Bool
  public var transposeB: Bool

  public init(alpha: Float = 1, beta: Float = 1, transposeA: Bool = false, transposeB: Bool = false) {
    self.alpha = alpha
    self.beta = beta
    self.transposeA = transposeA
    self.transposeB = transposeB
  }
}

public struct FullyConnected: Hashable, Sendable {
  /// Set by `fuseActivations`.
  public var clamp: Clamp

  public init(clamp: Clamp = .none) {
    self.clamp = clamp
  }
}

/// Elementwise functions of one input, with ONNX's definitions.
public enum Activation: Hashable, Sendable {
  /// Relu and Clip.
  case clamp(Clamp)
  case leakyRelu(alpha: Float)
  case sigmoid
  case hardSigmoid(alpha: Float, beta: Float)
  case hardSwish
  case tanh
  /// x * sigmoid(x)
  case silu
  /// x > 0: x, else alpha * (exp(x) - 1)
  case elu(alpha: Float)
  /// x > 0: x, else alpha * (exp(x / alpha) - 1)
  case celu(alpha: Float)
  /// gamma * elu(x, alpha)
  case selu(alpha: Float, gamma: Float)
  /// x > alpha: x, else 0
  case thresholdedRelu(alpha: Float)
  /// x < -lambda: x + bias; x > lambda: x - bias; else 0
  case shrink(lambda: Float, bias: Float)
  case function(ElementaryFunction)
}

/// Elementwise functions without parameters, by ONNX's names.
public enum ElementaryFunction: String, Hashable, Sendable, CaseIterable {
  case softplus = "Softplus"
  case softsign = "Softsign"
  /// x * tanh(softplus(x))
  case mish = "Mish"
  /// x / 2 * (1 + erf(x / sqrt(2)))
  case gelu = "Gelu"
  /// Gelu by a hyperbolic tangent: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
  case geluTanh = "Gelu (tanh)"
  case erf = "Erf"
  case absolute = "Abs"
  case negate = "Neg"
  case sign = "Sign"
  case floor = "Floor"
  case ceil = "Ceil"
  /// To the nearest integer, halves to the even one.
  case round = "Round"
  case sqrt = "Sqrt"
  case reciprocal = "Reciprocal"
  case exp = "Exp"
  case log = "Log"
  case sin = "Sin"
  case cos = "Cos"
  case tan = "Tan"
  case asin = "Asin"
  case acos = "Acos"
  case atan = "Atan"
  case sinh = "Sinh"
  case cosh = "Cosh"
  case asinh = "Asinh"
  case acosh = "Acosh"
  case atanh = "Atanh"

  /// Whether 256 evenly spaced inputs serve the function: not those that are steep somewhere (and stand within formulas, as of a
  /// normalization, where that matters).
  package var suits8Bits: Bool {
    switch self {
    case .softplus, .softsign, .mish, .gelu, .geluTanh, .erf, .absolute, .negate: true
    case .sign, .floor, .ceil, .round, .sqrt, .reciprocal, .exp, .log, .sin, .cos, .tan, .asin, .acos, .atan, .sinh,
      .cosh, .asinh, .acosh, .atanh:
      false
    }
  }
}

public struct Binary: Hashable, Sendable {
  public enum Operator: Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide, minimum, maximum
    /// a to the power of b
    case power
    /// a < 0: a * b, else a
    case prelu
  }

  public var `operator`: Operator
  /// Set by `fuseActivations`.
  public var clamp: Clamp

  public init(_ operator: Operator, clamp: Clamp = .none) {
    self.operator = `operator`
    self.clamp = clamp
  }
}

/// A pooling window. A position in the padding never wins a maximum.
public struct Pooling: Hashable, Sendable {
  public var kernel: Size2D
  public var stride: Size2D
  public var dilation: Size2D
  /// Explicit: import resolves auto_pad. A window that `ceilMode` lets reach beyond the bottom and right padding is cut there.
  public var padding: Padding2D
  public var ceilMode: Bool
  /// Averages only: whether padded positions count in the divisor.
  public var countIncludesPadding: Bool

  public init(
    kernel: Size2D, stride: Size2D = Size2D(1, 1), dilation: Size2D = Size2D(1, 1), padding: Padding2D = Padding2D(),
    ceilMode: Bool = false, countIncludesPadding: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.ceilMode = ceilMode
    self.countIncludesPadding = countIncludesPadding
  }
}

/// One number of all that lie along `axes` (each in 0 ..< rank, sorted).
public struct Reduction: Hashable, Sendable {
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    case mean = "ReduceMean"
    case sum = "ReduceSum"
    case maximum = "ReduceMax"
    case minimum = "ReduceMin"
    case product = "ReduceProd"
  }

  public var kind: Kind
  public var axes: [Int]
  public var keepDimensions: Bool

  public init(_ kind: Kind, axes: [Int], keepDimensions: Bool) {
    self.kind = kind
    self.axes = axes
    self.keepDimensions = keepDimensions
  }
}

/// Widens each dimension. Counts are never negative: import turns a negative pad into a slice.
public struct Pad: Hashable, Sendable {
  public enum Mode: Hashable, Sendable {
    case constant(Float)
    case reflect
    case edge
  }

  /// Elements added before and after, one a dimension.
  public var before: [Int]
  public var after: [Int]
  public var mode: Mode

  public init(before: [Int], after: [Int], mode: Mode) {
    self.before = before
    self.after = after
    self.mode = mode
  }
}

/// Output element i of a dimension is input element start + i * step; one entry a dimension, all in range.
public struct Slice: Hashable, Sendable {
  public var starts: [Int]
  public var steps: [Int]
  public var sizes: [Int]

  public init(starts: [Int], steps: [Int], sizes: [Int]) {
    self.starts = starts
    self.steps = steps
    self.sizes = sizes
  }
}
