import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// A float 1x1 convolution and the depthwise one behind it, run a band of rows at a time, give what they give one after the other, on
/// any number of threads, with every instruction set.
struct BandedStepsTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var side = 64
    var channels = 72
    var kernel = 3
    var stride = 1
    var padding = 1
    var dilation = 1
    var testDescription: String { "\(side) \(channels) \(kernel)/\(stride) \(padding) \(dilation)" }
  }

  /// expand, depthwise, project; `keepsExpanded` makes what expand computes an output as well, `flattens` puts a pool and a reshape
  /// behind it all, whose result is one memory under two names.
  private func network(_ shape: Shape, keepsExpanded: Bool = false, flattens: Bool = false) -> Network {
    var random = Random(seed: 21)
    var network = Network(source: "banded.onnx", layout: .nchw)
    let x = network.addValue(name: "x", shape: [1, 5, shape.side, shape.side])
    func layer(_ name: String, _ input: ValueID, _ inputs: Int, _ outputs: Int, side: Int, _ convolution: Convolution)
      -> ValueID
    {
      let (height, width) = (convolution.kernel.height, convolution.kernel.width)
      let w = network.addConstant(
        name: "\(name).w",
        Tensor(
          shape: [outputs, inputs / convolution.groups, height, width],
          floats: random.floats(outputs * inputs / convolution.groups * height * width)))
      let b = network.addConstant(name: "\(name).b", Tensor(shape: [outputs], floats: random.floats(outputs)))
      let y = network.addValue(name: name, shape: [1, outputs, side, side])
      network.nodes.append(Node(name: name, operation: .convolution(convolution), inputs: [input, w, b], outputs: [y]))
      return y
    }
    let one = Convolution(kernel: Size2D(1, 1))
    let expanded = layer("expanded", x, 5, shape.channels, side: shape.side, one)
    let side = (shape.side + 2 * shape.padding - shape.dilation * (shape.kernel - 1) - 1) / shape.stride + 1
    let padding = shape.padding
    let depthwise = layer(
      "depthwise", expanded, shape.channels, shape.channels, side: side,
      Convolution(
        kernel: Size2D(shape.kernel, shape.kernel), stride: Size2D(shape.stride, shape.stride),
        dilation: Size2D(shape.dilation, shape.dilation),
        padding: Padding2D(top: padding, left: padding, bottom: padding, right: padding),
        groups: shape.channels))
    var y = layer("y", depthwise, shape.channels, 3, side: side, one)
    if flattens {
      let tail: [(name: String, operation: FoveaGraph.Operation, shape: [Int])] = [
        ("pool", .globalAveragePool, [1, 3, 1, 1]), ("flat", .reshape([1, 3]), [1, 3]),
        ("sigmoid", .activation(.sigmoid), [1, 3]),
      ]
      for (name, operation, shape) in tail {
        let next = network.addValue(name: name, shape: shape)
        network.nodes.append(Node(name: name, operation: operation, inputs: [y], outputs: [next]))
        y = next
      }
    }
    (network.inputs, network.outputs) = ([x], keepsExpanded ? [y, expanded] : [y])
    return network
  }

  private func isBanded(_ program: Program) -> Bool {
    program.units.contains { unit in
      guard unit.count == 2, case .convolutionF32 = program.steps[unit.lowerBound] else { return false }
      return true
    }
  }

  @Test(arguments: [
    Shape(), Shape(stride: 2), Shape(side: 65, kernel: 5, stride: 2, padding: 2), Shape(kernel: 7, padding: 3),
    Shape(kernel: 3, padding: 0), Shape(kernel: 3, padding: 4, dilation: 4), Shape(side: 70, padding: 0, dilation: 9),
    Shape(side: 150, channels: 17, kernel: 3, stride: 3, padding: 2), Shape(side: 20, channels: 700),
  ])
  func sameBits(_ shape: Shape) throws {
    var random = Random(seed: 22)
    let result = try convert(network(shape), options: ConversionOptions(precision: .float))
    let model = try Model(bytes: result.bytes)
    #expect(isBanded(model.program))
    let values = random.floats(5 * shape.side * shape.side)
    for instructionSet in InstructionSet.available {
      let reference = try Session(model, instructionSet: instructionSet)
      try reference.setInput(0, to: values)
      reference.run(observing: { _ in })
      let expected = try reference.output(0)
      for threads in 1...3 {
        let session = try Session(model, threads: threads, instructionSet: instructionSet)
        for _ in 0..<2 {
          #expect(try session.outputs([values])[0] == expected, "\(instructionSet), \(threads) threads")
        }
      }
    }
  }

  /// Memory that is used again later, under whatever name, is no reason against it.
  @Test func laterUsesOfTheMemory() throws {
    let result = try convert(network(Shape(), flattens: true), options: ConversionOptions(precision: .float))
    #expect(try isBanded(Model(bytes: result.bytes).program))
  }

  /// What others read, or the caller, has to be there as a whole; and what fits a cache gains nothing.
  @Test func notAlways() throws {
    let kept = try convert(network(Shape(), keepsExpanded: true), options: ConversionOptions(precision: .float))
    #expect(try !isBanded(Model(bytes: kept.bytes).program))
    let small = try convert(network(Shape(side: 32)), options: ConversionOptions(precision: .float))
    #expect(try !isBanded(Model(bytes: small.bytes).program))
  }
}
