import FoveaGraph
import Testing

struct FuseActivationsTests {
  static let relu = Operation.activation(.clamp(Clamp(min: 0)))
  static let relu6 = Operation.activation(.clamp(Clamp(min: 0, max: 6)))

  @Test func `A layer carries the Relu behind it`() throws {
    var builder = NetworkBuilder()
    let a = try builder.convolution("conv", builder.input("x", [1, 2, 4, 4]), outputs: 3)
    let network = builder.finished(try builder.node("y", Self.relu, a))
    let result = try expectSameOutputs(network, fuseActivations(network))
    #expect(result.nodes.map(\.operation) == [.convolution(Convolution(kernel: Size2D(3, 3), clamp: Clamp(min: 0)))])
    #expect(result.nodes[0].outputs == network.outputs)
  }

  @Test func `So does a fully connected node`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let a = try builder.node("fc", .fullyConnected(FullyConnected()), x, builder.constant("w", [4, 3]))
    let network = builder.finished(try builder.node("y", Self.relu, a))
    let result = try expectSameOutputs(network, fuseActivations(network))
    #expect(result.nodes.map(\.operation) == [.fullyConnected(FullyConnected(clamp: Clamp(min: 0)))])
  }

  @Test(arguments: Binary.Operator.allCases)
  func `So does arithmetic`(_ operation: Binary.Operator) throws {
    var builder = NetworkBuilder()
    let a = try builder.node("a", .binary(Binary(operation)), builder.input("x", [2, 3]), builder.input("z", [3]))
    let network = builder.finished(try builder.node("y", Self.relu6, a))
    let result = try expectSameOutputs(network, fuseActivations(network))
    #expect(result.nodes.map(\.operation) == [.binary(Binary(operation, clamp: Clamp(min: 0, max: 6)))])
  }

  @Test func `Clamps in a row are one`() throws {
    var builder = NetworkBuilder()
    let a = try builder.node("a", Self.relu, builder.input("x", [9]))
    let b = try builder.node("b", .activation(.clamp(Clamp(max: 1))), a)
    let network = builder.finished(try builder.node("y", .activation(.clamp(Clamp(min: 0.5))), b))
    let result = try expectSameOutputs(network, fuseActivations(network))
    #expect(result.nodes.map(\.operation) == [.activation(.clamp(Clamp(min: 0.5, max: 1)))])
  }

  @Test func `What something else uses unclamped stays`() throws {
    var builder = NetworkBuilder()
    let a = try builder.convolution("conv", builder.input("x", [1, 2, 4, 4]), outputs: 3)
    let b = try builder.node("b", Self.relu, a)
    let network = builder.finished(try builder.node("y", .binary(Binary(.add)), a, b))
    #expect(try expectSameOutputs(network, fuseActivations(network)).operations == ["Conv", "Relu", "Add"])
    #expect(fuseActivations(builder.finished(a, b)).operations == ["Conv", "Relu", "Add"])
  }

  @Test func `Other functions and other nodes stay`() throws {
    var builder = NetworkBuilder()
    let a = try builder.convolution("conv", builder.input("x", [1, 2, 4, 4]), outputs: 3)
    let b = try builder.node("b", .activation(.tanh), a)
    let network = builder.finished(try builder.node("y", Self.relu, b))
    #expect(fuseActivations(network).operations == ["Conv", "Tanh", "Relu"])
  }
}
