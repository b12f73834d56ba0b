import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime

extension QuantizationReport {
  /// Inputs to compare every value on where a budget has compared the outputs on all of them.
  private static let measuredWithBudget = 32

  /// Runs the float network and the quantized one side by side, and compares every value that both make.
  ///
  /// - Parameters:
  ///   - float: the network that `quantized` was made of, node for node.
  ///   - inputs: that calibration did not see.
  ///   - progress: called with the inputs done and the inputs in all.
  /// - Throws: `ConversionError.calibration` where there are no inputs, or they do not fit.
  mutating func measure(
    _ quantized: QuantizedNetwork, float: Network, on inputs: CalibrationInputs, threads: Int,
    progress: (Int, Int) -> Void
  ) throws(ConversionError) {
    guard inputs.count > 0 else { throw .calibration(reason: "there are no inputs to measure on") }
    let exact = try ObservedNetwork(QuantizedNetwork(network: float, int8Nodes: []), threads: threads)
    let rounded = try ObservedNetwork(quantized, threads: threads)
    var statistics = quantized.network.nodes.map { ActivationStatistics($0, in: quantized) }
    var comparison = OutputComparison(of: float)
    let count = mixedPrecision == nil ? inputs.count : min(inputs.count, Self.measuredWithBudget)
    for index in 0..<count {
      let values = try inputs.load(index)
      var floats: [Int: [Float]] = [:]
      try exact.run(values) { node, values in floats[node] = values }
      try rounded.run(values) { node, values in
        guard let exact = floats.removeValue(forKey: node) else { return }
        statistics[node].add(exact, values)
      }
      comparison.add(exact.session.outputValues, rounded.session.outputValues)
      progress(index + 1, count)
    }
    self.comparison = mixedPrecision?.mixed ?? comparison
    var decibels: [ValueID: Double] = [:]
    for (index, node) in quantized.network.nodes.enumerated() {
      let output = statistics[index].result
      layers[index].output = output
      layers[index].inputDecibels = node.inputs.compactMap { decibels[$0] }.min() ?? .infinity
      for value in node.outputs { decibels[value] = output.accumulated.decibels }
      layers[index].suspicions = Suspicion.all(of: layers[index])
    }
  }
}

private func dequantize(_ bytes: [UInt8], _ quantization: AffineQuantization) -> [Float] {
  var values = [Float](repeating: 0, count: bytes.count)
  unsafe fovea_dequantize_u8(bytes, &values, 0, bytes.count, quantization.scale, Int32(quantization.zeroPoint))
  return values
}

private func quantize(_ values: [Float], _ quantization: AffineQuantization) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: values.count)
  unsafe fovea_quantize_u8(values, &bytes, 0, values.count, quantization.scale, Int32(quantization.zeroPoint))
  return bytes
}

/// Gathers one node's `ActivationQuantization`.
private struct ActivationStatistics {
  private let quantization: AffineQuantization?
  /// Beyond it readers tell no values apart; nil where they do everywhere.
  private let narrowed: ValueRange?
  private let channels: Int
  private var measured = ActivationQuantization()
  private var isolated = SignalToNoise()
  private var (count, clipped) = (0, 0)
  /// Each channel's largest magnitude.
  private var largest: [Float]

  init(_ node: Node, in network: QuantizedNetwork) {
    let output = node.outputs.first.map { network.network[$0] }
    quantization = output?.quantization
    narrowed = quantization == nil ? nil : node.outputs.first.flatMap { network.narrowedRanges[$0] }
    let shape = output?.shape ?? []
    channels = shape.count == 4 ? shape[3] : 1
    largest = Array(repeating: 0, count: channels)
    if let quantization {
      measured.covered = quantization.dequantize(0)...quantization.dequantize(255)
    }
  }

  /// - Parameters:
  ///   - exact: of the float network.
  ///   - other: of the 8-bit network.
  mutating func add(_ exact: [Float], _ other: [Float]) {
    let seen = exact
    let exact = narrowed.map { range in exact.map { max(range.min, min(range.max, $0)) } } ?? exact
    measured.accumulated.add(exact, other)
    count += exact.count
    if let quantization, let covered = measured.covered {
      isolated.add(exact, dequantize(quantize(exact, quantization), quantization))
      let (low, high) = (covered.lowerBound - quantization.scale / 2, covered.upperBound + quantization.scale / 2)
      for value in exact where value < low || value > high { clipped += 1 }
    }
    var (low, high) = (measured.seen?.lowerBound ?? .infinity, measured.seen?.upperBound ?? -.infinity)
    var channel = 0
    for value in seen {
      if value.isFinite {
        low = min(low, value)
        high = max(high, value)
        largest[channel] = max(largest[channel], value.magnitude)
      }
      channel = channel + 1 == channels ? 0 : channel + 1
    }
    if low <= high { measured.seen = low...high }
  }

  var result: ActivationQuantization {
    var result = measured
    result.clippedShare = Double(clipped) / Double(max(1, count))
    if quantization != nil { result.isolated = isolated }
    let living = largest.filter { $0 > 0 }.sorted()
    if channels > 1, let most = living.last, let place = largest.firstIndex(of: most) {
      result.channels = ActivationQuantization.Channels(
        count: channels, zeros: channels - living.count, largest: place,
        ratio: Double(most) / Double(living[living.count / 2]))
    }
    return result
  }
}
