import FoveaGraph

/// Takes a float network to 8 bits: channels equalized where that helps, ranges from calibration, weights rounded, and as much of
/// it left in float as the options' budget asks for.
///
/// - Parameters:
///   - network: in NHWC, as lowering takes it.
///   - heldBack: inputs that calibration does not see, to measure on.
/// - Throws: `ConversionError`.
func quantize(
  _ network: Network, options: ConversionOptions, calibration: CalibrationInputs, heldBack: CalibrationInputs?,
  observer: ConversionObserver
) throws(ConversionError) -> (QuantizedNetwork, QuantizationReport) {
  if options.budget != nil, heldBack == nil {
    throw .calibration(reason: "a budget of accuracy needs inputs held back to measure on")
  }
  var assigned = try AssignedNetwork(network, options, calibration, progress: observer.calibrated)
  let equalization = try equalize(&assigned, options, calibration, progress: observer.calibrated)
  let (float, windows) = (assigned.float, assigned.windows)
  let nearest = options.budget.map { _ in assigned.quantized }
  var quantized = assigned.quantized
  func round(_ quantized: inout QuantizedNetwork) throws(ConversionError) {
    try roundSecondOrder(
      &quantized, floatMeans: windows, inputs: calibration, threads: options.threads, progress: observer.rounded)
  }
  if options.rounding == .secondOrder { try round(&quantized) }
  var mixed: MixedPrecision?
  if let budget = options.budget, let nearest, let heldBack {
    (quantized, mixed) = try meet(
      budget, quantized, nearest: nearest, float: float, calibration: calibration, heldBack: heldBack,
      threads: options.threads, round: options.rounding == .secondOrder ? round : nil, progress: observer.tried)
  }
  var report = QuantizationReport(quantized, mixed)
  report.equalization = equalization
  if let heldBack {
    try report.measure(quantized, float: float, on: heldBack, threads: options.threads, progress: observer.compared)
    try report.tryFloat(quantized, float: float, calibration: calibration, threads: options.threads)
  }
  return (quantized, report)
}

/// A float network with what calibration makes of it: weights rounded to nearest as yet.
struct AssignedNetwork {
  let float: Network
  let quantized: QuantizedNetwork
  /// Means of the windows of layers, by node.
  let windows: [Int: WindowStatistics]
  /// Each channel's largest magnitude, of the values of the network's channel groups.
  let magnitudes: [ValueID: [Float]]

  init(
    _ network: Network, _ options: ConversionOptions, _ calibration: CalibrationInputs, progress: (Int, Int) -> Void
  ) throws(ConversionError) {
    let groups = options.equalization == .off ? [] : network.channelGroups()
    let seen = try calibrate(
      network, with: calibration, method: options.calibrationMethod, channels: Set(groups.flatMap(\.values)),
      threads: options.threads, progress: progress)
    float = network
    quantized = assignQuantization(
      network, ranges: seen.ranges, inputRange: options.preprocessing.map(ValueRange.init(ofImagesWith:)))
    (windows, magnitudes) = (seen.windows, seen.magnitudes)
  }
}
