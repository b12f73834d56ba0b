import FoveaGraph
import Testing

struct FuseNormalizationTests {
  static let shape = [2, 3, 4]

  @Test(arguments: [[2], [1, 2]], [true, false])
  func `PyTorch's formula is a normalization`(_ axes: [Int], _ asPower: Bool) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", Self.shape)
    let (difference, deviation) = try builder.spread(of: x, axes: axes, asPower: asPower)
    let network = builder.finished(try builder.node("y", .binary(Binary(.divide)), difference, deviation))
    let result = try expectSameOutputs(network, removeDeadNodes(fuseNormalization(network)))
    #expect(result.nodes.map(\.operation) == [.normalize(Normalization(axes: axes, epsilon: 0.01))])
  }

  @Test(arguments: [false, true], [false, true])
  func `TensorFlow's formula is a normalization, scaled and shifted`(_ isScaled: Bool, _ isShifted: Bool) throws {
    var builder = NetworkBuilder()
    let x = builder.input("x", Self.shape)
    let deviation = try builder.spread(of: x, axes: [2], asPower: false).deviation
    var factor = try builder.node("reciprocal", .activation(.function(.reciprocal)), deviation)
    if isScaled { factor = try builder.node("k", .binary(Binary(.multiply)), factor, builder.constant("scale", [4])) }
    let mean = try #require(builder.network.nodes.first?.outputs.first)
    let scaled = try builder.node("scaled", .binary(Binary(.multiply)), x, factor)
    let shifted: ValueID
    if isShifted {
      let product = try builder.node("product", .binary(Binary(.multiply)), mean, factor)
      shifted = try builder.node("shifted", .binary(Binary(.subtract)), builder.constant("shift", [4]), product)
    } else {
      let negative = try builder.node("negative", .activation(.function(.negate)), mean)
      shifted = try builder.node("shifted", .binary(Binary(.multiply)), negative, factor)
    }
    let network = builder.finished(try builder.node("y", .binary(Binary(.add)), scaled, shifted))
    let result = try expectSameOutputs(network, removeDeadNodes(fuseNormalization(network)))
    #expect(
      result.operations == ["MeanVarianceNormalization"] + (isScaled ? ["Mul"] : []) + (isShifted ? ["Add"] : []))
  }

  /// The deviation of other axes than the mean's, or from another mean.
  @Test func `What is only alike stays`() throws {
    for isOtherAxis in [true, false] {
      var builder = NetworkBuilder()
      let x = builder.input("x", Self.shape)
      let (difference, _) = try builder.spread(of: x, axes: [2], asPower: false)
      let other = isOtherAxis ? x : builder.input("z", Self.shape)
      let deviation = try builder.spread(of: other, axes: isOtherAxis ? [1] : [2], asPower: false).deviation
      let network = builder.finished(try builder.node("y", .binary(Binary(.divide)), difference, deviation))
      #expect(fuseNormalization(network).nodes == network.nodes)
    }
  }
}

extension NetworkBuilder {
  /// x - mean(x), and sqrt(mean of its square + 0.01).
  fileprivate mutating func spread(
    of x: ValueID, axes: [Int], asPower: Bool
  ) throws -> (difference: ValueID, deviation: ValueID) {
    let reduction = Operation.reduce(Reduction(.mean, axes: axes, keepDimensions: true))
    let difference = try node("d", .binary(Binary(.subtract)), x, node("mean", reduction, x))
    let square =
      asPower
      ? try node("square", .binary(Binary(.power)), difference, constant("two", [], 2...2))
      : try node("square", .binary(Binary(.multiply)), difference, difference)
    let sum = try node(
      "sum", .binary(Binary(.add)), node("variance", reduction, square), constant("epsilon", [], 0.01...0.01))
    return (difference, try node("deviation", .activation(.function(.sqrt)), sum))
  }
}
