import FoveaGraph
import Testing

struct FuseSiluTests {
  private func network(_ gate: Activation, gateFirst: Bool = false, clamp: Clamp = .none) throws -> Network {
    var builder = NetworkBuilder()
    let x = builder.input("x", [9])
    let a = try builder.node("gate", .activation(gate), x)
    let product = Operation.binary(Binary(.multiply, clamp: clamp))
    return builder.finished(try builder.node("y", product, gateFirst ? [a, x] : [x, a]))
  }

  @Test(arguments: [false, true])
  func `x times sigmoid of x is SiLU`(_ gateFirst: Bool) throws {
    let network = try network(.sigmoid, gateFirst: gateFirst)
    #expect(try expectSameOutputs(network, fuseSilu(network)).nodes.map(\.operation) == [.activation(.silu)])
  }

  @Test(arguments: [1 / 6, 0.16667] as [Float])
  func `x times hard sigmoid of x is HardSwish`(_ alpha: Float) throws {
    let network = try network(.hardSigmoid(alpha: alpha, beta: 0.5))
    #expect(try expectSameOutputs(network, fuseSilu(network)).nodes.map(\.operation) == [.activation(.hardSwish)])
  }

  @Test(arguments: [.hardSigmoid(alpha: 0.2, beta: 0.5), .tanh] as [Activation])
  func `Other gates stay`(_ gate: Activation) throws {
    #expect(try fuseSilu(network(gate)).nodes.count == 2)
    #expect(try fuseSilu(network(.sigmoid, clamp: Clamp(min: 0))).nodes.count == 2)
  }

  @Test func `A gate of another value, or of another use, stays`() throws {
    var builder = NetworkBuilder()
    let (x, z) = (builder.input("x", [9]), builder.input("z", [9]))
    let a = try builder.node("a", .activation(.sigmoid), x)
    let b = try builder.node("b", .binary(Binary(.multiply)), z, a)
    let c = try builder.node("c", .activation(.sigmoid), z)
    let d = try builder.node("d", .binary(Binary(.multiply)), z, c)
    #expect(fuseSilu(builder.finished(b, c, d)).operations == ["Sigmoid", "Mul", "Sigmoid", "Mul"])
  }
}
