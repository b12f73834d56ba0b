import FoundationEssentials
import FoveaConvert
import FoveaGraph
import FoveaRuntime

// One folder of fixtures/operators: a network of a few nodes with inputs, and the outputs that ONNX Runtime gives.

struct Fixture {
  var network: Network
  var inputs: [[Float]]
  var outputs: [[Float]]

  init(network: Network, inputs: [[Float]], outputs: [[Float]]) {
    (self.network, self.inputs, self.outputs) = (network, inputs, outputs)
  }

  init(_ name: String) throws {
    let folder = "\(OperatorFixtureTests.folder)/\(name)"
    network = try importONNX(path: "\(folder)/model.onnx")
    inputs = try network.inputs.indices.map { try npyFloats("\(folder)/input_\($0).npy") }
    outputs = try network.outputs.indices.map { try npyFloats("\(folder)/output_\($0).npy") }
  }

  /// The fixture's own inputs, and `count - 1` sets of random ones between their extremes.
  func variants(_ count: Int) -> [[[Float]]] {
    var random = Random(seed: 1)
    return (0..<count).map { variant in
      guard variant > 0 else { return inputs }
      return inputs.map { values in
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        return values.map { _ in random.float(low, high) }
      }
    }
  }

  func floatModel() throws -> Model {
    try Model(bytes: convert(network, options: ConversionOptions(precision: .float)).bytes, name: "float")
  }

  /// The int8 model, calibrated on `variants`, and the operations of the network that was quantized.
  func int8Model(calibratedOn variants: [[[Float]]]) throws -> (
    model: Model, result: ConversionResult, operations: [FoveaGraph.Operation]
  ) {
    var operations: [FoveaGraph.Operation] = []
    let inputs = CalibrationInputs(count: variants.count) { variants[$0] }
    let result = try convert(
      network, options: ConversionOptions(precision: .int8), calibration: inputs,
      observer: ConversionObserver(passed: { operations = $1.nodes.map(\.operation) }))
    return (try Model(bytes: result.bytes, name: "int8"), result, operations)
  }
}

extension Session {
  /// The outputs for some inputs, all in the source network's order.
  func outputs(_ inputs: [[Float]]) throws -> [[Float]] {
    for (index, values) in inputs.enumerated() { try setInput(index, to: values) }
    run()
    return try model.outputs.indices.map { try output($0) }
  }
}

/// The elements of a NumPy file of little-endian float32 in C order.
func npyFloats(_ path: String) throws -> [Float] {
  let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
  let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
  return stride(from: start, to: bytes.count, by: 4).map { i in
    Float(bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[i + $1]) << ($1 * 8) })
  }
}

/// SplitMix64, so that tests see the same numbers everywhere.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func float(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * Float(next() >> 40) / Float(1 << 24)
  }

  mutating func floats(_ count: Int, _ low: Float = -1, _ high: Float = 1) -> [Float] {
    (0..<count).map { _ in float(low, high) }
  }
}
