import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// Which nodes run in 8 bits, and where values change their type.
struct AssignQuantizationTests {
  /// The kinds of the steps of an int8 conversion of a fixture.
  private func steps(_ name: String) throws -> [StepKind] {
    let fixture = try Fixture(name)
    return try fixture.int8Model(calibratedOn: fixture.variants(3)).model.program.steps.map(\.kind)
  }

  @Test(
    arguments: [
      // The last layer's sums become floats at once, and softmax is float.
      ("classifier_head_13", [.convolutionU8, .averagePool, .convolutionU8, .softmaxF32]),
      ("linear_layer_13", [.convolutionU8]),
      ("gemm_trans_b_13", [.convolutionU8]),
      // A convolution that a float step or the caller reads is float at its output; one whose clamp is fused is not.
      ("conv_1x1_13", [.convolutionU8]),
      ("softmax_rank2_13", [.softmaxF32]),
      ("matmul_dynamic_13", [.matMulF32]),
      ("div_two_inputs_13", [.binaryF32]),
      // A depthwise convolution has no step that leaves its sums: before the normalization they are rounded. Behind Gelu, channels
      // have scales of their own.
      (
        "channels_last_convnext_block_17",
        [
          .depthwiseU8, .dequantize, .normalizeF32, .quantize, .fill, .multiplyU8, .fill, .addU8, .convolutionU8,
          .channelTablesU8, .convolutionU8, .addU8,
        ]
      ),
    ] as [(String, [StepKind])])
  func choosesSteps(_ name: String, _ expected: [StepKind]) throws {
    let found = try steps(name)
    #expect(found == expected)
  }

  /// An 8-bit step between float ones: its input and its output change their type.
  @Test func convertsBetweenSteps() throws {
    let fixture = SmallModels.mixed()
    let kinds = try fixture.int8Model(calibratedOn: fixture.variants(3)).model.program.steps.map(\.kind)
    // The constant is repeated to a row first.
    #expect(kinds == [.fill, .copy, .binaryF32, .quantize, .convolutionU8, .dequantize, .softmaxF32])
  }

  /// Every value is converted at most once in each direction, however many read it.
  @Test(arguments: OperatorFixtureTests.names)
  func convertsOnce(_ name: String) throws {
    let fixture = try Fixture(name)
    let program = try fixture.int8Model(calibratedOn: fixture.variants(2)).model.program
    var converted: Set<[Int]> = []
    for case .quantize(let step) in program.steps {
      #expect(converted.insert([0, step.input, program.buffers[step.output].zeroPoint]).inserted)
    }
    for case .dequantize(let step) in program.steps { #expect(converted.insert([1, step.input]).inserted) }
  }

  private func network(
    _ shape: [Int], _ build: (inout Network, ValueID) -> (FoveaGraph.Operation, [ValueID])
  ) throws -> Network {
    var network = Network(source: "test")
    let x = network.addValue(name: "x", shape: shape)
    network.inputs = [x]
    let (operation, inputs) = build(&network, x)
    let outputShape = try operation.outputShape(of: inputs.map { network[$0].shape })
    let y = network.addValue(name: "y", shape: outputShape)
    network.nodes = [Node(name: "node", operation: operation, inputs: inputs, outputs: [y])]
    network.outputs = [y]
    return network
  }

  private func int8(_ network: Network, _ inputs: [[[Float]]]) throws -> (ConversionResult, Session) {
    let result = try convert(
      network, options: ConversionOptions(precision: .int8),
      calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
    return (result, try Session(Model(bytes: result.bytes)))
  }

  /// Constants that no 8 bits can hold leave their node in float.
  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func constantsThatAreNotFiniteStayFloat(_ value: Float) throws {
    let network = try network([1, 4]) { network, x in
      (.binary(Binary(.add)), [x, network.addConstant(name: "c", Tensor(shape: [4], floats: [0, 1, value, 2]))])
    }
    let (result, session) = try int8(network, [[[1, 2, 3, 4]]])
    #expect(result.int8Nodes == 0)
    #expect(try session.outputs([[1, 2, 3, 4]])[0].map(\.description) == [1, 3, value, 6].map(\.description))
  }

  /// A layer whose outputs are next to nothing beside what its inputs could give: as good as dead, and no reason to fail.
  @Test(arguments: [1e-3, 1e-6, 1e-9, 1e-12, 1e-20, 0] as [Float])
  func deadLayersConvert(_ size: Float) throws {
    let channels = 64
    let network = try network([1, channels, 4, 4]) { network, x in
      // Neighbouring weights cancel: the output is `size` while each product is near 1. A clamp keeps it quantized.
      let weights = (0..<(8 * channels)).map { $0 % 2 == 0 ? Float(1) : -1 }
      let w = network.addConstant(name: "w", Tensor(shape: [8, channels, 1, 1], floats: weights))
      let b = network.addConstant(name: "b", Tensor(shape: [8], floats: Array(repeating: size, count: 8)))
      return (
        .convolution(Convolution(kernel: Size2D(1, 1), clamp: Clamp(min: 0, max: .infinity))), [x, w, b]
      )
    }
    let (result, session) = try int8(network, [[Array(repeating: 1, count: channels * 16)]])
    #expect(result.int8Nodes == 1)
    let output = try session.outputs([Array(repeating: 1, count: channels * 16)])[0]
    #expect(output.allSatisfy { ($0 - size).magnitude <= 1e-4 })
  }

  @Test(
    arguments: [.add, .subtract, .multiply, .divide] as [Binary.Operator], [1e-3, 1e-6, 1e-9, 1e-30, 0] as [Float])
  func tinyResultsConvert(_ operator: Binary.Operator, _ size: Float) throws {
    guard `operator` != .divide else { return }
    let network = try network([1, 4]) { network, x in
      let other: [Float] = `operator` == .multiply ? [0, 0, 0, size] : [1, 1, 1, 1]
      let c = network.addConstant(name: "c", Tensor(shape: [1, 4], floats: other))
      return (.binary(Binary(`operator`)), [x, c])
    }
    let sign: Float = `operator` == .add ? -1 : 1
    let inputs: [Float] = `operator` == .multiply ? [1, 1, 1, 1] : [sign, sign, sign, sign + size]
    let (result, session) = try int8(network, [[inputs]])
    #expect(result.int8Nodes == 1)
    #expect(try session.outputs([inputs])[0].allSatisfy { $0.magnitude <= size + 0.005 })
  }

  /// More products than 32 bits are sure to hold: float.
  @Test(arguments: [(32768, 1), (32896, 1), (32900, 0), (40000, 0)])
  func longSumsStayFloat(_ inputs: Int, _ int8Nodes: Int) throws {
    let network = try network([1, inputs]) { network, x in
      let w = network.addConstant(
        name: "w", Tensor(shape: [1, inputs], floats: Array(repeating: 1, count: inputs)))
      return (.fullyConnected(FullyConnected()), [x, w])
    }
    let (result, session) = try int8(network, [[Array(repeating: 1, count: inputs)]])
    #expect(result.int8Nodes == int8Nodes)
    let output = try session.outputs([Array(repeating: 1, count: inputs)])[0][0]
    #expect((output / Float(inputs) - 1).magnitude < 0.01)
  }
}
