import FoveaCore
import FoveaGraph

/// Gives what the network's last layers answer the spread and the means that it has in float.
///
/// Noise that 8 bits leave on the way blurs what tells one class from another: the scores of a network that all agree on come out
/// smaller, 14 % for an EfficientNet-B0 that reads letters, and probabilities with them. One factor for all of a layer's outputs, that of
/// the least squares fit of float's to its own, and a shift for each make up for that; they are part of the weights' scales and of the bias,
/// so they cost nothing.
///
/// - Parameters:
///   - quantized: those of its `answeringLayers` that are in 8 bits change.
///   - answers: what these answer in float, by node, one array for each of `inputs` that `Network.answered` names.
///   - progress: called with the runs done and the runs in all.
/// - Throws: `ConversionError` where an input cannot be had.
package func matchAnswers(
  of quantized: inout QuantizedNetwork, _ answers: [Int: [[Float]]], inputs: CalibrationInputs, threads: Int,
  progress: (Int, Int) -> Void = { _, _ in }
) throws(ConversionError) {
  var fits: [Int: AnswerFit] = [:]
  for node in answers.keys { fits[node] = quantized.layers[node].map { AnswerFit(outputs: $0.bias.count) } }
  guard !fits.isEmpty else { return }
  let matched = Set(fits.keys)
  let observed = try ObservedNetwork(quantized, threads: threads)
  let chosen = Network.answered(of: inputs.count)
  for (run, index) in chosen.enumerated() {
    try observed.run(try inputs.load(index), wanted: matched) { node, values in
      if let exact = answers[node], run < exact.count { fits[node]?.add(exact[run], values) }
    }
    progress(run + 1, chosen.count)
  }
  for (node, fit) in fits { quantized.rescale(node, by: fit) }
}

extension Network {
  /// Layers with weights from whose outputs no other layer with weights learns anything, and whose window slides over nothing: one
  /// look at each image. In NHWC.
  var answeringLayers: [Int] {
    var leadOn: Set<ValueID> = []
    var last: [Int] = []
    for (index, node) in nodes.enumerated().reversed() {
      let windows = LayerWindows(of: node, in: self)
      let leadsOn = node.outputs.contains(where: leadOn.contains)
      if let windows, !leadsOn, windows.count == self[node.outputs[0]].shape[0] { last.append(index) }
      if windows != nil || leadsOn { leadOn.formUnion(node.inputs) }
    }
    return last
  }

  /// The calibration inputs whose answers are kept: all their outputs tell of one factor.
  static func answered(of count: Int) -> [Int] { .few(of: count, most: 64) }
}

/// A layer's outputs in float as a factor times those in 8 bits and a shift each.
private struct AnswerFit {
  private var floatSums: [Double]
  private var sums: [Double]
  private var products = 0.0
  private var squares = 0.0
  private var count = 0

  init(outputs: Int) {
    floatSums = Array(repeating: 0, count: outputs)
    sums = floatSums
  }

  mutating func add(_ floats: [Float], _ values: [Float]) {
    // Images of a batch follow each other.
    for first in stride(from: 0, through: min(floats.count, values.count) - sums.count, by: max(1, sums.count)) {
      for output in sums.indices {
        let (float, value) = (Double(floats[first + output]), Double(values[first + output]))
        floatSums[output] += float
        sums[output] += value
        products += float * value
        squares += value * value
      }
      count += 1
    }
  }

  /// Values beyond each output's mean that one factor is not drawn from: two inputs of a network with one output fit any.
  private static let leastFreedom = 32

  /// The factor and the shifts; nil where outputs are few or do not change, or have little in common with float's.
  var result: (factor: Double, shifts: [Double])? {
    let n = Double(count)
    let covariance = products - zip(floatSums, sums).reduce(0) { $0 + $1.0 * $1.1 } / n
    let variance = squares - sums.reduce(0) { $0 + $1 * $1 } / n
    let factor = covariance / variance
    guard (count - 1) * sums.count >= Self.leastFreedom, factor > 0.5, factor < 2 else { return nil }
    return (factor, zip(floatSums, sums).map { ($0 - factor * $1) / n })
  }
}

extension QuantizedNetwork {
  /// Multiplies a layer's outputs and shifts them, but for those whose sums would leave 32 bits.
  fileprivate mutating func rescale(_ index: Int, by fit: AnswerFit) {
    guard let (factor, shifts) = fit.result, var layer = layers[index] else { return }
    let limits = SumLimits(of: network.nodes[index], in: network)
    for output in layer.scales.indices {
      let scale = Float(Double(layer.scales[output]) * factor)
      let shift = (shifts[output] / (limits.inputScale * Double(scale))).rounded(.toNearestOrEven)
      guard scale >= .leastNormalMagnitude, scale.isFinite, shift.magnitude < Double(Int32.max) else { continue }
      let bias = Int32(clamping: Int(layer.bias[output]) + Int(shift))
      guard limits.allow(bias: bias, scale: scale) else { continue }
      (layer.scales[output], layer.bias[output]) = (scale, bias)
    }
    layers[index] = layer
  }
}
