import FoveaGraph
import Testing

struct StandardPassesTests {
  /// A residual block as exporters write it, squeeze-and-excitation included, and a classifier.
  private func residualNetwork() throws -> Network {
    var builder = NetworkBuilder()
    let relu = Operation.activation(.clamp(Clamp(min: 0)))
    let x = builder.input("x", [1, 3, 9, 9])
    let zeros = Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 1], mode: .constant(0))
    let padded = try builder.node("pad", .pad(zeros), x)
    let stem = try builder.convolution(
      "stem", padded, outputs: 4, Convolution(kernel: Size2D(3, 3), stride: Size2D(2, 2)), bias: false)
    let normalized = try builder.batchNormalization("bn", stem, channels: 4)
    let gate = try builder.node("gate", .activation(.sigmoid), normalized)
    let swish = try builder.node("swish", .binary(Binary(.multiply)), normalized, gate)
    let pooled = try builder.node("pooled", .reduce(Reduction(.mean, axes: [2, 3], keepDimensions: true)), swish)
    let squeezed = try builder.convolution("squeeze", pooled, outputs: 2, Convolution(kernel: Size2D(1, 1)))
    let expanded = try builder.convolution(
      "expand", try builder.node("relu1", relu, squeezed), outputs: 4, Convolution(kernel: Size2D(1, 1)))
    let weighted = try builder.node(
      "weighted", .binary(Binary(.multiply)), swish, try builder.node("gate2", .activation(.sigmoid), expanded))
    let sum = try builder.node("sum", .binary(Binary(.add)), weighted, try builder.node("id", .identity, swish))
    let activated = try builder.node("relu2", relu, sum)
    let mean = try builder.node("mean", .globalAveragePool, activated)
    let flat = try builder.node("flat", .reshape([1, 4]), mean)
    let logits = try builder.node(
      "logits", .gemm(Gemm(transposeB: true)), flat, builder.constant("w", [5, 4]), builder.constant("b", [5]))
    return builder.finished(try builder.node("y", .softmax(axis: 1), logits))
  }

  @Test func `A network of today becomes few nodes that answer the same`() throws {
    let network = try residualNetwork()
    let result = try expectSameOutputs(network, applyPasses(to: network))
    #expect(
      result.operations == [
        "Conv", "Silu", "GlobalAveragePool", "Conv", "Conv", "Sigmoid", "Mul", "Add", "GlobalAveragePool", "Reshape",
        "FullyConnected", "Softmax",
      ])
    #expect(result.layout == .nhwc)
    #expect(result.outputs.map { result[$0].name } == ["y"])
  }

  @Test func `Each pass is told, and leaves the network sound`() throws {
    let network = try residualNetwork()
    var names: [String] = []
    _ = try applyPasses(to: network) { name, after in
      names.append(name)
      #expect(throws: Never.self) { try expectSameOutputs(network, after) }
    }
    #expect(names == standardPasses.map(\.name))
    #expect(names.first == "infer-shapes")
    #expect(names.contains("fold-batch-norm"))
  }

  @Test func `Passes applied again change nothing`() throws {
    let once = try applyPasses(to: residualNetwork())
    #expect(try applyPasses(to: once).nodes == once.nodes)
  }

  @Test func `The dump has a line for each node`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 3, 8, 8])
    let convolution = Convolution(
      kernel: Size2D(3, 3), stride: Size2D(2, 2), padding: Padding2D(top: 1, left: 1), clamp: Clamp(min: 0))
    let a = try builder.convolution("conv1", x, outputs: 4, convolution, bias: false)
    let y = try builder.node("y", .transpose([0, 2, 3, 1]), a)
    #expect(
      builder.finished(y).dump() == """
        test (nchw)
        input x [1, 3, 8, 8]
        conv1: Conv 3x3 stride 2x2 padding 1,1,0,0 clamp 0.0...inf (x [1, 3, 8, 8], conv1.w [4, 3, 3, 3] constant) \
        -> conv1 [1, 4, 4, 4]
        y: Transpose [0, 2, 3, 1] (conv1 [1, 4, 4, 4]) -> y [1, 4, 4, 4]
        output y [1, 4, 4, 4]

        """)
  }
}
