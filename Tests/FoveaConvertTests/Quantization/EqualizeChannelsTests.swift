import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// Channels scaled together: which can be, and that the network computes what it did.
struct EqualizeChannelsTests {
  private func outputs(_ network: Network, _ inputs: [[Float]]) throws -> [[Float]] {
    try Session(Model(bytes: convert(network, options: ConversionOptions(precision: .float)).bytes)).outputs(inputs)
  }

  /// expand (ReLU6), depthwise (ReLU6), project, and a sum with the input: two groups, and the sum is none, for it holds the
  /// network's input.
  @Test func invertedResidual() throws {
    let network = try applyPasses(to: Fixture("inverted_residual_13").network)
    let groups = network.channelGroups()
    func kinds(_ nodes: [Int]) -> [String] {
      nodes.map { node in
        guard case .convolution(let convolution) = network.nodes[node].operation else { return "other" }
        return convolution.groups > 1 ? "depthwise" : "pointwise"
      }
    }
    #expect(groups.map { kinds($0.makers) } == [["pointwise"], ["depthwise"]])
    #expect(groups.map { kinds($0.readers) } == [["depthwise"], ["pointwise"]])
    #expect(groups.allSatisfy { $0.values.count == 1 && $0.limit == 6 })
  }

  /// A squeeze-and-excite block, a residual stage, a pool and a reshape, and what ends a group: a function, a concatenation.
  private func stage() -> Network {
    var random = Random(seed: 4)
    var network = Network(source: "stage.onnx", layout: .nchw)
    let image = [1, 6, 8, 8]
    let x = network.addValue(name: "x", shape: image)
    func add(_ name: String, _ operation: FoveaGraph.Operation, _ inputs: [ValueID], _ shape: [Int]) -> ValueID {
      let y = network.addValue(name: name, shape: shape)
      network.nodes.append(Node(name: name, operation: operation, inputs: inputs, outputs: [y]))
      return y
    }
    func layer(
      _ name: String, _ input: ValueID, _ inputs: Int, _ outputs: Int, _ shape: [Int], groups: Int = 1,
      clamp: Clamp = .none
    ) -> ValueID {
      let w = network.addConstant(
        name: "\(name).w",
        Tensor(shape: [outputs, inputs / groups, 1, 1], floats: random.floats(outputs * inputs / groups)))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [outputs], floats: random.floats(outputs)))
      return add(
        name, .convolution(Convolution(kernel: Size2D(1, 1), groups: groups, clamp: clamp)), [input, w, b], shape)
    }
    let relu = Clamp(min: 0, max: .infinity)
    let first = layer("first", x, 6, 6, image)
    let expanded = layer("expand", first, 6, 12, [1, 12, 8, 8], clamp: relu)
    let mean = add("mean", .globalAveragePool, [expanded], [1, 12, 1, 1])
    let squeezed = layer("squeeze", mean, 12, 3, [1, 3, 1, 1], clamp: relu)
    let excited = layer("excite", squeezed, 3, 12, [1, 12, 1, 1])
    let gate = add("gate", .activation(.sigmoid), [excited], [1, 12, 1, 1])
    let gated = add("gated", .binary(Binary(.multiply)), [expanded, gate], [1, 12, 8, 8])
    let grouped = layer("grouped", gated, 12, 12, [1, 12, 8, 8], groups: 3)
    let projected = layer("project", grouped, 12, 6, image)
    let sum = add("sum", .binary(Binary(.add)), [first, projected], image)
    let pooled = add("pool", .maxPool(Pooling(kernel: Size2D(2, 2), stride: Size2D(2, 2))), [sum], [1, 6, 4, 4])
    let wide = layer("wide", pooled, 6, 8, [1, 8, 4, 4])
    let swish = add("swish", .activation(.hardSwish), [wide], [1, 8, 4, 4])
    let average = add("average", .globalAveragePool, [swish], [1, 8, 1, 1])
    let row = add("row", .reshape([1, 8]), [average], [1, 8])
    let w = network.addConstant(name: "w", Tensor(shape: [5, 8], floats: random.floats(40)))
    let y = add("y", .fullyConnected(FullyConnected()), [row, w], [1, 5])
    (network.inputs, network.outputs) = ([x], [y])
    return network
  }

  @Test func groups() throws {
    let network = try applyPasses(to: stage())
    let names = network.channelGroups().map { group in
      [group.makers + group.functions, group.readers].map { $0.map { network.nodes[$0].name } }
    }
    #expect(
      names == [
        // The sum ties the first layer's channels to the last one's.
        [["first", "project"], ["expand", "wide"]],
        [["expand"], ["squeeze", "grouped"]],
        [["squeeze"], ["excite"]],
        [["grouped"], ["project"]],
        // Behind the function, not before it.
        [["swish"], ["y"]],
      ])
  }

  @Test func outputsStay() throws {
    let network = stage()
    var random = Random(seed: 5)
    let scaled = network.scalingChannels(
      network.channelGroups().map { group in
        (group, random.floats(network[group.values[0]].shape[1], 1, 16))
      })
    let changed = zip(network.constants.sorted { $0.key < $1.key }, scaled.constants.sorted { $0.key < $1.key })
      .filter { $0.value != $1.value }
    #expect(changed.count >= 4)
    #expect(scaled.nodes.contains { $0.name == "swish" && $0.inputs.count == 2 })
    let values = (0..<network[network.inputs[0]].shape.reduce(1, *)).map { Float($0 % 37) / 18 - 1 }
    let (exact, found) = (try outputs(network, [values])[0], try outputs(scaled, [values])[0])
    let largest = exact.map(\.magnitude).max() ?? 0
    #expect(largest > 0.01)
    for (x, y) in zip(exact, found) { #expect((x - y).magnitude <= 1e-5 * largest) }
  }

  /// Two channels of a layer with a clamp or without, one of which calibration hardly saw: 0 to 6, and 0 to 0.001.
  private func rare(clamp: Clamp) throws -> (network: Network, calibration: CalibrationInputs) {
    var network = Network(source: "rare.onnx", layout: .nchw)
    let shape = [1, 2, 1, 1]
    func layer(_ name: String, _ input: ValueID, _ clamp: Clamp) -> ValueID {
      let w = network.addConstant(name: "\(name).w", Tensor(shape: [2, 2, 1, 1], floats: [1, 0, 0, 1]))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [2], floats: [0, 0]))
      let y = network.addValue(name: name, shape: shape)
      network.nodes.append(
        Node(
          name: name, operation: .convolution(Convolution(kernel: Size2D(1, 1), clamp: clamp)), inputs: [input, w, b],
          outputs: [y]))
      return y
    }
    let x = network.addValue(name: "x", shape: shape)
    let y = layer("last", layer("first", x, clamp), .none)
    (network.inputs, network.outputs) = ([x], [y])
    let inputs: [[[Float]]] = (0..<8).map { [[Float($0) * 6 / 7, Float($0) * 0.001 / 7]] }
    return (network, CalibrationInputs(count: inputs.count) { inputs[$0] })
  }

  /// What a ReLU6 lets through, it lets through of a rare channel as well: scaled, it would cut that off at 0.1. (EfficientNet-Lite0's
  /// logits lost 10 dB on photos that calibration had not seen.)
  @Test func clampsCutOffNoMoreOfRareChannels() throws {
    let (network, calibration) = try rare(clamp: Clamp(min: 0, max: 6))
    let seen = try convert(
      network, options: ConversionOptions(precision: .int8, rounding: .nearest, equalization: .on),
      calibration: calibration)
    #expect(seen.quantization?.equalization == nil)
    // Had calibration seen none of it, the model's input could not tell it either.
    let found = try Session(Model(bytes: seen.bytes)).outputs([[1, 5]])[0]
    #expect((found[0] - 1).magnitude < 0.05 && (found[1] - 5).magnitude < 0.05)
  }

  /// Where nothing is cut off, `.on` scales.
  @Test func rareChannelsWithoutClampAreScaled() throws {
    let (network, calibration) = try rare(clamp: Clamp(min: 0, max: .infinity))
    let result = try convert(
      network, options: ConversionOptions(precision: .int8, rounding: .nearest, equalization: .on),
      calibration: calibration)
    let report = try #require(result.quantization?.equalization)
    #expect(report.groups == 1 && report.isKept)
  }

  /// Two channels behind a function, of which one reaches 16 and the other 1/16: with one scale for both, the second has one step.
  @Test func channelsBehindAFunctionAreScaled() throws {
    var network = Network(source: "swish.onnx", layout: .nchw)
    let shape = [1, 2, 1, 1]
    func layer(_ name: String, _ input: ValueID, _ weights: [Float]) -> ValueID {
      let w = network.addConstant(name: "\(name).w", Tensor(shape: [2, 2, 1, 1], floats: weights))
      let y = network.addValue(name: name, shape: shape)
      network.nodes.append(
        Node(name: name, operation: .convolution(Convolution(kernel: Size2D(1, 1))), inputs: [input, w], outputs: [y]))
      return y
    }
    let x = network.addValue(name: "x", shape: shape)
    let first = layer("first", x, [16, 0, 0, 16])
    let small = layer("small", first, [1, 0, 0, 1])
    let swish = network.addValue(name: "swish", shape: shape)
    network.nodes.append(Node(name: "swish", operation: .activation(.hardSwish), inputs: [small], outputs: [swish]))
    let y = layer("last", swish, [1, 0, 0, 256])
    (network.inputs, network.outputs) = ([x], [y])
    // Inputs of 3 and more pass hard swish unchanged; between 0 and 0.125 it is about half of them.
    let inputs: [[[Float]]] = (0..<16).map { [[Float($0) / 15, Float($0 * 7 % 16) / 15 / 128]] }
    func noise(_ equalization: ChannelEqualization) throws -> (noise: Float, tables: Int) {
      let result = try convert(
        network, options: ConversionOptions(precision: .int8, rounding: .nearest, equalization: equalization),
        calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
      let session = try Session(Model(bytes: result.bytes))
      var sum: Float = 0
      for values in inputs {
        let (exact, found) = (try outputs(network, values)[0], try session.outputs(values)[0])
        sum += zip(exact, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      }
      let steps = session.model.program.steps
      return (sum, steps.filter { if case .channelTablesU8 = $0 { true } else { false } }.count)
    }
    let (off, on, automatic) = (try noise(.off), try noise(.on), try noise(.automatic))
    #expect(off.tables == 0 && on.tables == 1)
    #expect(automatic.noise <= off.noise)
    #expect(on.noise < off.noise / 2)
  }

  /// Both forms are calibrated on some inputs and compared on others: channels that only the others hold decide against scaling.
  @Test func isJudgedOnInputsThatItDidNotSee() throws {
    let (network, _) = try rare(clamp: Clamp(min: 0, max: .infinity))
    func judged(_ rarest: Float) throws -> EqualizationReport {
      // Every fourth input is judged on.
      let inputs: [[[Float]]] = (0..<16).map { [[Float($0 % 7), $0 % 4 == 3 ? rarest : 0.001 * Float($0) / 15]] }
      let result = try convert(
        network, options: ConversionOptions(precision: .int8, rounding: .nearest),
        calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
      return try #require(result.quantization?.equalization)
    }
    let rare = try judged(5)
    #expect(!rare.isKept && rare.decibelsWith < rare.decibelsWithout - 3)
  }
}
