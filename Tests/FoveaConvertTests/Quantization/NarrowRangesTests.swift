import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// Values that only a function reads spend their 256 steps where that function changes.
struct NarrowRangesTests {
  /// A convolution, whose outputs are ten times its inputs, and a function of what it makes.
  private func network(_ activation: Activation, isOutput: Bool = false) -> Network {
    var network = Network(source: "net.onnx")
    let shape = [1, 1, 1, 64]
    let x = network.addValue(name: "x", shape: shape)
    let w = network.addConstant(name: "w", Tensor(shape: [1, 1, 1, 1], floats: [10]))
    let b = network.addConstant(name: "b", Tensor(shape: [1], floats: [0]))
    let (middle, y) = (network.addValue(name: "middle", shape: shape), network.addValue(name: "y", shape: shape))
    network.nodes = [
      Node(
        name: "layer", operation: .convolution(Convolution(kernel: Size2D(1, 1))), inputs: [x, w, b], outputs: [middle]),
      Node(name: "function", operation: .activation(activation), inputs: [middle], outputs: [y]),
    ]
    (network.inputs, network.outputs) = ([x], isOutput ? [y, middle] : [y])
    return network
  }

  /// From -3 to 3.
  private let ramp = CalibrationInputs(count: 1) { _ in [(0..<64).map { Float($0) / 63 * 6 - 3 }] }

  private func report(_ network: Network) throws -> QuantizationReport {
    try #require(
      convert(network, options: ConversionOptions(precision: .int8), calibration: ramp, heldBack: ramp).quantization)
  }

  @Test(
    arguments: [
      // (function, what of -30...30 its input needs)
      (.hardSwish, -3.1 ... -2.8, 30...30),
      (.hardSigmoid(alpha: 1 / 6, beta: 0.5), -3.1 ... -2.9, 2.9...3.1),
      (.sigmoid, -8 ... -5.5, 5.5...8),
      (.silu, -7 ... -4, 30...30),
      (.tanh, -5 ... -2.5, 2.5...5),
      (.leakyRelu(alpha: 0.1), -30 ... -29.5, 30...30),
    ] as [(Activation, ClosedRange<Float>, ClosedRange<Float>)])
  func covers(_ activation: Activation, _ low: ClosedRange<Float>, _ high: ClosedRange<Float>) throws {
    let report = try report(network(activation))
    let output = try #require(report.layers[0].output)
    let covered = try #require(output.covered)
    let step = (covered.upperBound - covered.lowerBound) / 255
    #expect(covered.lowerBound >= low.lowerBound - step && covered.lowerBound <= low.upperBound + step)
    #expect(covered.upperBound >= high.lowerBound - step && covered.upperBound <= high.upperBound + step)
    #expect(try #require(output.seen).lowerBound < -29)
    // What is left out on purpose is no clipping, and no error.
    #expect(output.clippedShare == 0)
    #expect(try #require(output.isolated).decibels > 30)
    let result = try #require(report.layers[1].output)
    let whole = try #require(result.covered)
    #expect(
      result.accumulated.noise <= 64 * Double(whole.upperBound - whole.lowerBound) / 255
        * Double(whole.upperBound - whole.lowerBound) / 255)
  }

  /// Where something else reads the value, all of it counts.
  @Test func otherReaders() throws {
    let covered = try #require(report(network(.hardSwish, isOutput: true)).layers[0].output?.covered)
    #expect(covered.lowerBound < -29.8)
  }
}
