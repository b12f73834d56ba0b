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

/// A folder of its own that is removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "fovea-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}
