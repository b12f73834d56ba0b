import Foundation
import Testing

/// Models that many tests use, converted by the command when first asked for.
enum Models {
  /// EfficientNet-Lite0, calibrated with fixtures/calibration.
  static func int8() throws -> String { try int8Model.get() }
  /// The same network in float.
  static func float() throws -> String { try floatModel.get() }
  /// Inputs image [1, 3, 6, 6] and vector [1, 4], outputs scores [1, 5] and features [1, 8, 4, 4].
  static func twoInputsTwoOutputs() throws -> String { try smallModel.get() }

  static let network = repository + "models/efficientnet_lite0.onnx"
  static let labels = repository + "models/imagenet_labels.txt"
  /// How EfficientNet-Lite was trained: (x - 127) / 128 on 0..255.
  static let preprocessing = [
    "--mean", "0.498039216,0.498039216,0.498039216", "--std", "0.501960784,0.501960784,0.501960784",
  ]
  static let smallNetwork = fixture("operators/two_inputs_two_outputs_13/model.onnx")

  private static let int8Model = Result {
    try convert(network, "int8", ["--calibrate", fixture("calibration"), "--labels", labels] + preprocessing)
  }
  private static let floatModel = Result { try convert(network, "float", ["--labels", labels] + preprocessing) }
  private static let smallModel = Result { try convert(smallNetwork, "small", []) }

  private static func convert(_ network: String, _ name: String, _ options: [String]) throws -> String {
    let path = try temporaryFolder() + "\(name).fovea"
    let outcome = try fovea(["convert", network, "-o", path] + options)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return path
  }
}
