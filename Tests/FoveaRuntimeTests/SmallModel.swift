import FoundationEssentials
import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime

/// A network of one clamp over an image and one multiplication of two inputs: enough to open, to set and to read.
func smallNetwork() -> Network {
  var network = Network(source: "small")
  let image = network.addValue(name: "image", shape: [1, 3, 2, 4])
  let vector = network.addValue(name: "vector", shape: [5])
  let clamped = network.addValue(name: "clamped", shape: [1, 3, 2, 4])
  let squared = network.addValue(name: "squared", shape: [5])
  network.inputs = [image, vector]
  network.outputs = [clamped, squared]
  network.nodes = [
    Node(name: "clamp", operation: .activation(.clamp(Clamp(min: 0, max: 6))), inputs: [image], outputs: [clamped]),
    Node(name: "square", operation: .binary(Binary(.multiply)), inputs: [vector, vector], outputs: [squared]),
  ]
  return network
}

func smallModel(_ precision: Precision = .float, labels: [String] = []) throws -> Model {
  let image = (0..<24).map { Float($0) - 10 }
  let calibration = CalibrationInputs(count: 1) { _ in [image, [1, 2, 3, 4, -5]] }
  let options = ConversionOptions(precision: precision, labels: labels)
  return try Model(bytes: convert(smallNetwork(), options: options, calibration: calibration).bytes, name: "small")
}

/// A 1x1 convolution, a depthwise one, another 1x1, and the mean of each of its four channels. Steps are worth the coming of several
/// threads from some 200 x 200 pixels on. With `softmax`, that of the channels' means in place of the means.
func convolutionModel(_ precision: Precision = .int8, side: Int = 5, softmax: Bool = false) throws -> Model {
  var network = Network(source: "three")
  let shape = [1, 4, side, side]
  let values = ["x", "first", "second", "y"].map { network.addValue(name: $0, shape: shape) }
  let weights = (0..<36).map { Float(($0 * 7) % 11) / 8 - 0.6 }
  let pointwise = network.addConstant(name: "w", Tensor(shape: [4, 4, 1, 1], floats: Array(weights[..<16])))
  let depthwise = network.addConstant(name: "d", Tensor(shape: [4, 1, 3, 3], floats: weights))
  network.inputs = [values[0]]
  let mean = network.addValue(name: "mean", shape: [1, 4, 1, 1])
  network.outputs = [values[3], mean]
  let padding = Padding2D(top: 1, left: 1, bottom: 1, right: 1)
  let window = Convolution(kernel: Size2D(3, 3), padding: padding, groups: 4)
  let one = Convolution(kernel: Size2D(1, 1))
  network.nodes = [
    Node(name: "a", operation: .convolution(one), inputs: [values[0], pointwise], outputs: [values[1]]),
    Node(name: "b", operation: .convolution(window), inputs: [values[1], depthwise], outputs: [values[2]]),
    Node(name: "c", operation: .convolution(one), inputs: [values[2], pointwise], outputs: [values[3]]),
    Node(name: "d", operation: .globalAveragePool, inputs: [values[3]], outputs: [mean]),
  ]
  if softmax {
    let probabilities = network.addValue(name: "probabilities", shape: [1, 4, 1, 1])
    network.nodes.append(
      Node(name: "e", operation: .softmax(axis: 1), inputs: [mean], outputs: [probabilities]))
    network.outputs = [values[3], probabilities]
  }
  let calibration = CalibrationInputs(count: 1) { _ in [testImage(side: side)] }
  let options = ConversionOptions(precision: precision)
  return try Model(bytes: convert(network, options: options, calibration: calibration).bytes, name: "three")
}

/// An input of `convolutionModel`: values in -1 ..< 1.
func testImage(side: Int) -> [Float] { (0..<(4 * side * side)).map { Float(($0 * 37) % 100) / 50 - 1 } }

/// A folder of its own that is removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}
