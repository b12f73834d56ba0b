import FoveaGraph
import Testing

struct CanonicalizeFullyConnectedTests {
  static let gemms: [(Gemm, [Int]?)] = [
    (Gemm(), nil),
    (Gemm(transposeB: true), [4]),
    (Gemm(alpha: 0.5), [1, 4]),
    (Gemm(alpha: -2, beta: 3, transposeB: true), [4]),
    (Gemm(beta: 3), []),
    (Gemm(beta: 3), [1, 1]),
  ]

  @Test(arguments: gemms)
  func `A gemm with constant B and bias is fully connected`(_ gemm: Gemm, _ bias: [Int]?) throws {
    var builder = NetworkBuilder()
    var inputs = [builder.input("x", [2, 3]), builder.constant("b", gemm.transposeB ? [4, 3] : [3, 4])]
    if let bias { inputs.append(builder.constant("c", bias)) }
    let network = builder.finished(try builder.node("y", .gemm(gemm), inputs))
    let result = try expectSameOutputs(network, canonicalizeFullyConnected(network))
    #expect(result.operations == ["FullyConnected"])
    #expect(result[result.nodes[0].inputs[1]].shape == [4, 3])
    if bias != nil { #expect(result[result.nodes[0].inputs[2]].shape == [4]) }
  }

  @Test(arguments: [[3], [2, 3], [5, 2, 3], [1, 5, 2, 3]])
  func `A product with a constant matrix is fully connected`(_ shape: [Int]) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", shape)
    let network = builder.finished(try builder.node("y", .matMul, x, builder.constant("w", [3, 4])))
    #expect(try expectSameOutputs(network, canonicalizeFullyConnected(network)).operations == ["FullyConnected"])
  }

  @Test func `A constant added behind is the bias`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [5, 3])
    let product = try builder.node("product", .matMul, x, builder.constant("w", [3, 4]))
    let network = builder.finished(try builder.node("y", .binary(Binary(.add)), builder.constant("b", [4]), product))
    let result = try expectSameOutputs(network, canonicalizeFullyConnected(network))
    #expect(result.operations == ["FullyConnected"])
    #expect(result.nodes[0].inputs.count == 3)
    #expect(result.nodes[0].outputs == network.outputs)
  }

  @Test func `A column is transposed by a reshape`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [3, 1])
    let network = builder.finished(
      try builder.node("y", .gemm(Gemm(transposeA: true)), x, builder.constant("w", [3, 4])))
    let result = try expectSameOutputs(network, canonicalizeFullyConnected(network))
    #expect(result.operations == ["Reshape", "FullyConnected"])
  }

  @Test(arguments: [false, true])
  func `A C of its own for each row is added behind`(_ isConstant: Bool) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let w = builder.constant("w", [3, 4])
    let c = isConstant ? builder.constant("c", [2, 1]) : builder.input("c", [4])
    let network = builder.finished(try builder.node("y", .gemm(Gemm(alpha: 2)), x, w, c))
    let result = try expectSameOutputs(network, canonicalizeFullyConnected(network))
    #expect(result.operations == ["FullyConnected", "Add"])
  }

  @Test func `Computed matrices stay`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [2, 3])
    let w = builder.input("w", [3, 4])
    let constant = builder.constant("k", [4, 2])
    let a = try builder.node("a", .matMul, x, w)
    let b = try builder.node("b", .gemm(Gemm()), x, w)
    let c = try builder.node("c", .gemm(Gemm(transposeA: true)), x, builder.constant("d", [2, 5]))
    let d = try builder.node("e", .matMul, constant, x)
    let network = builder.finished(a, b, c, d)
    let result = try expectSameOutputs(network, canonicalizeFullyConnected(network))
    #expect(result.operations == ["MatMul", "Gemm", "Gemm", "MatMul"])
  }

  @Test func `A batch of constant matrices stays`() throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", [5, 2, 3])
    let network = builder.finished(try builder.node("y", .matMul, x, builder.constant("w", [5, 3, 4])))
    #expect(canonicalizeFullyConnected(network).operations == ["MatMul"])
  }
}
