import FoveaGraph
import Testing

struct FoldBatchNormalizationTests {
  @Test(arguments: [Layout.nchw, .nhwc], [(1, false), (2, true), (4, false)])
  func `After a convolution it goes into the weights`(_ layout: Layout, _ form: (groups: Int, bias: Bool)) throws {
    var builder = NetworkBuilder(layout)
    let x = builder.input("x", layout == .nchw ? [1, 4, 5, 6] : [1, 5, 6, 4])
    let convolution = Convolution(kernel: Size2D(3, 3), groups: form.groups)
    let a = try builder.convolution("conv", x, outputs: 8, convolution, bias: form.bias)
    let y = try builder.batchNormalization("bn", a, channels: 8)
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, foldBatchNormalization(network))
    #expect(result.operations == ["Conv"])
    #expect(result.nodes[0].inputs.count == 3)
  }

  @Test func `After a fully connected node it goes into the weights`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let a = try builder.node("fc", .fullyConnected(FullyConnected()), x, builder.constant("w", [5, 3]))
    let y = try builder.batchNormalization("bn", a, channels: 5)
    let network = builder.finished(y)
    #expect(try expectSameOutputs(network, foldBatchNormalization(network)).operations == ["FullyConnected"])
  }

  @Test func `Weights that two convolutions share are not changed for one`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 2, 4, 4])
    let weights = builder.constant("w", [3, 2, 3, 3])
    let convolution = Operation.convolution(Convolution(kernel: Size2D(3, 3)))
    let a = try builder.node("a", convolution, x, weights)
    let b = try builder.node("b", convolution, x, weights)
    let y = try builder.batchNormalization("bn", a, channels: 3)
    let network = builder.finished(y, b)
    #expect(try expectSameOutputs(network, foldBatchNormalization(network)).operations == ["Conv", "Conv"])
  }

  @Test(arguments: [Layout.nchw, .nhwc])
  func `Alone it is a convolution of each channel`(_ layout: Layout) throws {
    var builder = NetworkBuilder(layout)
    let x = builder.input("x", layout == .nchw ? [2, 3, 4, 5] : [2, 4, 5, 3])
    let network = builder.finished(try builder.batchNormalization("bn", x, channels: 3))
    let result = try expectSameOutputs(network, foldBatchNormalization(network))
    #expect(result.nodes.map(\.operation) == [.convolution(Convolution(kernel: Size2D(1, 1), groups: 3))])
  }

  @Test(arguments: [[2, 3], [2, 3, 4]])
  func `Alone on other than images it is arithmetic`(_ shape: [Int]) throws {
    var builder = NetworkBuilder()
    let network = builder.finished(try builder.batchNormalization("bn", builder.input("x", shape), channels: 3))
    #expect(try expectSameOutputs(network, foldBatchNormalization(network)).operations == ["Mul", "Add"])
  }

  @Test func `A convolution that something else uses keeps its weights`() throws {
    var builder = NetworkBuilder()
    let a = try builder.convolution("conv", builder.input("x", [1, 2, 4, 4]), outputs: 3)
    let y = try builder.batchNormalization("bn", a, channels: 3)
    let network = builder.finished(y, a)
    #expect(try expectSameOutputs(network, foldBatchNormalization(network)).operations == ["Conv", "Conv"])
  }

  @Test func `Channels of a sequence are not the features of its elements`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 4, 3])
    let a = try builder.node("fc", .fullyConnected(FullyConnected()), x, builder.constant("w", [4, 3]))
    let network = builder.finished(try builder.batchNormalization("bn", a, channels: 4))
    let result = try expectSameOutputs(network, foldBatchNormalization(network))
    #expect(result.operations == ["FullyConnected", "Mul", "Add"])
  }

  @Test func `Computed parameters and infinite factors stay`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 2])
    let mean = builder.input("mean", [2])
    let one = builder.constant("one", [2], floats: [1, 1])
    let zero = builder.constant("zero", [2], floats: [0, 0])
    let a = try builder.node("a", .batchNormalization(epsilon: 0), x, one, one, mean, one)
    let b = try builder.node("b", .batchNormalization(epsilon: 0), a, one, one, one, zero)
    let result = foldBatchNormalization(builder.finished(b))
    #expect(result.operations == ["BatchNormalization", "BatchNormalization"])
  }
}
