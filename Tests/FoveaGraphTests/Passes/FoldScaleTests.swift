import FoveaGraph
import Testing

struct FoldScaleTests {
  /// Arithmetic of a layer and a constant, and in which order.
  struct Form: Sendable {
    var operation: Binary.Operator
    var layerIsFirst: Bool
    var shape: [Int]
  }

  static let forms: [Form] = [
    Form(operation: .add, layerIsFirst: true, shape: [3, 1, 1]),
    Form(operation: .add, layerIsFirst: false, shape: [1, 3, 1, 1]),
    Form(operation: .subtract, layerIsFirst: true, shape: [3, 1, 1]),
    Form(operation: .subtract, layerIsFirst: false, shape: [3, 1, 1]),
    Form(operation: .multiply, layerIsFirst: true, shape: [1, 3, 1, 1]),
    Form(operation: .multiply, layerIsFirst: false, shape: []),
    Form(operation: .divide, layerIsFirst: true, shape: [1]),
  ]

  private func network(_ form: Form) throws -> Network {
    var builder = NetworkBuilder()
    let a = try builder.convolution("conv", builder.input("x", [1, 2, 4, 5]), outputs: 3)
    let c = builder.constant("c", form.shape, 0.5...2)
    let inputs = form.layerIsFirst ? [a, c] : [c, a]
    let operation = Operation.binary(Binary(form.operation, clamp: Clamp(min: 0)))
    return builder.finished(try builder.node("y", operation, inputs))
  }

  @Test(arguments: forms)
  func `A number a channel goes into the weights`(_ form: Form) throws {
    let network = try network(form)
    let result = try expectSameOutputs(network, foldScaleIntoConvolution(network))
    #expect(result.nodes.map(\.operation) == [.convolution(Convolution(kernel: Size2D(3, 3), clamp: Clamp(min: 0)))])
  }

  @Test(
    arguments: [
      Form(operation: .divide, layerIsFirst: false, shape: [3, 1, 1]),
      Form(operation: .add, layerIsFirst: true, shape: [3]),
      Form(operation: .add, layerIsFirst: true, shape: [2, 3]),
      Form(operation: .add, layerIsFirst: true, shape: [4, 1, 1, 1]),
      Form(operation: .add, layerIsFirst: true, shape: [1, 1, 1, 1, 1]),
    ])
  func `Anything else stays`(_ form: Form) throws {
    let network = try network(form)
    #expect(try expectSameOutputs(network, foldScaleIntoConvolution(network)).operations.count == 2)
  }

  @Test func `A chain goes into the weights one by one`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let a = try builder.node("fc", .fullyConnected(FullyConnected()), x, builder.constant("w", [4, 3]))
    let b = try builder.node("b", .binary(Binary(.multiply)), a, builder.constant("scale", [4]))
    let y = try builder.node("y", .binary(Binary(.add)), builder.constant("shift", [1, 4]), b)
    let network = builder.finished(y)
    #expect(try expectSameOutputs(network, foldScaleIntoConvolution(network)).operations == ["FullyConnected"])
  }

  @Test func `Division by zero and a clamp in between stay`() throws {
    var builder = NetworkBuilder()
    let clamped = Convolution(kernel: Size2D(1, 1), clamp: Clamp(min: 0))
    let a = try builder.convolution("a", builder.input("x", [1, 2, 1, 1]), outputs: 2, clamped)
    let b = try builder.node("b", .binary(Binary(.add)), a, builder.constant("c", [2, 1, 1]))
    let c = try builder.convolution("c", b, outputs: 1, Convolution(kernel: Size2D(1, 1)))
    let y = try builder.node("y", .binary(Binary(.divide)), c, builder.constant("zero", [], floats: [0]))
    #expect(foldScaleIntoConvolution(builder.finished(y)).operations == ["Conv", "Add", "Conv", "Div"])
  }

  /// Weights of quantization-aware training stay the integers that they are in the file: what changes is their scale, and the
  /// sign of both.
  @Test(arguments: [[0.5], [0.5, 0.25, 2]] as [[Float]], [[3, 0.1, 0.7], [3, -0.1, 0.7]] as [[Float]])
  func `Quantized weights keep their integers`(_ scales: [Float], _ factors: [Float]) throws {
    let integers: [Float] = [1, -127, 3, 100, 5, -6]
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 2, 1, 2])
    let values = integers.enumerated().map { $1 * scales[scales.count == 1 ? 0 : $0 / 2] }
    var weights = Tensor(shape: [3, 2, 1, 1], floats: values)
    weights.grid = QuantizationGrid(
      axis: 0, scales: scales, zeroPoints: [Int](repeating: 128, count: scales.count))
    let (w, c) = (builder.constant("w", [3, 2, 1, 1]), builder.constant("c", [3, 1, 1]))
    let a = try builder.node("conv", .convolution(Convolution(kernel: Size2D(1, 1))), x, w)
    var network = builder.finished(try builder.node("y", .binary(Binary(.multiply)), a, c))
    network.constants[w] = weights
    network.constants[c] = Tensor(shape: [3, 1, 1], floats: factors)
    let result = try expectSameOutputs(network, foldScaleIntoConvolution(network))
    let folded = try #require(result.constants[result.nodes[0].inputs[1]])
    let grid = try #require(folded.grid)
    #expect(grid.axis == 0 && grid.zeroPoints == [128, 128, 128])
    let found = (folded.floats ?? []).enumerated().map { ($1 / grid.scales[$0 / 2]).rounded() }
    #expect(found == integers.enumerated().map { factors[$0 / 2] < 0 ? -$1 : $1 })
  }

  @Test func `Quantized weights around another zero point lose it where a factor is negative`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 1, 1, 2])
    var weights = Tensor(shape: [1, 1, 1, 1], floats: [0.5])
    weights.grid = QuantizationGrid(axis: 0, scales: [0.5], zeroPoints: [100])
    let (w, c) = (builder.constant("w", [1, 1, 1, 1]), builder.constant("c", [1, 1, 1], -2 ... -1))
    let a = try builder.node("conv", .convolution(Convolution(kernel: Size2D(1, 1))), x, w)
    var network = builder.finished(try builder.node("y", .binary(Binary(.multiply)), a, c))
    network.constants[w] = weights
    let result = try expectSameOutputs(network, foldScaleIntoConvolution(network))
    #expect(result.constants[result.nodes[0].inputs[1]]?.grid == nil)
  }
}
