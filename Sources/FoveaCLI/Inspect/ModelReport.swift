import Fovea
import FoveaConvert

/// What `inspect` tells of a model file.
struct ModelReport: InspectionReport {
  struct PreprocessingReport: Encodable {
    var width: Int
    var height: Int
    var crop: Float
    var resize: String
    var channels: String
    var mean: [Float]
    var std: [Float]
  }

  var file: String
  var format = "fovea"
  var precision: String
  var fileBytes: Int
  /// Memory for the activations of one session.
  var arenaBytes: Int
  /// Of the largest set of tensors alive at once.
  var lowerBoundBytes: Int
  var inputs: [PortReport]
  var outputs: [PortReport]
  var preprocessing: PreprocessingReport?
  var labels: Int
  /// Where the model came from, if the file says so.
  var provenance: ModelMetadata?
  var macs: Int
  var layers: [LayerReport]

  private enum CodingKeys: String, CodingKey {
    case file, format, precision, inputs, outputs, preprocessing, labels, provenance, macs, layers
    case fileBytes = "file_bytes"
    case arenaBytes = "arena_bytes"
    case lowerBoundBytes = "lower_bound_bytes"
  }

  init(_ model: Model) {
    file = model.name
    precision = model.precision.name
    fileBytes = model.byteCount
    let memory = MemoryUse(model.program)
    arenaBytes = memory.arenaBytes
    lowerBoundBytes = memory.lowerBoundBytes
    inputs = model.inputs.map { PortReport(name: $0.name, shape: $0.shape) }
    outputs = model.outputs.map { PortReport(name: $0.name, shape: $0.shape) }
    preprocessing = model.preprocessing.map(PreprocessingReport.init)
    labels = model.labels.count
    macs = model.macs
    var metadata = ModelMetadata(inHeader: model.json)
    let names = metadata?.steps ?? []
    layers = model.program.steps.indices.map { index in
      model.program.layer(index, name: names.indices.contains(index) ? names[index] : "")
    }
    // The layers have said them.
    metadata?.steps = []
    provenance = metadata
  }

  var text: String {
    var lines = [
      ("file", "\(file) (\(precision) model, \(byteText(fileBytes)))"),
      ("inputs", inputs.map(\.text).joined(separator: ", ")),
      ("outputs", outputs.map(\.text).joined(separator: ", ")),
      ("photos", preprocessing?.text ?? "not taken"),
      ("labels", labels == 0 ? "none" : "\(labels)"),
      ("activations", activationText(arenaBytes, lowerBound: lowerBoundBytes)),
    ]
    if let source = provenance?.source { lines.append(("made from", "\(source.file), SHA-256 \(source.sha256)")) }
    if let provenance { lines.append(("made by", provenance.converter)) }
    if let calibration = provenance?.calibration {
      let inputs = calibration.inputs.map { $0 == calibration.images ? "" : ", \($0) inputs made of them" } ?? ""
      lines.append(
        ("calibrated", "\(calibration.images) files of \(calibration.folder)\(inputs), \(calibration.method)"))
      lines.append(("weights", "rounded \(calibration.rounding ?? "nearest")"))
    }
    return facts(lines) + "\n" + LayerReport.table(layers, macs: macs)
  }
}

extension ModelReport.PreprocessingReport {
  init(_ preprocessing: Preprocessing) {
    width = preprocessing.width
    height = preprocessing.height
    crop = preprocessing.crop
    resize = preprocessing.filter.name
    channels = preprocessing.channelOrder.name
    mean = [preprocessing.mean.c0, preprocessing.mean.c1, preprocessing.mean.c2]
    let deviation = preprocessing.standardDeviation
    std = [deviation.c0, deviation.c1, deviation.c2]
  }

  var text: String {
    func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: ",") }
    return "\(width)x\(height) \(channels), \(resize), crop \(crop), mean \(list(mean)), deviation \(list(std))"
  }
}
