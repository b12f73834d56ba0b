import FoveaGraph
import Testing

struct ConvertLayoutTests {
  /// One operation on inputs of these shapes, and the operations that it becomes.
  struct Case: Sendable, CustomTestStringConvertible {
    var operation: Operation
    var inputs: [[Int]]
    /// Constants behind the inputs.
    var constants: [[Int]]
    var becomes: [String]

    init(_ operation: Operation, _ inputs: [[Int]], constants: [[Int]] = [], becomes: [String]) {
      (self.operation, self.inputs, self.constants, self.becomes) = (operation, inputs, constants, becomes)
    }

    var testDescription: String { "\(operation) \(inputs) \(constants)" }
  }

  static let image = [2, 3, 4, 5]
  static let pooling = Pooling(kernel: Size2D(2, 3), stride: Size2D(2, 1), padding: Padding2D(left: 2), ceilMode: true)

  /// What works on any layout, or counts its dimensions by other numbers.
  static let inPlace: [Case] = [
    Case(
      .convolution(Convolution(kernel: Size2D(3, 2), padding: Padding2D(top: 1, left: 2))), [image],
      constants: [[4, 3, 3, 2], [4]], becomes: ["Conv"]),
    Case(
      .convolution(Convolution(kernel: Size2D(1, 1), groups: 3)), [image], constants: [[6, 1, 1, 1]], becomes: ["Conv"]),
    Case(.maxPool(pooling), [image], becomes: ["MaxPool"]),
    Case(.averagePool(pooling), [image], becomes: ["AveragePool"]),
    Case(.globalAveragePool, [image], becomes: ["GlobalAveragePool"]),
    Case(.globalMaxPool, [image], becomes: ["GlobalMaxPool"]),
    Case(.batchNormalization(epsilon: 4), [image], constants: [[3], [3], [3], [3]], becomes: ["BatchNormalization"]),
    Case(.activation(.tanh), [image], becomes: ["Tanh"]),
    Case(.activation(.tanh), [[2, 3]], becomes: ["Tanh"]),
    Case(.identity, [image], becomes: ["Identity"]),
    Case(
      .quantizeDequantize(AffineQuantization(scale: 0.5, zeroPoint: 3)), [image], becomes: ["QuantizeDequantize"]),
    Case(.identity, [], constants: [image], becomes: ["Identity"]),
    Case(.concat(axis: 0), [image, image], becomes: ["Concat"]),
    Case(.concat(axis: 1), [image, [2, 1, 4, 5]], constants: [image], becomes: ["Concat"]),
    Case(.concat(axis: 2), [image, image], becomes: ["Concat"]),
    Case(.concat(axis: 3), [image, image], becomes: ["Concat"]),
    Case(.concat(axis: 1), [[2, 3, 4], [2, 1, 4]], becomes: ["Concat"]),
    Case(.softmax(axis: 1), [image], becomes: ["Softmax"]),
    Case(.softmax(axis: 2), [image], becomes: ["Softmax"]),
    Case(.softmax(axis: 3), [image], becomes: ["Softmax"]),
    Case(
      .pad(Pad(before: [1, 2, 3, 4], after: [0, 1, 0, 1], mode: .reflect)), [[2, 3, 4, 5]], becomes: ["Pad"]),
    Case(
      .slice(Slice(starts: [0, 2, 1, 4], steps: [1, -1, 2, -2], sizes: [2, 3, 2, 3])), [image], becomes: ["Slice"]),
    Case(.transpose([0, 1, 3, 2]), [image], becomes: ["Transpose"]),
    Case(.transpose([1, 3, 0, 2]), [image], becomes: ["Transpose"]),
    Case(.transpose([0, 3, 2, 1]), [image], becomes: ["Transpose"]),
    Case(.matMul, [[2, 3, 4], [2, 4, 5]], becomes: ["MatMul"]),
  ]

  static let arithmetic: [Case] = [
    Case(.binary(Binary(.add)), [image, image], becomes: ["Add"]),
    Case(.binary(Binary(.subtract)), [image, [1, 3, 1, 1]], becomes: ["Sub"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[2, 3, 4, 5]], becomes: ["Mul"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[3, 1, 1]], becomes: ["Mul"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[4, 5]], becomes: ["Mul"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[5]], becomes: ["Mul"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[]], becomes: ["Mul"]),
    // Computed operands of fewer dimensions: one of them more than 1 needs no transposition.
    Case(.binary(Binary(.add)), [image, [3, 1, 1]], becomes: ["Reshape", "Add"]),
    Case(.binary(Binary(.add)), [[5], image], becomes: ["Reshape", "Add"]),
    Case(.binary(Binary(.add)), [image, [3, 4, 1]], becomes: ["Reshape", "Transpose", "Add"]),
    Case(.binary(Binary(.add)), [[2, 3], [3]], becomes: ["Add"]),
    Case(.binary(Binary(.add)), [image, [7, 1, 1, 1, 1]], becomes: ["Transpose", "Add"]),
  ]

  /// What depends on the order of the elements.
  static let ordered: [Case] = [
    Case(.reshape([2, 60]), [image], becomes: ["Transpose", "Reshape"]),
    Case(.reshape([2, 3]), [[2, 3, 1, 1]], becomes: ["Reshape"]),
    Case(.reshape([2, 20]), [[2, 1, 4, 5]], becomes: ["Reshape"]),
    Case(.reshape([2, 3, 1, 1]), [[2, 3]], becomes: ["Reshape"]),
    Case(.reshape([2, 1, 4, 5]), [[2, 20]], becomes: ["Reshape"]),
    Case(.reshape([2, 3, 4, 5]), [[2, 60]], becomes: ["Reshape", "Transpose"]),
    Case(.reshape([2, 5, 4, 3]), [image], becomes: ["Transpose", "Reshape", "Transpose"]),
    Case(.reshape([2, 6, 1, 1]), [[2, 1, 2, 3]], becomes: ["Reshape"]),
    Case(.reshape([2, 60]), [], constants: [image], becomes: ["Reshape"]),
    Case(.matMul, [image, [2, 3, 5, 6]], becomes: ["Transpose", "Transpose", "MatMul", "Transpose"]),
    Case(.matMul, [image], constants: [[2, 3, 5, 6]], becomes: ["Transpose", "MatMul", "Transpose"]),
    Case(.matMul, [[4], image], becomes: ["Transpose", "MatMul"]),
    Case(.matMul, [image, [5]], becomes: ["Transpose", "MatMul"]),
    Case(
      .fullyConnected(FullyConnected()), [image], constants: [[6, 5]],
      becomes: ["Transpose", "FullyConnected", "Transpose"]),
    Case(.convolution(Convolution(kernel: Size2D(2, 2))), [image, [4, 3, 2, 2]], becomes: ["Transpose", "Conv"]),
  ]

  static let reductions: [Case] = [
    Case(.reduce(Reduction(.mean, axes: [2, 3], keepDimensions: true)), [image], becomes: ["GlobalAveragePool"]),
    Case(
      .reduce(Reduction(.mean, axes: [2, 3], keepDimensions: false)), [image],
      becomes: ["GlobalAveragePool", "Reshape"]),
    Case(.reduce(Reduction(.mean, axes: [1, 2], keepDimensions: true)), [image], becomes: ["ReduceMean"]),
    Case(.reduce(Reduction(.mean, axes: [1], keepDimensions: false)), [image], becomes: ["ReduceMean"]),
    Case(.reduce(Reduction(.mean, axes: [3], keepDimensions: false)), [image], becomes: ["ReduceMean", "Transpose"]),
    Case(.reduce(Reduction(.mean, axes: [0], keepDimensions: false)), [image], becomes: ["ReduceMean", "Transpose"]),
    Case(
      .reduce(Reduction(.mean, axes: [0, 2], keepDimensions: false)), [image], becomes: ["ReduceMean", "Transpose"]),
    Case(.reduce(Reduction(.mean, axes: [], keepDimensions: false)), [image], becomes: ["ReduceMean"]),
    Case(.reduce(Reduction(.mean, axes: [0, 1, 2, 3], keepDimensions: false)), [image], becomes: ["ReduceMean"]),
    Case(
      .reduce(Reduction(.mean, axes: [1], keepDimensions: false)), [[2, 3, 4, 5, 2]],
      becomes: ["ReduceMean", "Transpose"]),
  ]

  @Test(arguments: inPlace + arithmetic + ordered + reductions)
  func `An operation computes the same in the other layout`(_ example: Case) throws {
    var builder = NetworkBuilder()
    var inputs = example.inputs.enumerated().map { builder.input("x\($0.offset)", $0.element) }
    for (index, shape) in example.constants.enumerated() {
      inputs.append(builder.constant("c\(index)", shape, 0.5...2))
    }
    let y = try builder.node("y", example.operation, inputs)
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, convertLayoutToNHWC(network))
    #expect(result.layout == .nhwc)
    #expect(result.operations == example.becomes)
    for (old, new) in zip(network.inputs + network.outputs, result.inputs + result.outputs) {
      let shape = network[old].shape
      #expect(result[new].shape == (shape.count == 4 ? [0, 2, 3, 1].map { shape[$0] } : shape))
      #expect(result[new].name == network[old].name)
    }
  }

  @Test func `A value is rearranged once for all that need it`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", Self.image)
    let scale = builder.constant("scale", [3, 1, 1])
    let a = try builder.node("a", .binary(Binary(.multiply)), x, scale)
    let b = try builder.node("b", .binary(Binary(.add)), a, scale)
    let c = try builder.node("c", .reshape([2, 60]), b)
    let d = try builder.node("d", .reshape([6, 20]), b)
    let network = builder.finished(c, d)
    let result = try expectSameOutputs(network, convertLayoutToNHWC(network))
    #expect(result.operations == ["Mul", "Add", "Transpose", "Reshape", "Reshape"])
    #expect(result.constants.count == 2)
  }

  @Test func `Weights that are an operand elsewhere keep their order for the convolution`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 3, 4, 5])
    let weights = builder.constant("w", [1, 3, 2, 2])
    let a = try builder.node("a", .convolution(Convolution(kernel: Size2D(2, 2))), x, weights)
    let b = try builder.node("b", .binary(Binary(.add)), builder.input("z", [1, 3, 2, 2]), weights)
    let network = builder.finished(a, b, weights)
    let result = try expectSameOutputs(network, convertLayoutToNHWC(network))
    #expect(result.operations == ["Conv", "Add"])
  }

  @Test func `Channel shuffle keeps its order`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 6, 2, 3])
    let a = try builder.node("a", .reshape([1, 2, 3, 2, 3]), x)
    let b = try builder.node("b", .transpose([0, 2, 1, 3, 4]), a)
    let y = try builder.node("y", .reshape([1, 6, 2, 3]), b)
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, convertLayoutToNHWC(network))
    #expect(result.operations == ["Transpose", "Reshape", "Transpose", "Reshape", "Transpose"])
  }

  @Test func `A network in the runtime's layout is left as it is`() throws {
    var builder = NetworkBuilder(.nhwc)
    let y = try builder.convolution("y", builder.input("x", [1, 4, 5, 3]), outputs: 2)
    let network = builder.finished(y)
    #expect(try convertLayoutToNHWC(network).nodes == network.nodes)
  }

  /// What stands between a transposition to NHWC and one back, and what it becomes.
  static let channelsLast: [Case] = [
    Case(.activation(.tanh), [image], becomes: ["Tanh"]),
    Case(.binary(Binary(.add)), [image], constants: [[3]], becomes: ["Add"]),
    Case(.binary(Binary(.multiply)), [image], constants: [[2, 4, 5, 3]], becomes: ["Mul"]),
    Case(.binary(Binary(.add)), [image, [5, 3]], becomes: ["Add"]),
    Case(.fullyConnected(FullyConnected()), [image], constants: [[3, 3]], becomes: ["FullyConnected"]),
    Case(.matMul, [image], constants: [[3, 3]], becomes: ["MatMul"]),
    Case(.normalize(Normalization(axes: [3], epsilon: 0.01)), [image], becomes: ["MeanVarianceNormalization"]),
    Case(.softmax(axis: 3), [image], becomes: ["Softmax"]),
    Case(.concat(axis: 3), [image], constants: [[2, 4, 5, 7]], becomes: ["Concat"]),
    Case(.pad(Pad(before: [0, 1, 2, 0], after: [0, 0, 3, 0], mode: .constant(0))), [image], becomes: ["Pad"]),
    Case(.slice(Slice(starts: [0, 1, 0, 0], steps: [1, 1, 2, 1], sizes: [2, 3, 2, 3])), [image], becomes: ["Slice"]),
    Case(.reduce(Reduction(.mean, axes: [1, 2], keepDimensions: true)), [image], becomes: ["GlobalAveragePool"]),
    Case(.reduce(Reduction(.maximum, axes: [1], keepDimensions: true)), [image], becomes: ["ReduceMax"]),
  ]

  @Test(arguments: channelsLast)
  func `Channels that come last stay there`(_ example: Case) throws {
    for (atInput, atOutput) in [(true, true), (true, false), (false, true), (false, false)] {
      var builder = NetworkBuilder()
      let turned = [0, 2, 3, 1].map { Self.image[$0] }
      // From an input in either order, by way of a pool that is an image's.
      var x = builder.input("x", atInput ? turned : Self.image)
      if atInput {
        x = try builder.node("x.nchw", .transpose([0, 3, 1, 2]), x)
        x = try builder.node("pool", .maxPool(Pooling(kernel: Size2D(1, 1))), x)
      }
      x = try builder.node("x.nhwc", .transpose([0, 2, 3, 1]), x)
      var inputs = [x] + example.inputs.dropFirst().map { builder.input("z", $0) }
      for (index, shape) in example.constants.enumerated() {
        inputs.append(builder.constant("c\(index)", shape, 0.5...2))
      }
      var y = try builder.node("y", example.operation, inputs)
      if atOutput {
        y = try builder.node("y.nchw", .transpose([0, 3, 1, 2]), y)
        y = try builder.node("pool.y", .maxPool(Pooling(kernel: Size2D(1, 1))), y)
      }
      let network = builder.finished(y)
      let laid = try expectSameOutputs(network, convertLayoutToNHWC(network))
      #expect(laid[laid.inputs[0]].keepsSourceOrder == atInput)
      #expect(laid[laid.outputs[0]].keepsSourceOrder != atOutput)
      let pools = (atInput ? ["MaxPool"] : []) + [""] + (atOutput ? ["MaxPool"] : [])
      let tidy = removeIdentities(mergeReshapes(laid))
      // What connects an input with an output stays.
      #expect(
        tidy.operations.filter { $0 != "Reshape" } == pools.flatMap { $0.isEmpty ? example.becomes : [$0] })
      _ = try expectSameOutputs(network, applyPasses(to: network))
    }
  }

  @Test func `An image's operation among channels that come last is surrounded by transpositions`() throws {
    var builder = NetworkBuilder()
    let turned = try builder.node("x.nhwc", .transpose([0, 2, 3, 1]), builder.input("x", Self.image))
    let y = try builder.node("y", .maxPool(Self.pooling), try builder.node("tanh", .activation(.tanh), turned))
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, applyPasses(to: network))
    #expect(result.operations == ["Tanh", "Transpose", "MaxPool"])
  }

  @Test func `An input that is transposed behind arithmetic has its channels last`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 4, 5, 3])
    let scaled = try builder.node("scaled", .binary(Binary(.multiply)), x, builder.constant("scale", [3]))
    let turned = try builder.node("turned", .transpose([0, 3, 1, 2]), scaled)
    let y = try builder.convolution("y", turned, outputs: 2)
    let network = builder.finished(y)
    #expect(network.isChannelsLast(input: network.inputs[0]))
    let result = try expectSameOutputs(network, applyPasses(to: network))
    #expect(result.operations == ["Mul", "Conv"])
  }

  @Test func `An input that something reads as it is lies like others`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 4, 5, 3])
    let y = try builder.node("y", .transpose([0, 3, 1, 2]), x)
    let z = try builder.node("z", .globalAveragePool, x)
    let network = builder.finished(y, z)
    #expect(!network.isChannelsLast(input: network.inputs[0]))
    _ = try expectSameOutputs(network, convertLayoutToNHWC(network))
  }
}
