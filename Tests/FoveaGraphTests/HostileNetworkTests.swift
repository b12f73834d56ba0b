import FoveaGraph
import Testing

/// Files of strangers may hold any number anywhere. None of them may trap.
struct HostileNetworkTests {
  static let numbers = [
    Int.min, -(1 << 32), -1, 0, 1, 2, 3, 4, 7, 1 << 16, 1 << 31, (1 << 31) + 1, 1 << 62, Int.max,
  ]

  private struct Source {
    var random: SplitMix64

    mutating func number() -> Int { HostileNetworkTests.numbers.randomElement(using: &random) ?? 0 }
    /// Mostly a sound dimension, so that the later rules are reached as well.
    mutating func dimension() -> Int { Int.random(in: 0..<4, using: &random) == 0 ? number() : 4 }
    mutating func list() -> [Int] { (0..<Int.random(in: 0...5, using: &random)).map { _ in dimension() } }
    mutating func size() -> Size2D { Size2D(dimension(), dimension()) }
    mutating func flag() -> Bool { Bool.random(using: &random) }
    mutating func padding() -> Padding2D {
      Padding2D(top: dimension(), left: dimension(), bottom: dimension(), right: dimension())
    }

    mutating func operation() -> Operation {
      let pooling = Pooling(
        kernel: size(), stride: size(), dilation: size(), padding: padding(), ceilMode: flag(),
        countIncludesPadding: flag())
      let choices: [Operation] = [
        .convolution(
          Convolution(kernel: size(), stride: size(), dilation: size(), padding: padding(), groups: dimension())),
        .maxPool(pooling), .gemm(Gemm(transposeA: flag(), transposeB: flag())), .fullyConnected(FullyConnected()),
        .matMul, .batchNormalization(epsilon: 0), .binary(Binary(.divide)), .concat(axis: number()),
        .reduce(Reduction(.mean, axes: list(), keepDimensions: flag())), .globalMaxPool, .softmax(axis: number()),
        .pad(Pad(before: list(), after: list(), mode: flag() ? .reflect : .edge)), .reshape(list()),
        .transpose(list()), .slice(Slice(starts: list(), steps: list(), sizes: list())),
      ]
      return choices.randomElement(using: &random) ?? .identity
    }
  }

  @Test func `Any numbers give a shape or an error`() {
    var source = Source(random: SplitMix64(state: 5))
    var accepted = 0
    for _ in 0..<20_000 {
      let operation = source.operation()
      let inputs = (0..<Int.random(in: 0...5, using: &source.random)).map { _ in source.list() }
      let layout = source.flag() ? Layout.nchw : .nhwc
      guard let output = try? operation.outputShape(of: inputs, layout: layout) else { continue }
      accepted += 1
      #expect(output.allSatisfy { (0...1 << 31).contains($0) })
      #expect(operation.multiplyAccumulates(inputs: inputs, output: output) >= 0)
    }
    #expect(accepted > 100)
  }

  @Test func `Any numbers in a network give a network or an error`() throws {
    var source = Source(random: SplitMix64(state: 6))
    for _ in 0..<500 {
      var network = Network(source: "hostile")
      network.inputs = [network.addValue(name: "x", shape: source.list())]
      let constantShape = [Int](repeating: 4, count: Int.random(in: 0...4, using: &source.random))
      _ = network.addConstant(name: "c", source.random.tensor(constantShape))
      for index in 0..<6 {
        let inputs = (0..<Int.random(in: 1...3, using: &source.random)).map { _ in
          ValueID(Int.random(in: 0...network.values.count, using: &source.random))
        }
        let output = network.addValue(name: "v\(index)", shape: source.list())
        let node = Node(name: "n\(index)", operation: source.operation(), inputs: inputs, outputs: [output])
        // Mostly nodes that can be, so that the later passes are reached as well.
        var longer = network
        longer.nodes.append(node)
        network = (try? inferShapes(longer)) ?? (index == 5 && source.flag() ? longer : network)
      }
      network.outputs = [ValueID(Int.random(in: 0..<network.values.count, using: &source.random))]
      _ = try? applyPasses(to: network)
    }
  }
}
