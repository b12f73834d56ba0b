import FoveaGraph
import Testing

struct FoldPaddingTests {
  static let zeros = Pad(before: [0, 0, 1, 2], after: [0, 0, 0, 1], mode: .constant(0))
  static let pooling = Pooling(kernel: Size2D(3, 3), stride: Size2D(2, 2))

  private func network(_ pad: Pad, _ operation: Operation) throws -> Network {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 2, 6, 7])
    let padded = try builder.node("pad", .pad(pad), x)
    var inputs = [padded]
    if case .convolution = operation { inputs.append(builder.constant("w", [3, 2, 3, 3])) }
    return builder.finished(try builder.node("y", operation, inputs))
  }

  @Test func `Zeros around an image are the convolution's padding`() throws {
    let convolution = Convolution(kernel: Size2D(3, 3), padding: Padding2D(top: 1, left: 0, bottom: 1, right: 1))
    let network = try network(Self.zeros, .convolution(convolution))
    let result = try expectSameOutputs(network, foldPadding(network))
    var wider = convolution
    wider.padding = Padding2D(top: 2, left: 2, bottom: 1, right: 2)
    #expect(result.nodes.map(\.operation) == [.convolution(wider)])
  }

  @Test func `In the other layout too`() throws {
    var builder = NetworkBuilder(.nhwc)
    let x = builder.input("x", [1, 6, 7, 2])
    let pad = Pad(before: [0, 1, 2, 0], after: [0, 0, 1, 0], mode: .constant(0))
    let y = try builder.convolution("y", try builder.node("pad", .pad(pad), x), outputs: 3)
    let network = builder.finished(y)
    #expect(try expectSameOutputs(network, foldPadding(network)).operations == ["Conv"])
  }

  @Test func `Of two users the convolution alone reads past the Pad`() throws {
    var builder = NetworkBuilder()
    let padded = try builder.node("pad", .pad(Self.zeros), builder.input("x", [1, 2, 6, 7]))
    let a = try builder.convolution("a", padded, outputs: 2)
    let b = try builder.node("b", .activation(.tanh), padded)
    let network = builder.finished(a, b)
    let result = try expectSameOutputs(network, foldPadding(network))
    #expect(result.operations == ["Pad", "Conv", "Tanh"])
    #expect(result.nodes[1].inputs[0] == network.inputs[0])
  }

  @Test(arguments: [false, true], [false, true])
  func `An average counts the zeros`(_ countsPadding: Bool, _ ceilMode: Bool) throws {
    var pooling = Self.pooling
    pooling.countIncludesPadding = countsPadding
    pooling.ceilMode = ceilMode
    let network = try network(Self.zeros, .averagePool(pooling))
    let result = try expectSameOutputs(network, foldPadding(network))
    pooling.countIncludesPadding = true
    pooling.padding = Padding2D(top: 1, left: 2, bottom: 0, right: 1)
    #expect(result.nodes.map(\.operation) == [.averagePool(pooling)])
  }

  @Test(arguments: [.clamp(Clamp(min: 0)), .sigmoid, .tanh, .clamp(Clamp(min: -1))] as [Activation])
  func `A maximum takes the zeros where nothing is negative`(_ activation: Activation) throws {
    var builder = NetworkBuilder()
    let x = try builder.node("a", .activation(activation), builder.input("x", [1, 2, 6, 7]))
    let padded = try builder.node("pad", .pad(Self.zeros), x)
    let network = builder.finished(try builder.node("y", .maxPool(Self.pooling), padded))
    let result = try expectSameOutputs(network, foldPadding(network))
    #expect(result.operations.contains("Pad") == (activation == .tanh || activation == .clamp(Clamp(min: -1))))
  }

  static let kept: [(Pad, Operation)] = [
    (Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 1], mode: .constant(1)), .averagePool(pooling)),
    (Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 1], mode: .edge), .averagePool(pooling)),
    (Pad(before: [0, 1, 1, 1], after: [0, 0, 1, 1], mode: .constant(0)), .averagePool(pooling)),
    // A window of nothing but padding is no window of a pool.
    (Pad(before: [0, 0, 3, 1], after: [0, 0, 1, 1], mode: .constant(0)), .averagePool(pooling)),
    // The pool's own padding does not count, the Pad's zeros do.
    (zeros, .averagePool(Pooling(kernel: Size2D(3, 3), padding: Padding2D(top: 1)))),
    // Two windows a dimension there, one less when the zeros are padding.
    (
      Pad(before: [0, 0, 0, 0], after: [0, 0, 2, 2], mode: .constant(0)),
      .averagePool(Pooling(kernel: Size2D(3, 3), stride: Size2D(7, 7), ceilMode: true))
    ),
    (zeros, .maxPool(pooling)),
    (zeros, .globalAveragePool),
  ]

  @Test(arguments: kept)
  func `Where the result would differ the Pad stays`(_ pad: Pad, _ operation: Operation) throws {
    let network = try network(pad, operation)
    #expect(try expectSameOutputs(network, foldPadding(network)).operations.first == "Pad")
  }
}
