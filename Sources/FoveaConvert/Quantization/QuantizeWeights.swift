import FoveaGraph

/// A layer's weights and bias in 8 and 32 bits, one scale an output channel.
struct QuantizedLayer {
  /// In the order of the float weights, in -127...127.
  var weights: [Int8]
  /// In units of the input's scale times the channel's weight scale; the input's zero point is folded in.
  var bias: [Int32]
  /// The channels' weight scales.
  var scales: [Float]
}

/// Quantizes a layer's weights symmetrically, one scale an output channel: the largest magnitude becomes 127.
///
/// - Parameters:
///   - weights: [outputs][count / outputs].
///   - bias: [outputs], in real units.
///   - input: the quantization of the layer's input.
func quantizeWeights(_ weights: [Float], bias: [Float], input: AffineQuantization) -> QuantizedLayer {
  let outputs = bias.count
  let size = weights.count / outputs
  var layer = QuantizedLayer(weights: [], bias: [], scales: [])
  layer.weights.reserveCapacity(weights.count)
  for output in 0..<outputs {
    let row = weights[(output * size)..<((output + 1) * size)]
    let largest = row.reduce(Float(0)) { max($0, $1.magnitude) }
    // The bias must fit as well: at most 2^30 units of input scale times weight scale.
    let forBias = bias[output].magnitude / (input.scale * Float(1 << 30))
    // A channel of zeros keeps a scale that makes its bias exact enough: one unit is 2^-20 of it.
    let forZeros = max(bias[output].magnitude, 1e-6) / (input.scale * Float(1 << 20))
    let scale = largest == 0 ? forZeros : max(largest / 127, forBias, .leastNormalMagnitude)
    var sum = 0
    for weight in row {
      let q = Int8(max(-127, min(127, (weight / scale).rounded(.toNearestOrEven))))
      layer.weights.append(q)
      sum += Int(q)
    }
    let unit = Double(input.scale) * Double(scale)
    let rounded = Int((Double(bias[output]) / unit).rounded(.toNearestOrEven))
    layer.bias.append(Int32(clamping: rounded - input.zeroPoint * sum))
    layer.scales.append(scale)
  }
  return layer
}
