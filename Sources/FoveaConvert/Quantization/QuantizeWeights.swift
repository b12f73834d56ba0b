import FoveaCore
import FoveaGraph

/// How weights become 8-bit integers.
public enum WeightRounding: String, Hashable, Sendable, CaseIterable {
  /// Each to its nearest step.
  case nearest
  /// One after another, each rounding error made up for by the weights that follow (`roundSecondOrder`).
  case secondOrder = "second-order"
}

/// A layer's weights and bias in 8 and 32 bits, one scale an output channel.
package struct QuantizedLayer: Equatable, Sendable {
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
  for output in 0..<outputs {
    let row = weights[(output * size)..<((output + 1) * size)]
    let largest = row.reduce(Float(0)) { max($0, $1.magnitude) }
    let forBias = finestScale(bias: bias[output], input: input, terms: terms, size: size)
    // A channel of zeros keeps a scale that makes its bias exact enough: one unit is 2^-20 of it.
    let forZeros = Double(max(bias[output].magnitude, 1e-6)) / (Double(input.scale) * Double(1 << 20))
    let finest = largest == 0 ? max(forZeros, forBias) : max(Double(largest) / 127, forBias)
    let scale = max(Float(finest), .leastNormalMagnitude)
    let first = layer.weights.count
    for weight in row {
      layer.weights.append(Int8(max(-127, min(127, (weight / scale).rounded(.toNearestOrEven)))))
    }
    layer.bias.append(quantizeBias(Double(bias[output]), weights: layer.weights[first...], scale: scale, input: input))
    layer.scales.append(scale)
  }
  return layer
}

/// The finest scale of a channel's weights with which its bias fits beside the largest sum and the zero point's share of it
/// in 32 bits (in units of input scale times weight scale), and is no more than 2^30.
func finestScale(bias: Float, input: AffineQuantization, terms: Int, size: Int) -> Double {
  let room = Double(min(1 << 30, Int(Int32.max) - terms * largestProduct - size * 255 * 127)) * 0.999_999
  return Double(bias.magnitude) / (Double(input.scale) * room)
}

/// A channel's bias in units of input scale times weight scale, less what the input's zero point adds to every sum.
func quantizeBias(
  _ bias: Double, weights: some Sequence<Int8>, scale: Float, input: AffineQuantization
) -> Int32 {
  let sum = weights.reduce(0) { $0 + Int($1) }
  let rounded = (bias / (Double(input.scale) * Double(scale))).rounded(.toNearestOrEven)
  return Int32(clamping: Int(max(-1e18, min(1e18, rounded))) - input.zeroPoint * sum)
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
