import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Glibc
import Testing

/// A budget of accuracy against what the models themselves compute: it is met, with no more float than that takes.
struct MixedPrecisionTests {
  private static let channels = 8
  private static let side = 6

  /// Something large is added and taken away again: its 256 steps are so coarse that they drown what is left, and nothing else
  /// is wrong. The convolutions around it do well in 8 bits.
  private static func detour(factor: Float = 100) throws -> Network {
    var random = Random(seed: 3)
    var network = Network(source: "detour.onnx")
    let shape = [1, channels, side, side]
    let x = network.addValue(name: "x", shape: shape)
    func layer(_ name: String, _ input: ValueID, factor: Float) -> ValueID {
      let w = network.addConstant(
        name: "\(name).w",
        Tensor(shape: [channels, channels, 1, 1], floats: random.floats(channels * channels).map { $0 * factor }))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [channels], floats: random.floats(channels)))
      let y = network.addValue(name: name, shape: shape)
      network.nodes.append(
        Node(
          name: name, operation: .convolution(Convolution(kernel: Size2D(1, 1))), inputs: [input, w, b], outputs: [y]))
      return y
    }
    func combine(_ name: String, _ operation: Binary.Operator, _ a: ValueID, _ b: ValueID) -> ValueID {
      let y = network.addValue(name: name, shape: shape)
      network.nodes.append(Node(name: name, operation: .binary(Binary(operation)), inputs: [a, b], outputs: [y]))
      return y
    }
    let small = layer("small", x, factor: 1)
    let large = layer("large", x, factor: factor)
    let sum = combine("there", .add, small, large)
    let rest = combine("back", .subtract, sum, large)
    let y = layer("last", rest, factor: 1)
    (network.inputs, network.outputs) = ([x], [y])
    return network
  }

  private static func inputs(_ count: Int, seed: UInt64) -> CalibrationInputs {
    var random = Random(seed: seed)
    let inputs = (0..<count).map { _ in [random.floats(channels * side * side)] }
    return CalibrationInputs(count: count) { inputs[$0] }
  }

  private func result(
    _ network: Network, _ budget: AccuracyBudget?, rounding: WeightRounding = .nearest,
    heldBack: CalibrationInputs? = inputs(5, seed: 2), threads: Int = 1
  ) throws -> ConversionResult {
    try convert(
      network,
      options: ConversionOptions(
        precision: .int8, rounding: rounding, equalization: .off, budget: budget, threads: threads),
      calibration: Self.inputs(12, seed: 1), heldBack: heldBack)
  }

  /// Decibels of a model file's output against the float network's, on the held-back inputs.
  private func decibels(_ bytes: [UInt8], _ network: Network) throws -> Double {
    let float = try Session(Model(bytes: convert(network, options: ConversionOptions(precision: .float)).bytes))
    let other = try Session(Model(bytes: bytes))
    let heldBack = Self.inputs(5, seed: 2)
    var (signal, noise) = (0.0, 0.0)
    for index in 0..<heldBack.count {
      let values = try heldBack.load(index)
      for (exact, found) in zip(try float.outputs(values)[0], try other.outputs(values)[0]) {
        signal += Double(exact) * Double(exact)
        noise += Double(found - exact) * Double(found - exact)
      }
    }
    return 10 * log10(signal / noise)
  }

  /// The sums alone, together, are what helps: convolutions stay in 8 bits.
  @Test func findsTheCulprits() throws {
    let network = try Self.detour()
    let plain = try result(network, nil)
    #expect(try decibels(plain.bytes, network) < 20)
    let mixed = try result(network, .signalToNoise(decibels: 28))
    #expect(try decibels(mixed.bytes, network) >= 28)
    let report = try #require(mixed.quantization)
    #expect(report.layers.filter { !$0.isInt8 }.map(\.name) == ["there", "back"])
    #expect(report.layers.filter { !$0.isInt8 }.allSatisfy { $0.isFloatByChoice && $0.suspicions.isEmpty })
    #expect(mixed.int8Nodes == 3)
    let found = try #require(report.mixedPrecision)
    #expect(found.layers.map(\.index) == [2, 3])
    for layer in found.layers {
      #expect(layer.group.contains(layer.index))
      #expect(layer.decibels > 5)
      #expect(layer.floatMilliseconds > 0 && layer.int8Milliseconds > 0)
    }
    // One of them alone takes nothing away, for the rounding is between them.
    for index in 2...3 { #expect(try #require(found.sensitivities[index]).magnitude < 3) }
    #expect(found.trials > 5)
    #expect(found.int8Milliseconds > 0 && found.mixedMilliseconds > 0)
    #expect(abs(found.int8.outputs[0].decibels - (try decibels(plain.bytes, network))) < 1e-3)
    #expect(abs(found.mixed.outputs[0].decibels - (try decibels(mixed.bytes, network))) < 1e-3)
    #expect(report.comparison?.outputs[0].decibels == found.mixed.outputs[0].decibels)
  }

  /// Behind the drowned sums, second-order rounding makes up for errors that are gone once these are float: weights are rounded
  /// again, and the layer stays in 8 bits.
  @Test func roundsWeightsForWhatStaysFloat() throws {
    let network = try Self.detour(factor: 3000)
    let plain = try result(network, nil, rounding: .secondOrder)
    #expect(try decibels(plain.bytes, network) < 1)
    let mixed = try result(network, .signalToNoise(decibels: 25), rounding: .secondOrder)
    #expect(try decibels(mixed.bytes, network) >= 25)
    #expect(try #require(mixed.quantization).layers.filter { !$0.isInt8 }.map(\.name) == ["there", "back"])
  }

  @Test(arguments: [5.0, 20, 28, 35, 45])
  func isMetAndNotExceededByWholeLayers(_ budget: Double) throws {
    let network = try Self.detour()
    let mixed = try result(network, .signalToNoise(decibels: budget))
    #expect(try decibels(mixed.bytes, network) >= budget)
    #expect(mixed.nodes == 5)
    // More accuracy never takes fewer layers here, where errors hardly depend on each other.
    let easier = try result(network, .signalToNoise(decibels: budget - 5))
    #expect(easier.int8Nodes >= mixed.int8Nodes)
  }

  /// 8 bits are good enough: nothing is tried, and nothing is changed.
  @Test func nothingNeeded() throws {
    let network = try Self.detour()
    let plain = try result(network, nil)
    let mixed = try result(network, .signalToNoise(decibels: 1))
    #expect(mixed.bytes == plain.bytes)
    let found = try #require(mixed.quantization?.mixedPrecision)
    #expect(found.layers.isEmpty && found.trials == 0 && found.sensitivities.isEmpty)
  }

  /// No budget is too tight: all in float, nothing is lost.
  @Test func everythingNeeded() throws {
    let network = try Self.detour()
    let mixed = try result(network, .signalToNoise(decibels: 100))
    #expect(mixed.int8Nodes == 0)
    #expect(try decibels(mixed.bytes, network) >= 100)
  }

  @Test func bytesDoNotDependOnThreads() throws {
    let network = try Self.detour()
    let one = try result(network, .signalToNoise(decibels: 35)).bytes
    for threads in 2...3 {
      #expect(try result(network, .signalToNoise(decibels: 35), threads: threads).bytes == one)
    }
  }

  /// Depthwise layers, clamps, pools and residual sums: whatever of them stays in float, the budget is met.
  @Test(arguments: ["inverted_residual_13", "classifier_head_13", "conv_depthwise_3x3_13"])
  func fixtures(_ name: String) throws {
    let fixture = try Fixture(name)
    let inputs = fixture.variants(8)
    func mixed(_ decibels: Double) throws -> ConversionResult {
      try convert(
        fixture.network,
        options: ConversionOptions(precision: .int8, budget: .signalToNoise(decibels: decibels)),
        calibration: CalibrationInputs(count: 4) { inputs[$0] },
        heldBack: CalibrationInputs(count: 4) { inputs[4 + $0] })
    }
    let int8 = try #require(try mixed(-100).quantization?.mixedPrecision).int8
    for gain in [1.0, 6, 20] {
      let budget = int8.outputs[0].decibels + gain
      let found = try #require(try mixed(budget).quantization?.mixedPrecision)
      #expect(found.mixed.outputs.allSatisfy { $0.decibels >= budget })
      #expect(!found.layers.isEmpty)
    }
  }

  @Test func answers() throws {
    // Scores: one image of so many places in a row.
    var network = Network(source: "scores.onnx")
    let x = network.addValue(name: "x", shape: [1, 16])
    var random = Random(seed: 9)
    // Every score is nearly the same: rounding decides some of the answers.
    let common = random.floats(16)
    let w = network.addConstant(
      name: "w",
      Tensor(shape: [10, 16], floats: random.floats(160, -0.03, 0.03).enumerated().map { $1 + common[$0 % 16] }))
    let y = network.addValue(name: "y", shape: [1, 10])
    network.nodes = [
      Node(name: "scores", operation: .fullyConnected(FullyConnected()), inputs: [x, w], outputs: [y])
    ]
    (network.inputs, network.outputs) = ([x], [y])
    let inputs = (0..<400).map { _ in [random.floats(16)] }
    func mixed(_ share: Double) throws -> (result: ConversionResult, found: MixedPrecision) {
      let result = try convert(
        network, options: ConversionOptions(precision: .int8, budget: .otherAnswers(share: share)),
        calibration: CalibrationInputs(count: 20) { inputs[$0] },
        heldBack: CalibrationInputs(count: 380) { inputs[20 + $0] })
      return (result, try #require(result.quantization?.mixedPrecision))
    }
    let loose = try mixed(0.5)
    let agreeing = try #require(loose.found.int8.agreeing)
    #expect(loose.found.layers.isEmpty && agreeing < 380 && agreeing > 190)
    // The leads of the answers tell about as many as there are.
    let expected = try #require(loose.found.int8.expectedAgreeing)
    #expect(abs(expected - Double(agreeing)) < 0.05 * 380)
    // As many other answers as 8 bits give and let expect are within the budget; one less is not.
    let others = 380 - min(Double(agreeing), expected)
    #expect(try mixed((others + 0.001) / 380).found.layers.isEmpty)
    let tight = try mixed((others - 1) / 380)
    #expect(tight.found.layers.map(\.index) == [0])
    #expect(tight.result.int8Nodes == 0 && tight.found.mixed.agreeing == 380)
    #expect(tight.found.mixed.expectedAgreeing == 380)
  }

  @Test func refusals() throws {
    let network = try Self.detour()
    #expect(throws: ConversionError.self) {
      try result(network, .otherAnswers(share: 0.1))  // The output is an image.
    }
    #expect(throws: ConversionError.calibration(reason: "a budget of accuracy needs inputs held back to measure on")) {
      try result(network, .signalToNoise(decibels: 10), heldBack: nil)
    }
    #expect(throws: ConversionError.calibration(reason: "there are no inputs to measure on")) {
      try result(network, .signalToNoise(decibels: 10), heldBack: CalibrationInputs(count: 0) { _ in [] })
    }
  }
}
