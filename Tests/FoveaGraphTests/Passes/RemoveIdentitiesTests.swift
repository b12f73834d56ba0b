import FoveaGraph
import Testing

struct RemoveIdentitiesTests {
  static let identities: [Operation] = [
    .identity,
    .reshape([2, 3]),
    .transpose([0, 1]),
    .slice(Slice(starts: [0, 0], steps: [1, 1], sizes: [2, 3])),
    .pad(Pad(before: [0, 0], after: [0, 0], mode: .reflect)),
    .activation(.clamp(.none)),
    .concat(axis: 1),
    .reduce(Reduction(.mean, axes: [], keepDimensions: false)),
  ]

  @Test(arguments: identities)
  func `A node without effect goes`(_ identity: Operation) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let a = try builder.node("a", .activation(.tanh), x)
    let b = try builder.node("b", identity, a)
    let y = try builder.node("y", .activation(.sigmoid), b)
    let network = builder.finished(y)
    let result = try expectSameOutputs(network, removeIdentities(network))
    #expect(result.operations == ["Tanh", "Sigmoid"])
  }

  static let others: [Operation] = [
    .reshape([3, 2]),
    .transpose([1, 0]),
    .slice(Slice(starts: [1, 2], steps: [-1, -1], sizes: [2, 3])),
    .pad(Pad(before: [0, 0], after: [0, 1], mode: .edge)),
    .activation(.clamp(Clamp(min: 0))),
  ]

  @Test(arguments: others)
  func `A node with effect stays`(_ operation: Operation) throws {
    var builder = NetworkBuilder()
    let y = try builder.node("y", operation, builder.input("x", [2, 3]))
    let z = try builder.node("z", .activation(.tanh), y)
    #expect(removeIdentities(builder.finished(z)).nodes.count == 2)
  }

  @Test func `The output keeps its name when the node before it goes`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2])
    let a = try builder.node("a", .activation(.tanh), x)
    let b = try builder.node("b", .identity, a)
    let y = try builder.node("y", .identity, b)
    // Another use of a removed value follows the change.
    let z = try builder.node("z", .activation(.sigmoid), a)
    let network = builder.finished(y, z)
    let result = try expectSameOutputs(network, removeIdentities(network))
    #expect(result.operations == ["Tanh", "Sigmoid"])
    #expect(result.outputs == [y, z])
    #expect(result.nodes[0].outputs == [y])
  }

  @Test func `A value cannot be input and output, nor two outputs`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2])
    let copy = try builder.node("copy", .identity, x)
    let a = try builder.node("a", .activation(.tanh), x)
    let first = try builder.node("first", .identity, a)
    let second = try builder.node("second", .identity, a)
    let constant = try builder.node("constant", .identity, builder.constant("c", [2]))
    let network = builder.finished(copy, first, second, constant)
    let result = try expectSameOutputs(network, removeIdentities(network))
    #expect(result.operations == ["Identity", "Tanh", "Identity", "Identity"])
  }
}
