import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// Convolutions that run together with the residual addition or the table behind them give what the steps give one by one, on any
/// number of threads, with every instruction set.
struct JoinedStepsTests {
  /// expand, hard swish, depthwise, hard swish, project, add the input's projection, 5x5 and a table: on images large enough for
  /// several bands, or so small that threads share channels.
  private func network(side: Int, channels: Int) -> Network {
    var random = Random(seed: 11)
    var network = Network(source: "joined.onnx", layout: .nchw)
    func shape(_ channels: Int) -> [Int] { [1, channels, side, side] }
    let x = network.addValue(name: "x", shape: shape(8))
    func add(_ name: String, _ operation: FoveaGraph.Operation, _ inputs: [ValueID], _ channels: Int) -> ValueID {
      let y = network.addValue(name: name, shape: shape(channels))
      network.nodes.append(Node(name: name, operation: operation, inputs: inputs, outputs: [y]))
      return y
    }
    func layer(_ name: String, _ input: ValueID, _ inputs: Int, _ outputs: Int, kernel: Int = 1, groups: Int = 1)
      -> ValueID
    {
      let count = outputs * inputs / groups * kernel * kernel
      let w = network.addConstant(
        name: "\(name).w", Tensor(shape: [outputs, inputs / groups, kernel, kernel], floats: random.floats(count)))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [outputs], floats: random.floats(outputs)))
      let convolution = Convolution(
        kernel: Size2D(kernel, kernel),
        padding: Padding2D(top: kernel / 2, left: kernel / 2, bottom: kernel / 2, right: kernel / 2), groups: groups)
      return add(name, .convolution(convolution), [input, w, b], outputs)
    }
    let shortcut = layer("shortcut", x, 8, channels)
    let expanded = add("expanded", .activation(.hardSwish), [layer("expand", x, 8, channels)], channels)
    let depthwise = layer("depthwise", expanded, channels, channels, kernel: 3, groups: channels)
    let swished = add("swished", .activation(.hardSwish), [depthwise], channels)
    let project = layer("project", swished, channels, channels)
    let sum = add("sum", .binary(Binary(.add)), [shortcut, project], channels)
    let wide = layer("wide", sum, channels, 20, kernel: 3)
    let y = add("y", .activation(.sigmoid), [wide], 20)
    (network.inputs, network.outputs) = ([x], [y])
    return network
  }

  @Test(
    arguments: [
      (side: 41, channels: 72), (side: 30, channels: 200), (side: 3, channels: 72), (side: 1, channels: 40),
    ], [ChannelEqualization.off, .on])
  func sameBits(_ size: (side: Int, channels: Int), _ equalization: ChannelEqualization) throws {
    var random = Random(seed: 12)
    let inputs = (0..<3).map { _ in [random.floats(8 * size.side * size.side)] }
    let result = try convert(
      network(side: size.side, channels: size.channels),
      options: ConversionOptions(precision: .int8, rounding: .nearest, equalization: equalization),
      calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
    let model = try Model(bytes: result.bytes)
    let tables = model.program.steps.filter { if case .channelTablesU8 = $0 { true } else { false } }
    #expect(tables.isEmpty == (equalization == .off))
    let joined = model.program.units.filter { $0.count == 2 }
    // On one pixel, a depthwise convolution is a multiplication or a layer of another kind.
    #expect(joined.count >= (size.side > 1 ? 4 : 2))
    for instructionSet in InstructionSet.available {
      let reference = try Session(model, instructionSet: instructionSet)
      var expected: [[Float]] = []
      for values in inputs {
        try reference.setInput(0, to: values[0])
        reference.run(observing: { _ in })
        expected.append(try reference.output(0))
      }
      for threads in 1...3 {
        let session = try Session(model, threads: threads, instructionSet: instructionSet)
        for (values, expected) in zip(inputs, expected) {
          #expect(try session.outputs(values)[0] == expected, "\(instructionSet), \(threads) threads")
        }
      }
    }
  }
}
