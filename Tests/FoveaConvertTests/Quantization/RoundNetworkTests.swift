import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Glibc
import Testing

/// Second-order rounding of whole networks: smaller errors than rounding to nearest, the same bytes whatever the threads, sums that
/// stay in 32 bits.
struct RoundNetworkTests {
  /// A layer as a network of its own, with weights whose outputs lean on correlated inputs.
  struct Layer: CustomTestStringConvertible, Sendable {
    var name: String
    var channels: Int
    var outputs: Int
    var groups = 1
    var kernel = 1
    var stride = 1
    var dilation = 1
    var isClamped = false

    var testDescription: String { name }
    private var side: Int { 9 }
    private var isFullyConnected: Bool { kernel == 0 }

    func network() throws -> Network {
      var random = Random(seed: UInt64(channels * 31 + outputs))
      var network = Network(source: "\(name).onnx")
      let x = network.addValue(name: "x", shape: isFullyConnected ? [1, channels] : [1, channels, side, side])
      let shape = isFullyConnected ? [outputs, channels] : [outputs, channels / groups, kernel, kernel]
      let w = network.addConstant(
        name: "w", Tensor(shape: shape, floats: random.floats(shape.reduce(1, *)).map { $0 * $0 * $0 }))
      let b = network.addConstant(name: "b", Tensor(shape: [outputs], floats: random.floats(outputs)))
      let clamp = isClamped ? Clamp(min: 0, max: 6) : .none
      let operation: FoveaGraph.Operation =
        isFullyConnected
        ? .fullyConnected(FullyConnected(clamp: clamp))
        : .convolution(
          Convolution(
            kernel: Size2D(kernel, kernel), stride: Size2D(stride, stride), dilation: Size2D(dilation, dilation),
            padding: Padding2D(top: kernel / 2, left: kernel / 2, bottom: kernel / 2, right: kernel / 2),
            groups: groups,
            clamp: clamp))
      let y = network.addValue(name: "y", shape: try operation.outputShape(of: [x, w, b].map { network[$0].shape }))
      network.nodes = [Node(name: name, operation: operation, inputs: [x, w, b], outputs: [y])]
      (network.inputs, network.outputs) = ([x], [y])
      return network
    }

    /// Smooth images of channels that share most of what they show.
    func inputs(_ count: Int, seed: UInt64) -> [[[Float]]] {
      var random = Random(seed: seed)
      return (0..<count).map { _ in
        let size = isFullyConnected ? 1 : side * side
        let common = random.floats(size, 0, 3)
        return [(0..<channels).flatMap { _ in common.map { $0 + random.float(0, 1) } }]
      }
    }
  }

  static let layers = [
    Layer(name: "pointwise", channels: 70, outputs: 65),
    Layer(name: "pointwise, clamped", channels: 33, outputs: 20, isClamped: true),
    Layer(name: "3x3", channels: 12, outputs: 20, kernel: 3),
    Layer(name: "3x3, stride and dilation", channels: 7, outputs: 9, kernel: 3, stride: 2, dilation: 2),
    Layer(name: "grouped", channels: 12, outputs: 18, groups: 3, kernel: 3),
    Layer(name: "depthwise", channels: 70, outputs: 70, groups: 70, kernel: 5, isClamped: true),
    Layer(name: "depthwise, float output", channels: 20, outputs: 20, groups: 20, kernel: 3),
    Layer(name: "fully connected", channels: 130, outputs: 70, kernel: 0),
  ]

  private func bytes(_ layer: Layer, _ rounding: WeightRounding, threads: Int = 1) throws -> [UInt8] {
    let inputs = layer.inputs(16, seed: 1)
    return try convert(
      layer.network(), options: ConversionOptions(precision: .int8, rounding: rounding, threads: threads),
      calibration: CalibrationInputs(count: inputs.count) { inputs[$0] }
    ).bytes
  }

  /// The outputs' mean squared difference from float, on inputs that calibration did not see.
  private func error(_ layer: Layer, _ rounding: WeightRounding) throws -> Double {
    let float = try Session(Model(bytes: convert(layer.network(), options: ConversionOptions(precision: .float)).bytes))
    let int8 = try Session(Model(bytes: bytes(layer, rounding)))
    var sum = 0.0
    for inputs in layer.inputs(8, seed: 2) {
      for (x, y) in zip(try float.outputs(inputs)[0], try int8.outputs(inputs)[0]) {
        sum += Double(x - y) * Double(x - y)
      }
    }
    return sum
  }

  @Test(arguments: layers) func errorsAreSmaller(_ layer: Layer) throws {
    let (second, nearest) = (try error(layer, .secondOrder), try error(layer, .nearest))
    // Activations' own rounding, which neither can help, is in both.
    #expect(second < (layer.isClamped ? 1.02 : 0.95) * nearest)
  }

  @Test(arguments: layers) func bytesDoNotDependOnThreads(_ layer: Layer) throws {
    let one = try bytes(layer, .secondOrder)
    for threads in 2...3 { #expect(try bytes(layer, .secondOrder, threads: threads) == one) }
    #expect(try bytes(layer, .nearest) != one)
  }

  /// The mean output is float's: rounding to nearest leaves a bias that adds up over many equal weights.
  @Test func meansAreFloats() throws {
    let layer = Layer(name: "pointwise", channels: 70, outputs: 65)
    let float = try Session(Model(bytes: convert(layer.network(), options: ConversionOptions(precision: .float)).bytes))
    func meanError(_ rounding: WeightRounding) throws -> Double {
      let int8 = try Session(Model(bytes: bytes(layer, rounding)))
      var sums = [Double](repeating: 0, count: 65)
      for inputs in layer.inputs(16, seed: 1) {
        for (index, (x, y)) in zip(try float.outputs(inputs)[0], try int8.outputs(inputs)[0]).enumerated() {
          sums[index / 81] += Double(x - y) / (16 * 81)
        }
      }
      return sums.map { $0 * $0 }.reduce(0, +).squareRoot()
    }
    #expect(try meanError(.secondOrder) < 0.1 * meanError(.nearest))
  }

  /// Windows as rows, against the definition of a convolution: their products with the weights are its outputs.
  @Test(arguments: layers) func windowsTimesWeightsAreOutputs(_ layer: Layer) throws {
    let network = try convertLayoutToNHWC(layer.network())
    let node = try #require(network.nodes.first { $0.inputs.count == 3 })
    let windows = try #require(LayerWindows(of: node, in: network))
    let weights = try #require(network.constants[node.inputs[1]]?.floats)
    let bias = try #require(network.constants[node.inputs[2]]?.floats)
    let inputs = layer.inputs(1, seed: 3)[0]
    var unclamped = layer
    unclamped.isClamped = false
    let float = try Session(
      Model(bytes: convert(unclamped.network(), options: ConversionOptions(precision: .float)).bytes))
    let expected = try float.outputs(inputs)[0]
    // NHWC, which the windows are of.
    let size = inputs[0].count / layer.channels
    let image = (0..<inputs[0].count).map { inputs[0][$0 % layer.channels * size + $0 / layer.channels] }
    let outputs = layer.outputs / windows.groups
    for position in 0..<windows.count {
      var row = [Float](repeating: 0, count: windows.rowSize)
      unsafe windows.gather(position, into: &row) { image[$0] }
      for output in 0..<layer.outputs {
        let group = output / outputs
        let sum = (0..<windows.size).reduce(Double(bias[output])) {
          $0 + Double(row[group * windows.size + $1]) * Double(weights[output * windows.size + $1])
        }
        #expect((sum - Double(expected[output * windows.count + position])).magnitude < 1e-3)
      }
    }
  }

  @Test(arguments: [1, 5, 80, 81, 200]) func samplesAreSpread(_ limit: Int) throws {
    let network = try convertLayoutToNHWC(Layer(name: "3x3", channels: 2, outputs: 2, kernel: 3).network())
    let node = try #require(network.nodes.first { $0.inputs.count == 3 })
    let windows = try #require(LayerWindows(of: node, in: network))
    for run in 0..<20 {
      let sample = windows.sample(run: run, limit: limit)
      #expect(sample.count == min(limit, windows.count))
      #expect(sample == sample.sorted() && sample.allSatisfy { (0..<windows.count).contains($0) })
      for (index, position) in sample.enumerated() {
        #expect((position - index * windows.count / sample.count).magnitude <= windows.count / sample.count + 1)
      }
      #expect(windows.sample(run: run, limit: limit) == sample)
    }
  }

  /// Biases and outputs at the edge of what 32 bits hold: the engine's validation, which conversion ends with, accepts them.
  @Test(arguments: [1e-6, 1, 1e4, 1e7] as [Float], [1, 1e-5] as [Float])
  func sumsStayInBounds(_ bias: Float, _ size: Float) throws {
    var layer = try Layer(name: "pointwise, clamped", channels: 64, outputs: 8, isClamped: true).network()
    for (value, tensor) in layer.constants {
      guard let floats = tensor.floats else { continue }
      layer.constants[value] = Tensor(
        shape: tensor.shape, floats: floats.map { $0 * (tensor.shape.count == 1 ? bias : size) })
    }
    let inputs = Layer(name: "", channels: 64, outputs: 8).inputs(4, seed: 1)
    let result = try convert(
      layer, options: ConversionOptions(precision: .int8),
      calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
    #expect(result.int8Nodes == 1)
  }

  /// The observer hears of every layer, in order.
  @Test func progress() throws {
    let fixture = try Fixture("inverted_residual_13")
    let inputs = fixture.variants(3)
    var seen: [[Int]] = []
    _ = try convert(
      fixture.network, options: ConversionOptions(precision: .int8),
      calibration: CalibrationInputs(count: inputs.count) { inputs[$0] },
      observer: ConversionObserver(rounded: { seen.append([$0, $1]) }))
    #expect(seen.count >= 3)
    #expect(seen == (1...seen.count).map { [$0, seen.count] })
  }
}
