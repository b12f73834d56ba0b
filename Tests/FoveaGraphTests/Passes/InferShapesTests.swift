import FoveaGraph
import Testing

struct InferShapesTests {
  @Test func `Shapes follow from inputs and constants`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 3, 8, 8])
    let y = try builder.convolution("conv", x, outputs: 4)
    let z = try builder.node("pool", .globalAveragePool, y)
    let network = builder.finished(z)
    var wrong = network
    for index in wrong.values.indices where wrong.values[index].name != "x" { wrong.values[index].shape = [7] }
    #expect(try inferShapes(wrong).values == network.values)
  }

  @Test func `A broken rule names its node`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [1, 3, 8, 8])
    let y = try builder.convolution("conv", x, outputs: 4)
    var network = builder.finished(y)
    network[x].shape = [1, 3, 2, 8]
    let error = GraphError.invalid(
      node: "conv", operation: "Conv", reason: "height 2 with padding 0 + 0 is smaller than the window, 3")
    #expect(throws: error) { try inferShapes(network) }
  }

  /// A way to break a sound network, and what is said of it.
  struct Damage: Sendable {
    var reason: String
    var apply: @Sendable (inout Network) -> Void

    init(_ reason: String, _ apply: @escaping @Sendable (inout Network) -> Void) {
      self.reason = reason
      self.apply = apply
    }
  }

  static let damages: [Damage] = [
    Damage("used before it is made") { $0.nodes.reverse() },
    Damage("used before it is made") { $0.outputs = [ValueID(4711)] },
    Damage("used before it is made") { $0.nodes[0].inputs = [ValueID(-1)] },
    Damage("used before it is made") { $0.nodes[0].inputs = $0.nodes[1].outputs },
    Damage("is defined twice") { $0.nodes[1].outputs = $0.nodes[0].outputs },
    Damage("is defined twice") { $0.inputs.append($0.inputs[0]) },
    Damage("there is no value number 99") { $0.inputs.append(ValueID(99)) },
    Damage("2 outputs, expected 1") { $0.nodes[0].outputs += $0.nodes[1].outputs },
    Damage("0 inputs, expected 1") { $0.nodes[0].inputs = [] },
    Damage("beyond what a value can have") { $0[$0.inputs[0]].shape = [1 << 40] },
    Damage("the number of elements is not that of the shape") { $0.constants[$0.nodes[1].inputs[1]]?.shape = [9] },
  ]

  @Test(arguments: damages)
  func `A network that is none is refused`(_ damage: Damage) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2])
    let y = try builder.node("first", .activation(.tanh), x)
    let z = try builder.node("second", .binary(Binary(.add)), y, builder.constant("c", [2]))
    var network = builder.finished(z)
    damage.apply(&network)
    let error = #expect(throws: GraphError.self) { try inferShapes(network) }
    #expect("\(try #require(error))".contains(damage.reason))
  }
}
