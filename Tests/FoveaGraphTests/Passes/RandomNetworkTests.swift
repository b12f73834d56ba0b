import FoveaGraph
import Testing

/// Passes meet each other's results in networks that nobody thought of. Each seed is a network of a dozen nodes.
struct RandomNetworkTests {
  @Test(arguments: UInt64(0)..<200)
  func `All passes together keep what a network computes`(_ seed: UInt64) throws {
    let network = try randomNetwork(seed)
    let result = try expectSameOutputs(network, applyPasses(to: network))
    #expect(result.layout == .nhwc)
    for (old, new) in zip(network.inputs + network.outputs, result.inputs + result.outputs) {
      #expect(result[new].name == network[old].name)
    }
  }

  private func randomNetwork(_ seed: UInt64) throws -> Network {
    var random = SplitMix64(state: seed)
    var builder = NetworkBuilder()
    var values = [builder.input("x", [1, 4, 6, 5]), builder.input("z", [1, 4])]
    func pick() -> ValueID { values.suffix(4).randomElement(using: &random) ?? values[0] }
    while values.count < 14 {
      let x = pick()
      let shape = builder.network[x].shape
      let name = "n\(values.count)"
      // What does not fit the value's shape is no node, and another is drawn.
      let y = try? randomNode(name, x, pick(), shape, &builder, &random)
      if let y, builder.network[y].shape.reduce(1, *) <= 500 { values.append(y) }
    }
    let unused = values.filter { value in !builder.network.nodes.contains { $0.inputs.contains(value) } }
    var network = builder.finished()
    network.outputs = unused.filter { !network.inputs.contains($0) }
    return network
  }

  private func randomNode(
    _ name: String, _ x: ValueID, _ other: ValueID, _ shape: [Int], _ builder: inout NetworkBuilder,
    _ random: inout SplitMix64
  ) throws -> ValueID {
    let channels = shape.count > 1 ? shape[1] : 1
    let last = shape.last ?? 1
    let operators = Binary.Operator.allCases.filter { ![.divide, .power].contains($0) }
    let binary = Operation.binary(Binary(operators.randomElement(using: &random) ?? .add))
    let axis = Int.random(in: 0..<max(1, shape.count), using: &random)
    let zeros = [Int](repeating: 0, count: shape.count)
    switch Int.random(in: 0..<31, using: &random) {
    case 0, 1, 2:
      guard shape.count == 4 else { throw ShapeError("no image") }
      let convolution = Convolution(
        kernel: Size2D(3, 2), stride: Size2D(1, Int.random(in: 1...2, using: &random)),
        padding: Padding2D(top: 1, bottom: 1), groups: channels % 2 == 0 ? 2 : 1)
      return try builder.convolution(name, x, outputs: 4, convolution, bias: Bool.random(using: &random))
    case 3, 4: return try builder.batchNormalization(name, x, channels: channels)
    case 5, 6, 7: return try builder.node(name, .activation(.clamp(Clamp(min: 0, max: 1.5))), x)
    case 8:
      let gate = try builder.node(name + ".gate", .activation(.sigmoid), x)
      return try builder.node(name, .binary(Binary(.multiply)), gate, x)
    case 9: return try builder.node(name, binary, x, other)
    case 10: return try builder.node(name, binary, builder.constant(name + ".c", [channels, 1, 1]), x)
    case 11: return try builder.node(name, binary, x, builder.constant(name + ".c", [last]))
    case 12:
      let pad = Pad(before: zeros.dropLast(2) + [1, 0], after: zeros.dropLast(2) + [1, 1], mode: .constant(0))
      return try builder.node(name, .pad(pad), x)
    case 13:
      let pooling = Pooling(kernel: Size2D(2, 2), stride: Size2D(2, 1), ceilMode: Bool.random(using: &random))
      return try builder.node(name, Bool.random(using: &random) ? .maxPool(pooling) : .averagePool(pooling), x)
    case 14: return try builder.node(name, .globalAveragePool, x)
    case 15: return try builder.node(name, .reshape([1, shape.reduce(1, *)]), x)
    case 16: return try builder.node(name, .reshape([1, 4, 1, shape.reduce(1, *) / 4]), x)
    case 17: return try builder.node(name, .transpose(Array(shape.indices).shuffled(using: &random)), x)
    case 18: return try builder.node(name, .concat(axis: axis), x, other)
    case 19: return try builder.node(name, .softmax(axis: axis), x)
    case 20: return try builder.node(name, .identity, x)
    case 21:
      let reduction = Reduction(.mean, axes: [axis], keepDimensions: Bool.random(using: &random))
      return try builder.node(name, .reduce(reduction), x)
    case 22: return try builder.node(name, .matMul, x, builder.constant(name + ".w", [last, 3]))
    case 23:
      let gemm = Operation.gemm(Gemm(alpha: 0.5, beta: 2, transposeB: true))
      return try builder.node(
        name, gemm, x, builder.constant(name + ".w", [3, last]), builder.constant(name + ".b", [3]))
    case 24: return try builder.node(name, .matMul, x, other)
    case 25: return try builder.node(name, .normalize(Normalization(axes: [axis], epsilon: 1e-3)), x)
    case 26:
      let size = shape.indices.contains(axis) ? shape[axis] : 1
      return try builder.node(name, .resample(Resampling(axis: axis, gathering: [0, size - 1, size / 2])), x)
    case 27:
      let order: DepthToSpace.Order = Bool.random(using: &random) ? .blockFirst : .depthFirst
      return try builder.node(name, .depthToSpace(DepthToSpace(block: Size2D(2, 1), order: order)), x)
    case 28:
      return try builder.node(name, .spaceToDepth(DepthToSpace(block: Size2D(2, 1), order: .depthFirst)), x)
    case 29:
      let kind = Reduction.Kind.allCases.randomElement(using: &random) ?? .sum
      return try builder.node(
        name, .reduce(Reduction(kind, axes: [axis], keepDimensions: Bool.random(using: &random))), x)
    default:
      var slice = Slice(starts: zeros, steps: zeros.map { _ in 1 }, sizes: shape)
      slice.sizes[axis] = max(1, slice.sizes[axis] - 1)
      return try builder.node(name, .slice(slice), x)
    }
  }
}
