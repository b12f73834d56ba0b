import FoveaConvert
import FoveaGraph
import Testing

/// Weights become -127...127 with one scale a channel; bias and zero point become one 32-bit number, which fits beside any sum.
struct QuantizeWeightsTests {
  private let input = AffineQuantization(scale: 0.02, zeroPoint: 100)

  /// What quantized numbers stand for.
  private func real(_ layer: QuantizedLayer, size: Int) -> [Double] {
    layer.weights.enumerated().map { Double($1) * Double(layer.scales[$0 / size]) }
  }

  @Test func roundsToHalfAStep() {
    var random = Random(seed: 3)
    let weights = random.floats(16 * 37, -2, 3)
    let bias = random.floats(16)
    let layer = quantizeWeights(weights, bias: bias, input: input, terms: 40)
    #expect(layer.scales.count == 16 && layer.bias.count == 16)
    for (index, (exact, quantized)) in zip(weights, real(layer, size: 37)).enumerated() {
      #expect((Double(exact) - quantized).magnitude <= Double(layer.scales[index / 37]) * 0.5001)
    }
    for channel in 0..<16 {
      let row = layer.weights[(channel * 37)..<((channel + 1) * 37)]
      #expect(row.map { Int($0).magnitude }.max() == 127)
      // An input of zeros, which are zero points, gives the bias.
      let sum = Int(layer.bias[channel]) + input.zeroPoint * row.reduce(0) { $0 + Int($1) }
      let unit = Double(input.scale) * Double(layer.scales[channel])
      #expect((Double(sum) * unit - Double(bias[channel])).magnitude <= unit * 0.5001)
    }
  }

  @Test(arguments: [0, 1e-30, 1, -2.5, 1e6] as [Float])
  func channelsOfZerosKeepTheirBias(_ bias: Float) {
    let layer = quantizeWeights(Array(repeating: 0, count: 9), bias: [bias], input: input, terms: 12)
    #expect(layer.weights == Array(repeating: 0, count: 9))
    let value = Double(layer.bias[0]) * Double(input.scale) * Double(layer.scales[0])
    #expect((value - Double(bias)).magnitude <= max(1e-6 * Double(bias.magnitude), 1e-11))
  }

  /// |sum of products| + |bias| stays below 2^31, also for biases that the weights cannot balance: the channel's scale grows.
  @Test(
    arguments: [1, 9, 576, 16384, 32768],
    [(1, 0), (1, 1), (1, 1e4), (1e-12, 1), (1e-30, -1e3), (-1, 1e9), (1e-38, 1e-38)] as [(Float, Float)])
  func biasFits(_ size: Int, _ values: (weight: Float, bias: Float)) {
    for zeroPoint in [0, 255] {
      for scale in [1e-30, 1e-6, 0.02, 1e30] as [Float] {
        let input = AffineQuantization(scale: scale, zeroPoint: zeroPoint)
        let terms = (size + 3) / 4 * 4
        let layer = quantizeWeights(
          Array(repeating: values.weight, count: size), bias: [values.bias], input: input, terms: terms)
        #expect(terms * 255 * 128 + Int(layer.bias[0].magnitude) < Int(Int32.max))
      }
    }
  }
}
