import FoveaGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Whether channels are equalized before quantization.
public enum ChannelEqualization: String, Hashable, Sendable, CaseIterable {
  /// Where that is measured to help.
  case automatic = "auto"
  case on
  case off
}

/// What equalizing channels came to.
public struct EqualizationReport: Hashable, Sendable {
  /// Sets of values whose channels were scaled together.
  public var groups: Int
  /// Signal to noise of all outputs together, on calibration inputs that neither form's ranges had seen: of the network as it is, and
  /// equalized. Of what rounding activations costs by itself, where weights are rounded second-order: that makes up for most of theirs.
  public var decibelsWithout: Double
  public var decibelsWith: Double
  /// Whether the model is that of the equalized network.
  public var isKept: Bool
}

/// Calibrates a network, its channels equalized if that is asked for and, for `.automatic`, lessens the noise of the outputs.
///
/// Inputs that a form's ranges were made of say nothing about what these ranges cut off of others. So all forms are calibrated on
/// half of the inputs and compared on the other half; what is kept is calibrated on all.
///
/// - Parameter network: given away. Its scaled weights are made anew for each run of calibration and take no memory between.
/// - Returns: the network to quantize, and what calibration saw of it. No report where nothing was tried: it was not asked for, no
///   channels can be scaled, or there are too few inputs to compare on.
func calibrateEqualized(
  _ network: consuming Network, _ options: ConversionOptions, _ calibration: CalibrationInputs,
  progress: (Int, Int) -> Void
) throws(ConversionError) -> (network: Network, seen: CalibrationResult, report: EqualizationReport?) {
  guard options.equalization != .off else {
    let plain = try calibrate(
      copy network, with: calibration, method: options.calibrationMethod, threads: options.threads, progress: progress)
    return (network, plain.all, nil)
  }
  let channels = Set(network.channelGroups().flatMap(\.values))
  let plain = try calibrate(
    copy network, with: calibration, method: options.calibrationMethod, channels: channels,
    part: { $0 % judging != judging - 1 }, threads: options.threads, progress: progress)
  let judged = calibration.selecting((0..<calibration.count).filter { $0 % judging == judging - 1 })
  let forms = network.equalizingForms(plain.part.magnitudes)
  guard !forms.isEmpty else { return (network, plain.all, nil) }
  var report: EqualizationReport?
  var chosen = EqualizedForm.all
  if judged.count > 0 {
    let reference = try FloatReference(
      copy network, judged.selecting(.few(of: judged.count, most: 32)), threads: options.threads)
    let without = try noise(of: copy network, plain.part, options, against: reference)
    let seen = calibration.selecting((0..<calibration.count).filter { $0 % judging != judging - 1 })
    var least = Double.infinity
    for (form, scales) in forms {
      let equalized = try calibrate(
        network.scalingChannels(scales), with: seen, method: options.calibrationMethod, threads: options.threads,
        progress: progress)
      let with = try noise(of: network.scalingChannels(scales), equalized.all, options, against: reference)
      guard with < least else { continue }
      (least, chosen) = (with, form)
      report = EqualizationReport(
        groups: scales.count, decibelsWithout: -10 * log10(without), decibelsWith: -10 * log10(with),
        isKept: options.equalization == .on || with < without)
    }
  }
  let scales = network.equalizingForms(plain.all.magnitudes).first { $0.form == chosen }?.scales ?? []
  guard report?.isKept ?? (options.equalization == .on), !scales.isEmpty else { return (network, plain.all, report) }
  let equalized = (consume network).scalingChannels(scales)
  let seen = try calibrate(
    equalized, with: calibration, method: options.calibrationMethod, threads: options.threads, progress: progress)
  return (equalized, seen.all, report)
}

/// Which groups of channels are scaled.
private enum EqualizedForm {
  /// Those behind functions alone: MobileNetV3-Large, trained briefly, gained 2.7 dB from these (rounded to nearest) and lost 2.1 from all.
  case functions
  case all
}

/// One calibration input of so many is kept to judge on: half of them, for with a quarter, EfficientNet-B0 (trained briefly) was judged
/// by photos that none of its outliers showed on.
private let judging = 2

/// The share of the outputs' energy that 8 bits make wrong.
private func noise(
  of network: consuming Network, _ seen: CalibrationResult, _ options: ConversionOptions,
  against reference: FloatReference
) throws(ConversionError) -> Double {
  var rounded = assignQuantization(consume network, seen, options)
  if options.rounding != .nearest {
    rounded = QuantizedNetwork(network: rounded.roundingActivationsAlone(), int8Nodes: [])
  }
  return try reference.compare(consume rounded, threads: options.threads).relativeNoise
}

extension QuantizedNetwork {
  /// Float arithmetic and float weights throughout, with every activation rounded that 8-bit arithmetic would round.
  fileprivate func roundingActivationsAlone() -> Network {
    var result = network
    result.nodes = []
    var replacements: [ValueID: ValueID] = [:]
    func round(_ value: ValueID) {
      guard let quantization = network[value].quantization else { return }
      let rounded = result.addValue(name: network[value].name + "/rounded", shape: network[value].shape)
      result.nodes.append(
        Node(
          name: network[value].name + "/round", operation: .quantizeDequantize(quantization), inputs: [value],
          outputs: [rounded]))
      replacements[value] = rounded
    }
    for index in result.values.indices { result.values[index].quantization = nil }
    for input in network.inputs { round(input) }
    for var node in network.nodes {
      node.inputs = node.inputs.map { replacements[$0] ?? $0 }
      result.nodes.append(node)
      for output in node.outputs { round(output) }
    }
    result.outputs = network.outputs.map { replacements[$0] ?? $0 }
    return result
  }
}

extension Network {
  /// Scales with which channels that share an activation's 256 steps take more of them where they are small: cross-layer
  /// equalization (Nagel and others, "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019), by what
  /// calibration saw of the activations. Weights have a scale for each output channel here, so that theirs would gain nothing.
  ///
  /// - Parameter magnitudes: each channel's largest, of the values of `channelGroups()`.
  /// - Returns: the forms that can be tried; none where no channels can be scaled.
  fileprivate func equalizingForms(
    _ magnitudes: [ValueID: [Float]]
  ) -> [(form: EqualizedForm, scales: [(group: ChannelGroup, divisors: [Float])])] {
    let all = channelGroups().compactMap { group in group.divisors(magnitudes).map { (group, $0) } }
    let behindFunctions = all.filter { !$0.0.functions.isEmpty }
    if all.isEmpty { return [] }
    guard !behindFunctions.isEmpty, behindFunctions.count < all.count else { return [(.all, all)] }
    return [(.functions, behindFunctions), (.all, all)]
  }
}

extension ChannelGroup {
  /// Of a channel's range in shares of the largest channel's: 1 would give all channels the same range, and nothing for what calibration
  /// did not see; besides, the weights that read the channels differ the more. EfficientNet-Lite0's logits came out equally well
  /// with 0.5 and with 1.
  private static let strength = 0.5
  /// A channel that calibration hardly saw may hold anything: it counts as this share of the largest.
  private static let smallest = 1.0 / 4096

  fileprivate func divisors(_ magnitudes: [ValueID: [Float]]) -> [Float]? {
    var largest: [Float] = []
    for value in values {
      guard let seen = magnitudes[value], largest.isEmpty || seen.count == largest.count else { return nil }
      largest = largest.isEmpty ? seen : zip(largest, seen).map(max)
    }
    // A clamp would cut a scaled channel off below where it did. Rare channels, which calibration hardly saw, would lose what they
    // are there for: EfficientNet-Lite0's logits fell from 25.3 to 19.7 dB on photos that calibration had not seen.
    guard let most = largest.max(), most > 0, limit == .infinity else { return nil }
    let divisors = largest.map { pow(max(Double($0 / most), Self.smallest), Self.strength) }
    guard !functions.isEmpty else { return divisors.map(Float.init) }
    // A function is a table for each scale that channels have behind it: whole powers of two are few.
    return divisors.map { Float(exp2(log2($0).rounded())) }
  }
}
