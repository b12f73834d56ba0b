import CFovea
import FoundationEssentials
import FoveaConvert
import FoveaCore
import Testing

/// The repository's folder, with a slash.
let repository =
  URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path + "/"

/// Inputs image [1, 3, 6, 6] and vector [1, 4], outputs scores [1, 5] and features [1, 8, 4, 4].
let network = repository + "fixtures/operators/two_inputs_two_outputs_13/"

/// The network's model file. With `photos`, its first input is a photo of 6x6 pixels and its scores are classes.
func modelFile(photos: Bool = false, labels: [String] = []) throws -> [UInt8] {
  let preprocessing = Preprocessing(
    width: 6, height: 6, crop: 1, filter: .bilinear, channelOrder: .rgb, mean: .init(0, 0, 0),
    standardDeviation: .init(1, 1, 1))
  let options = ConversionOptions(precision: .float, preprocessing: photos ? preprocessing : nil, labels: labels)
  return try convert(importONNX(path: network + "model.onnx"), options: options).bytes
}

/// An open model; to be freed.
func openModel(photos: Bool = false, labels: [String] = []) throws -> OpaquePointer {
  let bytes = try modelFile(photos: photos, labels: labels)
  var model: OpaquePointer?
  try #require(fovea_model_open_bytes(bytes, bytes.count, &model) == FOVEA_OK, "\(lastError())")
  return try #require(model)
}

func openSession(_ model: OpaquePointer, threads: CInt = 1) throws -> OpaquePointer {
  var session: OpaquePointer?
  try #require(fovea_session_create(model, threads, &session) == FOVEA_OK, "\(lastError())")
  return try #require(session)
}

func openClassifier(_ model: OpaquePointer, threads: CInt = 1) throws -> OpaquePointer {
  var classifier: OpaquePointer?
  try #require(fovea_classifier_create(model, threads, &classifier) == FOVEA_OK, "\(lastError())")
  return try #require(classifier)
}

func lastError() -> String { String(cString: fovea_last_error()) }

/// C's size_t of all ones, as Swift sees it.
let largestSize = -1
