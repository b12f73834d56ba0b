import Fovea
import FoveaConvert

/// What `convert --report` tells of a quantization, and the few lines of it that every conversion prints.
struct ConversionReport: Encodable {
  /// Suspicious layers on standard output.
  private static let shown = 5

  var network: String
  var model: String
  /// "min-max", for one.
  var calibration: String
  var rounding: String
  /// Inputs that calibration saw.
  var calibrationInputs: Int
  var floatBytes: Int
  var modelBytes: Int
  var int8Macs: Int
  var macs: Int
  var comparison: Comparison?
  var equalization: Equalization?
  var mixedPrecision: MixedPrecisionReport?
  var layers: [Layer]
  /// Indices into `layers`, the worst first.
  var suspicious: [Int]

  /// Float and 8 bits on inputs that calibration did not see.
  struct Comparison: Encodable {
    var inputs: Int
    /// One an output.
    var decibels: [Double]
    var agreeing: Int?
    /// What is to be expected of other inputs, by how far the first answers lead: of as many as `inputs`.
    var expectedAgreeing: Double?

    init(_ comparison: OutputComparison) {
      inputs = comparison.inputs
      decibels = comparison.outputs.map(\.decibels)
      (agreeing, expectedAgreeing) = (comparison.agreeing, comparison.expectedAgreeing)
    }

    var decibelsText: String { decibels.map { ConversionReport.text(decibels: $0) }.joined(separator: ", ") }

    var heldBackText: String { "\(inputs) input\(inputs == 1 ? "" : "s") that calibration did not see" }

    var agreementText: String? {
      guard let agreeing, let expectedAgreeing else { return nil }
      func share(_ count: Double) -> String { percentText(count / Double(max(1, inputs)), places: 1) }
      return "\(agreeing) of \(inputs) (\(share(Double(agreeing)))), \(share(expectedAgreeing)) expected of others"
    }
  }

  /// Channels scaled so that they share an activation's steps better: outputs on calibration inputs, without it and with it.
  struct Equalization: Encodable {
    var groups: Int
    var decibelsWithout: Double
    var decibelsWith: Double
    var isKept: Bool

    var text: String {
      "\(ConversionReport.text(decibels: decibelsWith)), \(ConversionReport.text(decibels: decibelsWithout)) without: "
        + (isKept ? "kept, \(groups) groups" : "not kept")
    }
  }

  struct Layer: Encodable {
    var name: String
    var operation: String
    var shape: [Int]
    var precision: String
    var macs: Int
    var weights: Int?
    /// Decibels: of the weights, of the output by itself, and of it beside the float network's.
    var weightDecibels: Double?
    var outputDecibels: Double?
    var accumulatedDecibels: Double?
    /// What the output's 256 steps cover, and what was seen.
    var covered: [Float]?
    var seen: [Float]?
    var clippedShare: Double?
    var zeroChannels: Int?
    /// The largest channel's greatest value over the median channel's.
    var channelRatio: Double?
    /// What all outputs gain when this layer alone is in float; measured where a budget asks for it.
    var decibelsInFloat: Double?
    var suspicions: [Finding]

    struct Finding: Encodable {
      var reason: String
      var remedy: String
    }
  }

  init(
    _ report: QuantizationReport, network: String, model: String, options: ConversionOptions, calibration: String,
    calibrationInputs: Int, modelBytes: Int, budget: String?
  ) {
    (self.network, self.model, self.calibration, self.calibrationInputs) = (
      network, model, calibration, calibrationInputs
    )
    rounding = options.rounding.rawValue
    (floatBytes, self.modelBytes) = (report.floatBytes, modelBytes)
    macs = report.layers.reduce(0) { $0 + $1.macs }
    int8Macs = report.layers.reduce(0) { $0 + ($1.isInt8 ? $1.macs : 0) }
    comparison = report.comparison.map(Comparison.init)
    equalization = report.equalization.map {
      Equalization(
        groups: $0.groups, decibelsWithout: $0.decibelsWithout, decibelsWith: $0.decibelsWith, isKept: $0.isKept)
    }
    mixedPrecision = report.mixedPrecision.map {
      MixedPrecisionReport($0, layers: report.layers, budget: budget ?? "")
    }
    layers = report.layers.map { Layer($0, options: options) }
    for (index, decibels) in report.mixedPrecision?.sensitivities ?? [:] { layers[index].decibelsInFloat = decibels }
    suspicious = report.suspicious
  }

  /// "31.2 dB"; "exact" where nothing was lost.
  static func text(decibels: Double) -> String {
    decibels == .infinity ? "exact" : "\(decimal(decibels, places: 1)) dB"
  }

  /// Writes it whole or not at all: as JSON where the name says so, else as a page.
  func write(to path: String) throws {
    if path.hasSuffix(".json") {
      try writeResult(Array((jsonText(self) + "\n").utf8), to: path)
    } else {
      try page.write(to: path)
    }
  }

  /// What stands below a conversion's summary: nothing where there is nothing to say.
  var text: String {
    var text = ""
    if let comparison {
      var lines = [("int8 against float", comparison.decibelsText)]
      if let agreement = comparison.agreementText { lines.append(("same top 1", agreement)) }
      lines.append(("held back", comparison.heldBackText))
      lines += mixedPrecision?.facts ?? []
      text += "\n" + facts(lines)
    }
    if let mixedPrecision, !mixedPrecision.layers.isEmpty { text += "\n" + mixedPrecision.text }
    guard !suspicious.isEmpty else { return text }
    var table = Table([("suspicious layer", .left), ("why", .left)])
    for index in suspicious.prefix(Self.shown) {
      table.add([layers[index].name, layers[index].suspicions.first?.reason ?? ""])
    }
    text += "\n" + table.text
    let more = suspicious.count - Self.shown
    if more > 0 { text += "and \(more) more\(comparison == nil ? "; --report FILE measures and lists all" : "")\n" }
    return text
  }
}

extension ConversionReport.Layer {
  init(_ layer: LayerQuantization, options: ConversionOptions) {
    name = layer.name
    operation = layer.operation
    shape = layer.outputShape
    precision = layer.isInt8 ? "int8" : "float"
    macs = layer.macs
    weights = layer.weights?.count
    weightDecibels = layer.weights?.signalToNoise.decibels
    outputDecibels = layer.output?.isolated?.decibels
    accumulatedDecibels = layer.output?.accumulated.decibels
    covered = layer.output?.covered.map { [$0.lowerBound, $0.upperBound] }
    seen = layer.output?.seen.map { [$0.lowerBound, $0.upperBound] }
    clippedShare = layer.output?.clippedShare
    zeroChannels = layer.output?.channels?.zeros
    channelRatio = layer.output?.channels?.ratio
    suspicions = layer.suspicions.map { suspicion in
      let tried = layer.inFloat.map { [$0.text] } ?? []
      return Finding(
        reason: suspicion.reason, remedy: (tried + [suspicion.remedy(options)]).joined(separator: "; "))
    }
  }
}

extension FloatTrial {
  fileprivate var text: String {
    let others = group.count > 1 ? ", with \(group.count - 1) after it" : ""
    return "tried in float\(others): \(decibels < 0 ? "" : "+")\(decimal(decibels, places: 2)) dB of all outputs"
  }
}

extension Suspicion {
  /// In plain words.
  var reason: String {
    switch self {
    case .loss(let before, let after):
      let inputs = before == .infinity ? "what is exact" : "\(decimal(before, places: 1)) dB"
      return "leaves \(decimal(after, places: 1)) dB of \(inputs)"
    case .clipping(let share):
      return "\(percentText(share, places: 1)) of the output's values are clipped"
    case .coarseSteps(let decibels):
      return "the output's 256 steps are coarse: \(decimal(decibels, places: 1)) dB by themselves"
    case .wideChannel(let index, let ratio):
      return "channel \(index) is \(decimal(ratio, places: 0))x the others"
    case .coarseWeights(let decibels):
      return "the 8-bit weights are coarse: \(decimal(decibels, places: 1)) dB"
    case .deadChannels(let count, let all):
      return "\(count) of \(all) channels are dead"
    case .float(let macs):
      return "computes in float: \(countText(macs))MAC"
    }
  }

  /// What was done about it, or can be.
  func remedy(_ options: ConversionOptions) -> String {
    let isSecondOrder = options.rounding == .secondOrder
    switch self {
    case .loss:
      return isSecondOrder
        ? "rounded for the outputs' sake; more photos may help"
        : "--rounding second-order makes up for rounding errors"
    case .clipping:
      return options.calibrationMethod == .minMax
        ? "more photos, or more varied ones: calibration saw a narrower range"
        : "--calibration min-max clips nothing that calibration sees"
    case .coarseSteps, .wideChannel:
      return options.calibrationMethod == .minMax
        ? "--calibration mse, or auto, trades rare large values for finer steps"
        : "its range was chosen by \(CalibrationMethodArgument(method: options.calibrationMethod).description)"
    case .coarseWeights:
      return isSecondOrder
        ? "rounded for the outputs' sake, not the weights': see what the layer loses"
        : "--rounding second-order keeps the layer's outputs closer"
    case .deadChannels: return "none needed for accuracy; prune them before conversion to save time"
    case .float: return "no 8-bit step does it: exact, but slower"
    }
  }
}
