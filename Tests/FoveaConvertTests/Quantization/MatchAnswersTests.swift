import FoveaConvert
import FoveaGraph
import FoveaRuntime
import Testing

/// The last layers' outputs get float's spread and means.
struct MatchAnswersTests {
  private static let (channels, outputs) = (24, 10)

  /// Two fully connected layers with a clamp between them, in 8 bits, inputs for them, and what the last answers in float.
  private func networks() throws -> (quantized: QuantizedNetwork, answers: [Int: [[Float]]], inputs: CalibrationInputs)
  {
    var random = Random(seed: 1)
    var network = Network(source: "two layers")
    let x = network.addValue(name: "x", shape: [1, Self.channels])
    var input = x
    for (name, count, clamp) in [("first", Self.channels, Clamp(min: 0, max: 6)), ("last", Self.outputs, .none)] {
      let w = network.addConstant(
        name: "w", Tensor(shape: [count, Self.channels], floats: random.floats(count * Self.channels)))
      let b = network.addConstant(name: "b", Tensor(shape: [count], floats: random.floats(count)))
      let y = network.addValue(name: name, shape: [1, count])
      network.nodes.append(
        Node(
          name: name, operation: .fullyConnected(FullyConnected(clamp: clamp)), inputs: [input, w, b], outputs: [y]))
      input = y
    }
    (network.inputs, network.outputs) = ([x], [input])
    let values = (0..<32).map { _ in [random.floats(Self.channels)] }
    let ranges = [
      x: ValueRange(min: -1, max: 1), network.nodes[0].outputs[0]: ValueRange(min: 0, max: 6),
      input: ValueRange(min: -60, max: 60),
    ]
    let float = try Session(Model(bytes: convert(network, options: ConversionOptions(precision: .float)).bytes))
    let answers = try [1: values.map { try float.outputs($0)[0] }]
    let quantized = assignQuantization(try convertLayoutToNHWC(network), ranges: ranges, inputRange: nil)
    return (quantized, answers, CalibrationInputs(count: values.count) { values[$0] })
  }

  @Test func spreadAndMeansComeBack() throws {
    let (sound, answers, inputs) = try networks()
    var shrunken = sound
    let layer = try #require(sound.layers[1])
    let units = try #require(sound.network[sound.network.nodes[1].inputs[0]].quantization).scale
    shrunken.layers[1]?.scales = layer.scales.map { 0.8 * $0 }
    shrunken.layers[1]?.bias[3] += Int32(2 / (layer.scales[3] * units))
    try matchAnswers(of: &shrunken, answers, inputs: inputs, threads: 1)
    let matched = try #require(shrunken.layers[1])
    #expect(matched.weights == layer.weights)
    for output in 0..<Self.outputs {
      #expect((matched.scales[output] / layer.scales[output] - 1).magnitude < 0.02)
      let real = Float(matched.bias[output]) * matched.scales[output] * units
      #expect((real - Float(layer.bias[output]) * layer.scales[output] * units).magnitude < 0.1)
    }
    // Others have readers that make up for them.
    #expect(shrunken.layers[0] == sound.layers[0])
  }

  /// Outputs that have nothing in common with float's, or never change, say nothing about a factor.
  @Test func strangersAreLeftAlone() throws {
    let (sound, answers, inputs) = try networks()
    var opposite = sound
    opposite.layers[1]?.weights = try #require(sound.layers[1]).weights.map { -$0 }
    let before = opposite.layers
    try #require(before.count == 2)
    try matchAnswers(of: &opposite, answers, inputs: inputs, threads: 1)
    #expect(opposite.layers == before)

    var still = sound
    still.layers[1]?.weights = Array(repeating: 0, count: Self.outputs * Self.channels)
    let silent = still.layers
    try matchAnswers(of: &still, answers, inputs: inputs, threads: 1)
    #expect(still.layers == silent)
  }

  /// A layer in float has nothing to be matched, nor has a network without layers.
  @Test func floatLayersStay() throws {
    let (sound, answers, inputs) = try networks()
    var mixed = sound
    mixed.int8Nodes = [0]
    mixed.layers[1] = nil
    let before = mixed.layers
    try matchAnswers(of: &mixed, answers, inputs: inputs, threads: 1)
    #expect(mixed.layers == before)
  }
}
