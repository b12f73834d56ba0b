import FoveaGraph

/// A layer's weights and bias in 8 and 32 bits, one scale an output channel.
package struct QuantizedLayer {
  /// In the order of the float weights, in -127...127.
  package var weights: [Int8]
  /// In units of the input's scale times the channel's weight scale; the input's zero point is folded in.
  package var bias: [Int32]
  /// The channels' weight scales.
  package var scales: [Float]
}

/// Quantizes a layer's weights symmetrically, one scale an output channel: the largest magnitude becomes 127.
///
/// - Parameters:
///   - weights: [outputs][count / outputs].
///   - bias: [outputs], in real units.
///   - input: the quantization of the layer's input.
///   - terms: the products that a kernel adds for one output, with those that only fill up a group.
package func quantizeWeights(
  _ weights: [Float], bias: [Float], input: AffineQuantization, terms: Int
) -> QuantizedLayer {
  let outputs = bias.count
  let size = weights.count / outputs
  var layer = QuantizedLayer(weights: [], bias: [], scales: [])
  layer.weights.reserveCapacity(weights.count)
  // The bias must fit as well: what 32 bits leave beside the largest sum and the zero point's share of it, in units of
  // input scale times weight scale, and no more than 2^30.
  let room = Double(min(1 << 30, Int(Int32.max) - terms * largestProduct - size * 255 * 127)) * 0.999_999
  let inputScale = Double(input.scale)
  for output in 0..<outputs {
    let row = weights[(output * size)..<((output + 1) * size)]
    let largest = row.reduce(Float(0)) { max($0, $1.magnitude) }
    let forBias = Double(bias[output].magnitude) / (inputScale * room)
    // A channel of zeros keeps a scale that makes its bias exact enough: one unit is 2^-20 of it.
    let forZeros = Double(max(bias[output].magnitude, 1e-6)) / (inputScale * Double(1 << 20))
    let finest = largest == 0 ? max(forZeros, forBias) : max(Double(largest) / 127, forBias)
    let scale = max(Float(finest), .leastNormalMagnitude)
    var sum = 0
    for weight in row {
      let q = Int8(max(-127, min(127, (weight / scale).rounded(.toNearestOrEven))))
      layer.weights.append(q)
      sum += Int(q)
    }
    let unit = inputScale * Double(scale)
    let rounded = Int((Double(bias[output]) / unit).rounded(.toNearestOrEven))
    layer.bias.append(Int32(clamping: rounded - input.zeroPoint * sum))
    layer.scales.append(scale)
  }
  return layer
}

/// The largest product of a u8 activation and an s8 weight.
private let largestProduct = 255 * 128

extension Operation {
  /// The largest magnitude that a sum of an 8-bit convolution or fully connected layer can have, without its bias.
  func largestSum(weights shape: [Int]) -> Int { terms(weights: shape) * largestProduct }

  /// The products that a kernel adds for one output of a convolution or fully connected layer. Kernels round runs of inputs, and
  /// depthwise ones kernel rows, up to groups of 4.
  func terms(weights shape: [Int]) -> Int {
    func roundedUp(_ count: Int) -> Int { (count + 3) / 4 * 4 }
    guard case .convolution(let convolution) = self else { return roundedUp(shape.dropFirst().reduce(1, *)) }
    let (inputs, height, width) = (shape[1], shape[2], shape[3])
    let depthwise = inputs == 1 ? width * roundedUp(height) : 0
    let isRun = convolution.groups == 1 && convolution.dilation.width == 1
    return max(depthwise, isRun ? height * roundedUp(width * inputs) : height * width * roundedUp(inputs))
  }
}
