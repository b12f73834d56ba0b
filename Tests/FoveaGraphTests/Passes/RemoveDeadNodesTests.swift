import FoveaGraph
import Testing

@Test func `What no output depends on goes, and values are numbered anew`() throws {
  var builder = NetworkBuilder()
  let unused = builder.input("unused", [1])
  let x = builder.input("x", [2])
  let dead = try builder.node("dead", .binary(Binary(.add)), x, builder.constant("deadConstant", [2]))
  _ = try builder.node("deader", .activation(.tanh), dead)
  let y = try builder.node("y", .binary(Binary(.multiply)), x, builder.constant("c", [2]))
  let network = builder.finished(y)
  let result = try expectSameOutputs(network, removeDeadNodes(network))
  #expect(result.operations == ["Mul"])
  #expect(result.values.map(\.name) == ["unused", "x", "c", "y"])
  #expect(result.inputs.map { result[$0].name } == [network[unused].name, "x"])
  #expect(result.constants.count == 1)
}
