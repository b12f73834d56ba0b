import FoveaGraph

/// Takes a float network to 8 bits: channels equalized where that helps, ranges from calibration, weights rounded, and as much of
/// it left in float as the options' budget asks for.
///
/// - Parameters:
///   - network: in NHWC, as lowering takes it. Given away, its weights take no memory beside the equalized ones.
///   - heldBack: inputs that calibration does not see, to measure on.
/// - Throws: `ConversionError`.
func quantize(
  _ network: consuming Network, options: ConversionOptions, calibration: CalibrationInputs,
  heldBack: CalibrationInputs?, observer: ConversionObserver
) throws(ConversionError) -> (QuantizedNetwork, QuantizationReport) {
  if options.budget != nil, heldBack == nil {
    throw .calibration(reason: "a budget of accuracy needs inputs held back to measure on")
  }
  let (float, seen, equalization) = try calibrateEqualized(
    network, options, calibration, progress: observer.calibrated)
  var quantized = assignQuantization(float, seen, options)
  let nearest = options.budget.map { _ in quantized }
  func round(_ quantized: inout QuantizedNetwork) throws(ConversionError) {
    try roundSecondOrder(
      &quantized, floatMeans: seen.windows, inputs: calibration, threads: options.threads, progress: observer.rounded)
  }
  func match(_ quantized: inout QuantizedNetwork) throws(ConversionError) {
    guard options.rounding == .secondOrder else { return }
    try matchAnswers(
      of: &quantized, seen.answers, inputs: calibration, threads: options.threads, progress: observer.compared)
  }
  if options.rounding == .secondOrder { try round(&quantized) }
  var mixed: MixedPrecision?
  if let budget = options.budget, let nearest, let heldBack {
    (quantized, mixed) = try meet(
      budget, quantized, nearest: nearest, float: float, calibration: calibration, heldBack: heldBack,
      threads: options.threads, round: options.rounding == .secondOrder ? round : nil, match: match,
      progress: observer.tried)
  } else {
    try match(&quantized)
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
func assignQuantization(
  _ network: Network, _ seen: CalibrationResult, _ options: ConversionOptions
) -> QuantizedNetwork {
  assignQuantization(
    network, ranges: seen.ranges, inputRange: options.preprocessing.map(ValueRange.init(ofImagesWith:)))
}
