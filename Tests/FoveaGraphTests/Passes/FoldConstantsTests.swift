import FoveaGraph
import Testing

struct FoldConstantsTests {
  @Test func `What follows from constants is a constant`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let sum = try builder.node("sum", .binary(Binary(.add)), builder.constant("a", [2, 1]), builder.constant("b", [3]))
    let turned = try builder.node("turned", .transpose([1, 0]), sum)
    let y = try builder.node("y", .matMul, x, turned)
    let network = builder.finished(y)
    let folded = try expectSameOutputs(network, foldConstants(network))
    #expect(folded.operations == ["MatMul"])
    #expect(folded.constants[turned]?.shape == [3, 2])
  }

  @Test func `An output is made by a node`() throws {
    var builder = NetworkBuilder()
    let y = try builder.node("y", .activation(.tanh), builder.constant("c", [3]))
    let network = builder.finished(y)
    #expect(foldConstants(network).operations == ["Tanh"])
  }

  @Test func `What cannot be evaluated stays`() throws {
    var builder = NetworkBuilder()
    let product = try builder.node("p", .matMul, builder.constant("a", [2, 3]), builder.constant("b", [3, 2]))
    let y = try builder.node("y", .activation(.tanh), product)
    let network = builder.finished(y)
    #expect(foldConstants(network).operations == ["MatMul", "Tanh"])
  }
}
