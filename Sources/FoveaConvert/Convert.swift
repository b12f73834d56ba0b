import FoundationEssentials
import FoveaCore
import FoveaGraph
import FoveaRuntime

/// What `convert` is asked for.
public struct ConversionOptions {
  public var precision: Precision
  /// How photos become the input; nil for networks that take something else.
  public var preprocessing: Preprocessing?
  /// The classes' names in order, or none.
  public var labels: [String]
  public var calibrationMethod: CalibrationMethod
  public var rounding: WeightRounding
  public var equalization: ChannelEqualization
  /// What 8 bits may cost; nil takes every layer to 8 bits that can be.
  public var budget: AccuracyBudget?
  public var threads: Int

  public init(
    precision: Precision, preprocessing: Preprocessing? = nil, labels: [String] = [],
    calibrationMethod: CalibrationMethod = .minMax, rounding: WeightRounding = .secondOrder,
    equalization: ChannelEqualization = .automatic, budget: AccuracyBudget? = nil, threads: Int = 1
  ) {
    self.precision = precision
    self.preprocessing = preprocessing
    self.labels = labels
    self.calibrationMethod = calibrationMethod
    self.rounding = rounding
    self.equalization = equalization
    self.budget = budget
    self.threads = threads
  }
}

/// What a conversion made.
public struct ConversionResult: Sendable {
  /// The model file.
  public var bytes: [UInt8]
  public var macs: Int
  public var steps: Int
  /// Nodes whose arithmetic is 8-bit, and nodes in all.
  public var int8Nodes: Int
  public var nodes: Int
  /// What 8 bits did to the network; nil where it was not this conversion that quantized it.
  public var quantization: QuantizationReport?
}

/// Calls that a conversion makes as it goes.
public struct ConversionObserver {
  /// Calibration runs done, and in all.
  public var calibrated: (_ done: Int, _ all: Int) -> Void
  /// Layers whose weights second-order rounding has rounded, and in all.
  public var rounded: (_ done: Int, _ all: Int) -> Void
  /// Networks that ran in mixed precision to meet a budget, and about how many there will be.
  public var tried: (_ done: Int, _ all: Int) -> Void
  /// Inputs that float and 8 bits were compared on, and in all: calibration's, then those held back.
  public var compared: (_ done: Int, _ all: Int) -> Void
  /// The network after each pass, by the pass's name.
  public var passed: (_ pass: String, _ network: Network) -> Void

  public init(
    calibrated: @escaping (Int, Int) -> Void = { _, _ in }, rounded: @escaping (Int, Int) -> Void = { _, _ in },
    tried: @escaping (Int, Int) -> Void = { _, _ in }, compared: @escaping (Int, Int) -> Void = { _, _ in },
    passed: @escaping (String, Network) -> Void = { _, _ in }
  ) {
    self.calibrated = calibrated
    self.rounded = rounded
    self.tried = tried
    self.compared = compared
    self.passed = passed
  }
}

/// Converts an imported network into a model file's bytes.
///
/// - Parameters:
///   - network: as `importONNX` gives it. Given away, its weights take no memory beside what is made of them.
///   - metadata: what to record beside what the conversion itself knows. A digest of outputs is computed where it has none.
///   - calibration: inputs to measure activations with, for `.int8`; not asked for otherwise, nor where the network is quantized
///     already.
///   - heldBack: other inputs, on which `.int8` is measured against float: the result's `quantization` says what came of it. A
///     budget asks for them.
/// - Throws: `ConversionError`.
public func convert(
  _ network: consuming Network, options: ConversionOptions, metadata: ModelMetadata = ModelMetadata(),
  calibration: CalibrationInputs? = nil, heldBack: CalibrationInputs? = nil,
  observer: ConversionObserver = ConversionObserver()
) throws(ConversionError) -> ConversionResult {
  let prepared: Network
  do {
    prepared = try applyPasses(to: copy network, after: observer.passed)
  } catch {
    throw ConversionError(error, source: network.source)
  }
  try checkPreprocessing(options, network, prepared)
  try checkLabels(options.labels, prepared)
  let (source, macs) = (network.source, prepared.multiplyAccumulates)
  _ = consume network

  var lowering: Lowering
  var report: QuantizationReport?
  if options.precision == .int8, prepared.isQuantized {
    lowering = Lowering(adoptQuantization(consume prepared))
  } else if options.precision == .int8 {
    guard let calibration else {
      throw .calibration(reason: "int8 needs inputs to measure activations with: give a folder of photos")
    }
    let quantized: QuantizedNetwork
    (quantized, report) = try quantize(
      consume prepared, options: options, calibration: calibration, heldBack: heldBack, observer: observer)
    lowering = Lowering(consume quantized)
  } else {
    lowering = Lowering(consume prepared)
  }
  try lowering.lower()
  lowering.fuseFloatFunctions()
  var metadata = metadata
  metadata.precision = options.precision == .int8 ? "int8" : "float"
  metadata.steps = lowering.builder.stepNames
  var image = try ModelImage(
    lowering: lowering, metadata: metadata, preprocessing: options.preprocessing, labels: options.labels)
  // The engine's own validation has the last word, before anything is written.
  do {
    let model = try Model(image.memory, name: source)
    if metadata.verification == nil { metadata.verification = ModelMetadata.Verification(of: model) }
  } catch {
    throw .invalidNetwork(file: source, reason: "the converted model is not valid: \(error)")
  }
  if metadata.verification != nil {
    image = try ModelImage(
      lowering: lowering, metadata: metadata, preprocessing: options.preprocessing, labels: options.labels)
  }
  return ConversionResult(
    bytes: image.bytes, macs: macs, steps: lowering.builder.steps.count,
    int8Nodes: lowering.int8Nodes.count, nodes: lowering.network.nodes.count, quantization: report)
}

/// A photo must fit the network's first input, as it lies in memory.
private func checkPreprocessing(
  _ options: ConversionOptions, _ network: Network, _ prepared: Network
) throws(ConversionError) {
  guard let preprocessing = options.preprocessing, let input = network.inputs.first, let laid = prepared.inputs.first
  else { return }
  guard prepared[laid].shape == [1, preprocessing.height, preprocessing.width, 3] else {
    throw .invalidNetwork(
      file: network.source,
      reason: "input \"\(network[input].name)\" is \(network[input].shape), which does not take a "
        + "\(preprocessing.width)x\(preprocessing.height) colour photo")
  }
}

/// The first output must have as many values as there are labels.
private func checkLabels(_ labels: [String], _ network: Network) throws(ConversionError) {
  guard !labels.isEmpty, let output = network.outputs.first else { return }
  let classes = network[output].shape.reduce(1, *)
  guard classes == labels.count else {
    throw .invalidNetwork(
      file: network.source,
      reason: "there are \(labels.count) labels, but output \"\(network[output].name)\" has \(classes) classes")
  }
}

extension ConversionError {
  init(_ error: GraphError, source: String) {
    switch error {
    case .invalid(let node, let operation, let reason):
      self = .invalidNode(file: source, node: node, operator: operation, reason: reason)
    }
  }
}

extension ValueRange {
  /// What pixels of 0...255 become: exact, whatever the calibration photos hold.
  init(ofImagesWith preprocessing: Preprocessing) {
    let (mean, deviation) = (preprocessing.mean, preprocessing.standardDeviation)
    let pairs = [(mean.c0, deviation.c0), (mean.c1, deviation.c1), (mean.c2, deviation.c2)]
    self.init(
      min: pairs.map { (0 - $0) / $1 }.min() ?? 0, max: pairs.map { (1 - $0) / $1 }.max() ?? 1)
  }
}
