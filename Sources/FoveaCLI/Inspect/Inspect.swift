import ArgumentParser
import Fovea
import FoveaConvert
import FoveaGraph

/// `fovea inspect`: what is inside of a file.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows what is in a model or an ONNX file, layer by layer.",
    discussion: "Which of the two a file is, its content says. A model's shapes are NHWC, an ONNX network's NCHW.")

  @Argument(
    help: ArgumentHelp("The model or ONNX file.", valueName: "model|net.onnx"),
    completion: .file(extensions: ["fovea", "onnx"]))
  var file: String

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    if let model = try openModel() {
      try write(ModelReport(model))
    } else {
      try write(NetworkReport(importNetwork()))
    }
  }

  private func write(_ report: some InspectionReport) throws {
    if json { try writeJSON(report) } else { writeOutput(report.text) }
  }

  /// Nil for a file that does not begin as a model does.
  private func openModel() throws(FoveaError) -> Model? {
    do {
      return try Model(path: file)
    } catch .invalidModel(_, let error) where error.reason == .notAModel {
      return nil
    }
  }

  private func importNetwork() throws -> Network {
    do {
      return try importONNX(path: file)
    } catch .malformed(let file, let reason) {
      throw Failure(.badData, "\(file): not a Fovea model; as an ONNX file: \(reason)")
    }
  }
}

/// What `inspect` tells of a file.
protocol InspectionReport: Encodable {
  /// For people.
  var text: String { get }
}

/// One layer of a file.
struct LayerReport: Encodable {
  /// The node's name in the ONNX file.
  var name: String
  var operation: String
  /// Of the output.
  var shape: [Int]
  var macs: Int
  /// Bytes of the constants that the layer uses.
  var weightBytes: Int

  private enum CodingKeys: String, CodingKey {
    case name, operation, macs
    case shape = "output_shape"
    case weightBytes = "weight_bytes"
  }

  /// Lines for people: a layer each, and the sums.
  static func table(_ layers: [LayerReport], macs: Int) -> String {
    var table = Table([
      ("#", .right), ("layer", .left), ("operation", .left), ("output", .left), ("MACs", .right), ("weights", .right),
    ])
    for (index, layer) in layers.enumerated() {
      table.add([
        "\(index)", layer.name, layer.operation, shapeText(layer.shape), layer.macs == 0 ? "" : countText(layer.macs),
        layer.weightBytes == 0 ? "" : byteText(layer.weightBytes),
      ])
    }
    let weights = layers.reduce(0) { $0 + $1.weightBytes }
    table.add(["", "all", "", "", countText(macs), byteText(weights)])
    return table.text
  }
}

/// An input or output of a file.
struct PortReport: Encodable {
  var name: String
  var shape: [Int]

  var text: String { "\(name) \(shapeText(shape))" }
}
