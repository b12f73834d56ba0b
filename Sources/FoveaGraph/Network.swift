/// Names one value (an edge) of a network: an index into `Network.values`.
public struct ValueID: Hashable, Comparable, Sendable {
  public var index: Int

  public init(_ index: Int) {
    self.index = index
  }

  public static func < (a: ValueID, b: ValueID) -> Bool { a.index < b.index }
}

/// Where the dimensions of rank-4 values lie in memory.
public enum Layout: Sendable {
  /// ONNX's order: batch, channels, height, width. What import gives.
  case nchw
  /// Batch, height, width, channels. What `convertLayoutToNHWC` gives, and what the runtime executes. See also
  /// `Value.keepsSourceOrder`.
  case nhwc
}

/// Real value = (quantized - zeroPoint) * scale, quantized in 0...255.
public struct AffineQuantization: Hashable, Sendable {
  public var scale: Float
  public var zeroPoint: Int

  public init(scale: Float, zeroPoint: Int) {
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  /// clamp(round_half_even(x / scale) + zeroPoint, 0, 255), as `fovea_quantize_u8` and ONNX's QuantizeLinear define it; a NaN
  /// becomes 0.
  public func quantize(_ x: Float) -> UInt8 {
    let scaled = (x / scale).rounded(.toNearestOrEven)
    guard scaled > -512 else { return UInt8(clamping: zeroPoint - 512) }
    return UInt8(clamping: Int(Swift.min(scaled, 512)) + zeroPoint)
  }

  /// (q - zeroPoint) * scale
  public func dequantize(_ q: UInt8) -> Float {
    Float(Int(q) - zeroPoint) * scale
  }
}

/// One edge of the network: what a node (or the caller) produces and others consume. Activations are float32.
public struct Value: Hashable, Sendable {
  /// The source file's name of the value; passes that make new values derive theirs.
  public var name: String
  public var shape: [Int]
  /// Set by quantization on values that int8 steps carry.
  public var quantization: AffineQuantization?
  /// Of rank-4 values in the layout `.nhwc`: whether the dimensions lie as the source file has them, and not rearranged from NCHW.
  /// Set by `convertLayoutToNHWC` where the source's channels come last already.
  public var keepsSourceOrder = false

  public init(name: String, shape: [Int], quantization: AffineQuantization? = nil) {
    self.name = name
    self.shape = shape
    self.quantization = quantization
  }
}

/// One operation applied to values.
public struct Node: Hashable, Sendable {
  public var name: String
  public var operation: Operation
  /// In the order that the operation's documentation gives.
  public var inputs: [ValueID]
  public var outputs: [ValueID]

  public init(name: String, operation: Operation, inputs: [ValueID], outputs: [ValueID]) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
  }
}

/// A network while it is being converted: field-standard operations over float values whose shapes are all known.
///
/// `nodes` is in execution order: a node stands after those that make its inputs. Constants are values too.
public struct Network: Sendable {
  /// The source file, for messages.
  public var source: String
  public var layout: Layout
  public var values: [Value] = []
  public var constants: [ValueID: Tensor] = [:]
  public var nodes: [Node] = []
  public var inputs: [ValueID] = []
  public var outputs: [ValueID] = []

  public init(source: String, layout: Layout = .nchw) {
    self.source = source
    self.layout = layout
  }

  public subscript(id: ValueID) -> Value {
    get { values[id.index] }
    set { values[id.index] = newValue }
  }

  /// Adds a value and returns its name.
  public mutating func addValue(name: String, shape: [Int]) -> ValueID {
    values.append(Value(name: name, shape: shape))
    return ValueID(values.count - 1)
  }

  /// Adds a value that holds a constant.
  public mutating func addConstant(name: String, _ tensor: Tensor) -> ValueID {
    let id = addValue(name: name, shape: tensor.shape)
    constants[id] = tensor
    return id
  }
}
