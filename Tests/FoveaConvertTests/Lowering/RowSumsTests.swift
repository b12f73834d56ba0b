import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// A global average of a depthwise convolution, made of sums that threads add up row by row, is what it is by itself: on any number of
/// threads, with every instruction set.
struct RowSumsTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var side = 14
    var channels = 72
    var activation = Activation.hardSwish
    var stride = 1
    var testDescription: String { "\(side) \(channels) \(activation) \(stride)" }
  }

  /// Squeeze-and-excite: expand, depthwise, a function, its average, a layer of that and a sigmoid, by which the depthwise one's
  /// channels are multiplied, project.
  private func network(_ shape: Shape) -> Network {
    var random = Random(seed: 31)
    var network = Network(source: "squeeze.onnx", layout: .nchw)
    func add(_ name: String, _ operation: FoveaGraph.Operation, _ inputs: [ValueID], _ channels: Int, _ side: Int)
      -> ValueID
    {
      let y = network.addValue(name: name, shape: [1, channels, side, side])
      network.nodes.append(Node(name: name, operation: operation, inputs: inputs, outputs: [y]))
      return y
    }
    func layer(
      _ name: String, _ input: ValueID, _ inputs: Int, _ outputs: Int, side: Int, kernel: Int = 1, stride: Int = 1,
      groups: Int = 1
    ) -> ValueID {
      let w = network.addConstant(
        name: "\(name).w",
        Tensor(
          shape: [outputs, inputs / groups, kernel, kernel],
          floats: random.floats(outputs * inputs / groups * kernel * kernel)))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [outputs], floats: random.floats(outputs)))
      let padding = kernel / 2
      let convolution = Convolution(
        kernel: Size2D(kernel, kernel), stride: Size2D(stride, stride),
        padding: Padding2D(top: padding, left: padding, bottom: padding, right: padding), groups: groups)
      return add(name, .convolution(convolution), [input, w, b], outputs, side)
    }
    let (side, channels) = (shape.side, shape.channels)
    let out = (side - 1) / shape.stride + 1
    let x = network.addValue(name: "x", shape: [1, 5, side, side])
    let expanded = layer("expanded", x, 5, channels, side: side)
    let depthwise = layer(
      "depthwise", expanded, channels, channels, side: out, kernel: 3, stride: shape.stride, groups: channels)
    let active = add("active", .activation(shape.activation), [depthwise], channels, out)
    let average = add("average", .globalAveragePool, [active], channels, 1)
    let gate = add(
      "gate", .activation(.sigmoid), [layer("excite", average, channels, channels, side: 1)], channels, 1)
    let scaled = add("scaled", .binary(Binary(.multiply)), [active, gate], channels, out)
    (network.inputs, network.outputs) = ([x], [layer("y", scaled, channels, 3, side: out)])
    return network
  }

  private func averagesOfRows(_ program: Program) -> Int {
    zip(program.units, program.units.dropFirst()).count { program.averagesRows(of: $0, in: $1) }
  }

  @Test(
    arguments: [
      Shape(), Shape(activation: .clamp(Clamp(min: 0))), Shape(side: 15, channels: 100, stride: 2),
      Shape(side: 7, channels: 200),
      Shape(side: 3, channels: 40), Shape(side: 64, activation: .clamp(Clamp(min: 0))),
      Shape(side: 2, channels: 17, activation: .clamp(Clamp(min: 0))),
    ], [Precision.int8, .float])
  func sameBits(_ shape: Shape, _ precision: Precision) throws {
    var random = Random(seed: 32)
    let inputs = (0..<2).map { _ in [random.floats(5 * shape.side * shape.side)] }
    let result = try convert(
      network(shape),
      options: ConversionOptions(precision: precision, rounding: .nearest, equalization: .off),
      calibration: precision == .int8 ? CalibrationInputs(count: inputs.count) { inputs[$0] } : nil)
    let model = try Model(bytes: result.bytes)
    #expect(averagesOfRows(model.program) == 1)
    for instructionSet in InstructionSet.available {
      let reference = try Session(model, instructionSet: instructionSet)
      for values in inputs {
        try reference.setInput(0, to: values[0])
        reference.run(observing: { _ in })
        let expected = try reference.output(0)
        for threads in 1...4 {
          let session = try Session(model, threads: threads, instructionSet: instructionSet)
          for _ in 0..<2 {
            #expect(try session.outputs(values)[0] == expected, "\(instructionSet), \(threads) threads")
          }
        }
      }
    }
  }

  /// The average itself is then too little to share.
  @Test func averagesAreNotShared() throws {
    let result = try convert(network(Shape(side: 64)), options: ConversionOptions(precision: .float))
    let program = try Model(bytes: result.bytes).program
    let units = program.units
    let average = try #require(
      units.indices.dropFirst().first { program.averagesRows(of: units[$0 - 1], in: units[$0]) })
    #expect(program.parts(of: units, threads: 2, most: 56)[average] == 1)
    #expect(program.parts(of: [units[average]], threads: 2, most: 56) == [2])
  }
}
