import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime

// Small model files, and ways to damage them.

/// Converted fixtures that together have every kind of step.
enum SmallModels {
  static let float = [
    "inverted_residual_13", "squeeze_excitation_14", "pool_by_shape_13", "matmul_dynamic_13", "reduce_mean_channels_13",
    "softmax_rank2_13", "pad_value_13", "conv_groups_13", "max_pool_asymmetric_pads_13", "leaky_relu_28",
    "layer_norm_17",
    "reducemax_13_keep_13", "resize_linear_2x_13",
  ]
  static let int8 = [
    "inverted_residual_13", "squeeze_excitation_14", "conv_asymmetric_pads_13", "max_pool_ceil_pads_13",
    "average_pool_asymmetric_include_pad_13", "concat_channels_13", "pad_value_13", "add_dynamic_channels_13",
    "swish_13", "channel_shuffle_13", "two_inputs_two_outputs_13", "div_two_inputs_13", "sub_constant_first_13",
    "softmax_axis1_13", "resize_linear_2x_13", "mixed", "swished",
  ]

  static let all = float.map { ($0, Precision.float) } + int8.map { ($0, Precision.int8) }

  /// x / 3, a convolution in 8 bits, softmax: values change their type between steps.
  static func mixed() -> Fixture {
    var network = Network(source: "mixed")
    let shape = [1, 4, 3, 3]
    let x = network.addValue(name: "x", shape: shape)
    let three = network.addConstant(name: "three", Tensor(shape: [1], floats: [3]))
    let weights = (0..<16).map { Float($0) / 8 - 1 }
    let w = network.addConstant(name: "w", Tensor(shape: [4, 4, 1, 1], floats: weights))
    let values = ["divided", "convolved", "y"].map { network.addValue(name: $0, shape: shape) }
    network.inputs = [x]
    network.outputs = [values[2]]
    let convolution = Convolution(kernel: Size2D(1, 1), clamp: Clamp(min: 0, max: 1))
    network.nodes = [
      Node(name: "divide", operation: .binary(Binary(.divide)), inputs: [x, three], outputs: [values[0]]),
      Node(name: "convolve", operation: .convolution(convolution), inputs: [values[0], w], outputs: [values[1]]),
      Node(name: "softmax", operation: .softmax(axis: 1), inputs: [values[1]], outputs: [values[2]]),
    ]
    return Fixture(network: network, inputs: [(0..<36).map { Float($0) / 9 - 2 }], outputs: [])
  }

  /// A convolution, hard swish and another one, whose channels between have scales of their own.
  static func swished() -> Fixture {
    var network = Network(source: "swished")
    let shape = [1, 4, 3, 3]
    let x = network.addValue(name: "x", shape: shape)
    let weights = (0..<16).map { Float($0 * $0) / 32 - 1 }
    let w = network.addConstant(name: "w", Tensor(shape: [4, 4, 1, 1], floats: weights))
    let values = ["convolved", "swish", "y"].map { network.addValue(name: $0, shape: shape) }
    network.inputs = [x]
    network.outputs = [values[2]]
    let convolution = Convolution(kernel: Size2D(1, 1))
    network.nodes = [
      Node(name: "first", operation: .convolution(convolution), inputs: [x, w], outputs: [values[0]]),
      Node(name: "swish", operation: .activation(.hardSwish), inputs: [values[0]], outputs: [values[1]]),
      Node(name: "last", operation: .convolution(convolution), inputs: [values[1], w], outputs: [values[2]]),
    ]
    return Fixture(network: network, inputs: [(0..<36).map { Float($0) / 9 - 2 }], outputs: [])
  }

  static func bytes(_ name: String, _ precision: Precision) throws -> [UInt8] {
    let fixture =
      switch name {
      case "mixed": mixed()
      case "swished": swished()
      default: try Fixture(name)
      }
    let variants = fixture.variants(2)
    let calibration = CalibrationInputs(count: variants.count) { variants[$0] }
    return try convert(
      fixture.network,
      options: ConversionOptions(precision: precision, equalization: name == "swished" ? .on : .automatic),
      calibration: calibration
    ).bytes
  }
}

/// A model file whose program can be changed word by word.
struct ModelBytes {
  var bytes: [UInt8]
  let dataOffset: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    dataOffset = 8 + (0..<8).reduce(0) { $0 | Int(bytes[$1]) << ($1 * 8) }
  }

  /// Bytes of the program, as its header says.
  var programBytes: Int { Int(self[3]) }

  /// A word of the program: the header has 32, then come the tables.
  subscript(word: Int) -> Int32 {
    get {
      let at = dataOffset + word * 4
      return (0..<4).reduce(0) { $0 | Int32(bitPattern: UInt32(bytes[at + $1]) << ($1 * 8)) }
    }
    set {
      for i in 0..<4 { bytes[dataOffset + word * 4 + i] = UInt8(truncatingIfNeeded: newValue >> (i * 8)) }
    }
  }

  /// Makes the checksums those of the bytes: damage becomes intent.
  mutating func seal() {
    guard programBytes >= 128, programBytes.isMultiple(of: 64), programBytes <= bytes.count - dataOffset else { return }
    let (offset, count) = (dataOffset, programBytes)
    let constants = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofConstants(in: $0, dataOffset: offset, byteCount: count).words
    }
    (self[27], self[28]) = (Int32(constants.0), Int32(constants.1))
    let program = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofProgram(in: $0, dataOffset: offset, byteCount: count).words
    }
    (self[30], self[31]) = (Int32(program.0), Int32(program.1))
  }
}

/// Why opening fails, or nil where it does not. Any other kind of error is thrown on.
func refusal(_ bytes: [UInt8]) throws -> ModelError? {
  do throws(FoveaError) {
    _ = try Model(bytes: bytes)
    return nil
  } catch {
    guard case .invalidModel(_, let reason) = error else { throw error }
    return reason
  }
}
