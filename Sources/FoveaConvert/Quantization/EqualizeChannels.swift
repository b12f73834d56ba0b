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

/// Equalizes a network's channels, if that is asked for and, for `.automatic`, lessens the noise of the outputs.
///
/// Inputs that a form's ranges were made of say nothing about what these ranges cut off of others. So both forms are calibrated on
/// three quarters of the inputs and compared on the rest; what is kept is calibrated on all.
///
/// - Parameter assigned: becomes the equalized network.
/// - Returns: nil where nothing was tried: it was not asked for, no channels can be scaled, or there are too few inputs to compare on.
func equalize(
  _ assigned: inout AssignedNetwork, _ options: ConversionOptions, _ calibration: CalibrationInputs,
  progress: (Int, Int) -> Void
) throws(ConversionError) -> EqualizationReport? {
  guard options.equalization != .off else { return nil }
  let seen = calibration.selecting { $0 % judging != judging - 1 }
  let unseen = calibration.selecting { $0 % judging == judging - 1 }
  var report: EqualizationReport?
  if unseen.count > 0 {
    let plain = try AssignedNetwork(assigned.float, options, seen, progress: progress)
    let scales = plain.float.equalizingDivisors(plain.magnitudes)
    guard !scales.isEmpty else { return nil }
    let equalized = try AssignedNetwork(plain.float.scalingChannels(scales), options, seen, progress: progress)
    let reference = try FloatReference(plain.float, unseen, .few(of: unseen.count), threads: options.threads)
    let without = try plain.noise(against: reference, options)
    let with = try equalized.noise(against: reference, options)
    report = EqualizationReport(
      groups: scales.count, decibelsWithout: -10 * log10(without), decibelsWith: -10 * log10(with),
      isKept: options.equalization == .on || with < without)
  }
  if report?.isKept ?? (options.equalization == .on) {
    let scales = assigned.float.equalizingDivisors(assigned.magnitudes)
    guard !scales.isEmpty else { return nil }
    assigned = try AssignedNetwork(
      assigned.float.scalingChannels(scales), options, calibration, progress: progress)
  }
  return report
}

/// One calibration input of so many is kept to judge on.
private let judging = 4

extension CalibrationInputs {
  fileprivate func selecting(_ isSelected: (Int) -> Bool) -> CalibrationInputs {
    let indices = (0..<count).filter(isSelected)
    return CalibrationInputs(count: indices.count) { index throws(ConversionError) in try load(indices[index]) }
  }
}

extension AssignedNetwork {
  /// The share of the outputs' energy that 8 bits make wrong.
  fileprivate func noise(
    against reference: FloatReference, _ options: ConversionOptions
  ) throws(ConversionError) -> Double {
    let rounded =
      options.rounding == .nearest
      ? quantized : QuantizedNetwork(network: quantized.roundingActivationsAlone(), int8Nodes: [])
    return try reference.compare(rounded, threads: options.threads).relativeNoise
  }
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
  fileprivate func equalizingDivisors(
    _ magnitudes: [ValueID: [Float]]
  ) -> [(group: ChannelGroup, divisors: [Float])] {
    channelGroups().compactMap { group in group.divisors(magnitudes).map { (group, $0) } }
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
    return largest.map { Float(pow(max(Double($0 / most), Self.smallest), Self.strength)) }
  }
}
