import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Glibc
import Testing

/// What a conversion tells of the cost of 8 bits, against what can be seen from outside.
struct QuantizationReportTests {
  private static let pixels = 16

  /// Two 1x1 convolutions of 4 channels: the first multiplies them by `factors`, the second adds them up.
  private func network(_ factors: [Float], last: Float = 1) -> Network {
    var network = Network(source: "net.onnx")
    let shape = [1, 4, 1, Self.pixels]
    let x = network.addValue(name: "x", shape: shape)
    let w = network.addConstant(
      name: "w", Tensor(shape: [4, 4, 1, 1], floats: (0..<16).map { $0 % 5 == 0 ? factors[$0 / 4] : 0 }))
    let b = network.addConstant(name: "b", Tensor(shape: [4], floats: [0, 0, 0, 0]))
    let middle = network.addValue(name: "middle", shape: shape)
    let sums = network.addConstant(name: "v", Tensor(shape: [1, 4, 1, 1], floats: [1, 2, 3, last]))
    let zero = network.addConstant(name: "c", Tensor(shape: [1], floats: [0]))
    let y = network.addValue(name: "y", shape: [1, 1, 1, Self.pixels])
    let convolution = FoveaGraph.Operation.convolution(Convolution(kernel: Size2D(1, 1)))
    network.nodes = [
      Node(name: "first", operation: convolution, inputs: [x, w, b], outputs: [middle]),
      Node(name: "second", operation: convolution, inputs: [middle, sums, zero], outputs: [y]),
    ]
    (network.inputs, network.outputs) = ([x], [y])
    return network
  }

  /// Every channel rises from 0 to `top`.
  private func ramp(to top: Float) -> CalibrationInputs {
    let row = (0..<Self.pixels).map { top * Float($0) / Float(Self.pixels - 1) }
    return CalibrationInputs(count: 1) { _ in [row + row + row + row] }
  }

  private func report(
    _ network: Network, calibration: CalibrationInputs, heldBack: CalibrationInputs?
  ) throws -> QuantizationReport {
    try #require(
      convert(
        network, options: ConversionOptions(precision: .int8, rounding: .nearest, equalization: .off),
        calibration: calibration,
        heldBack: heldBack
      ).quantization)
  }

  @Test(arguments: ["inverted_residual_13", "conv_1x1_13"], [WeightRounding.nearest, .secondOrder])
  func outputsAreThoseOfTheFiles(_ name: String, _ rounding: WeightRounding) throws {
    let fixture = try Fixture(name)
    let inputs = fixture.variants(7)
    let (seen, heldBack) = (inputs[..<4], inputs[4...])
    let calibration = CalibrationInputs(count: seen.count) { seen[$0] }
    let options = ConversionOptions(precision: .int8, rounding: rounding)
    let result = try convert(
      fixture.network, options: options, calibration: calibration,
      heldBack: CalibrationInputs(count: heldBack.count) { heldBack[4 + $0] })
    #expect(
      try convert(fixture.network, options: options, calibration: calibration).bytes == result.bytes,
      "measuring changes nothing")
    let report = try #require(result.quantization)
    let comparison = try #require(report.comparison)
    #expect(comparison.inputs == 3)

    let float = try Session(
      Model(bytes: convert(fixture.network, options: ConversionOptions(precision: .float)).bytes))
    let int8 = try Session(Model(bytes: result.bytes))
    var (signal, noise) = (0.0, 0.0)
    for input in heldBack {
      for (exact, other) in zip(try float.outputs(input)[0], try int8.outputs(input)[0]) {
        signal += Double(exact) * Double(exact)
        noise += Double(other - exact) * Double(other - exact)
      }
    }
    let expected = 10 * log10(signal / noise)
    #expect(abs(comparison.outputs[0].decibels - expected) < 1e-3)
    #expect(report.layers.count == result.nodes)
    #expect(report.layers.filter(\.isInt8).count == result.int8Nodes)
    let last = try #require(report.layers.last?.output)
    #expect(abs(last.accumulated.decibels - expected) < 1e-3)
  }

  @Test func rangesAndChannels() throws {
    let report = try report(network([1, 1, 100, 0]), calibration: ramp(to: 1), heldBack: ramp(to: 2))
    let first = report.layers[0]
    #expect(first.name == "first" && first.operation == "Conv" && first.isInt8)
    let output = try #require(first.output)
    #expect(output.seen == 0...200)
    let covered = try #require(output.covered)
    #expect(abs(covered.upperBound - 100) < 0.01 && covered.lowerBound == 0)
    // Of the large channel alone, pixels from 8 on are above 1.
    #expect(output.clippedShare == 8.0 / 64)
    #expect(output.channels == .init(count: 4, zeros: 1, largest: 2, ratio: 100))
    #expect(first.suspicions.contains(.clipping(share: 0.125)))
    #expect(first.suspicions.contains(.wideChannel(index: 2, ratio: 100)))
    #expect(first.suspicions.contains(.deadChannels(count: 1, of: 4)))
    #expect(first.weights?.zeroChannels == 1)
    guard case .loss(let before, _) = try #require(first.suspicions.first) else {
      Issue.record("half of the input is cut off: \(first.suspicions)")
      return
    }
    #expect(before == .infinity)
    #expect(report.layers[1].inputDecibels == output.accumulated.decibels)
    // The clipped middle is made and read by these two: in float together they lose nothing.
    let trial = try #require(first.inFloat)
    #expect(trial.group == [0, 1] && trial.decibels > 60)
    #expect(report.suspicious.first == 0)
    #expect(report.floatBytes == (16 + 4 + 4 + 1) * 4)
  }

  /// An activation by itself: 256 steps over a ramp leave errors of at most half a step.
  @Test func isolatedErrors() throws {
    let report = try report(network([1, 1, 1, 1]), calibration: ramp(to: 1), heldBack: ramp(to: 1))
    let output = try #require(report.layers[0].output)
    let isolated = try #require(output.isolated)
    #expect(output.clippedShare == 0)
    #expect(isolated.noise <= Double(4 * Self.pixels) * (0.5001 / 255) * (0.5001 / 255))
    #expect(output.accumulated.decibels > 40)
    #expect(report.layers.allSatisfy { $0.suspicions.isEmpty })
    #expect(report.suspicious.isEmpty)
    // The second layer's sums stay float: nothing of its own is rounded.
    #expect(report.layers[1].output?.isolated == nil)
    #expect(report.layers[1].output?.covered == nil)
  }

  @Test func weightErrors() throws {
    var random = Random(seed: 5)
    let factors = random.floats(4, 0.5, 1)
    let report = try report(network(factors, last: 0.337), calibration: ramp(to: 1), heldBack: nil)
    #expect(report.comparison == nil && report.layers.allSatisfy { $0.output == nil })
    // One weight a channel is exact; of [1, 2, 3, 0.337] the largest becomes 127.
    #expect(try #require(report.layers[0].weights).signalToNoise.decibels > 100)
    let weights: [Double] = [1, 2, 3, 0.337]
    let noise = weights.map { weight in
      let error = (weight * 127 / 3).rounded(.toNearestOrEven) * 3 / 127 - weight
      return error * error
    }.reduce(0, +)
    let expected = 10 * log10(weights.map { $0 * $0 }.reduce(0, +) / noise)
    #expect(abs(try #require(report.layers[1].weights).signalToNoise.decibels - expected) < 0.01)
  }

  @Test func whatStaysFloat() throws {
    let report = try report(network([1, 1, 1, 1], last: .infinity), calibration: ramp(to: 1), heldBack: ramp(to: 1))
    #expect(!report.layers[1].isInt8)
    #expect(report.layers[1].suspicions.contains(.float(macs: 4 * Self.pixels)))
    #expect(report.layers[1].weights == nil)
  }

  @Test func classifiers() throws {
    // One image of 16 places is a list of 16 scores: the largest is the last, whatever is cut off.
    let report = try report(network([1, 1, 1, 1]), calibration: ramp(to: 1), heldBack: ramp(to: 0.9))
    #expect(report.comparison?.agreeing == 1)
    // Cut off at half, the last 8 are equal, and the first of them wins.
    let cut = try self.report(network([1, 1, 1, 1]), calibration: ramp(to: 1), heldBack: ramp(to: 2))
    #expect(cut.comparison?.agreeing == 0)
  }

  @Test func nothingHeldBack() throws {
    #expect(throws: ConversionError.calibration(reason: "there are no inputs to measure on")) {
      try report(
        network([1, 1, 1, 1]), calibration: ramp(to: 1), heldBack: CalibrationInputs(count: 0) { _ in [] })
    }
  }
}
