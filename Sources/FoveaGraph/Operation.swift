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
  case activation(Activation)
  /// Inputs: a, b, broadcast as NumPy does.
  case binary(Binary)
  case concat(axis: Int)
  case maxPool(Pooling)
  case averagePool(Pooling)
  /// Mean or maximum over height and width, which stay as dimensions of 1.
  case globalAveragePool
  case globalMaxPool
  case reduceMean(ReduceMean)
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
}

public struct Binary: Hashable, Sendable {
  public enum Operator: Hashable, Sendable, CaseIterable {
    case add, subtract, multiply, divide
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

/// The mean over `axes` (each in 0 ..< rank, sorted).
public struct ReduceMean: Hashable, Sendable {
  public var axes: [Int]
  public var keepDimensions: Bool

  public init(axes: [Int], keepDimensions: Bool) {
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
