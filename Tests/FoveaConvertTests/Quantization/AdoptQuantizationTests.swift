import Foundation
import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// Networks that were quantized elsewhere (fixtures/quantized) compute what ONNX Runtime computes, in 8 bits.
struct AdoptQuantizationTests {
  private static let folder = repository + "/fixtures/quantized"

  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/model.onnx") }.sorted()

  @Test func thereAreFixtures() {
    #expect(Self.names.count > 40)
  }

  private func fixture(_ name: String) throws -> Fixture {
    let network = try importONNX(path: "\(Self.folder)/\(name)/model.onnx")
    return Fixture(
      network: network, inputs: [try npyFloats("\(Self.folder)/\(name)/input_0.npy")],
      outputs: [try npyFloats("\(Self.folder)/\(name)/output_0.npy")])
  }

  /// What the output is rounded to, or what a step before makes of it; nil where it is float. Where parts are concatenated it is the coarsest of theirs: a part that is
  /// one step off stays that when it is rounded again to finer steps.
  private func outputStep(_ network: Network) -> Float? {
    func step(_ value: ValueID) -> Float? {
      guard let node = network.nodes.first(where: { $0.outputs == [value] }) else { return nil }
      return switch node.operation {
      case .quantizeDequantize(let quantization):
        max(quantization.scale, isConcatenated(node.inputs[0]) ? step(node.inputs[0]) ?? 0 : 0)
      case .concat: node.inputs.compactMap(step).max()
      // Float sums: of an input that is one step off, times its weight.
      case .gemm:
        step(node.inputs[0]).map { $0 * (network.constants[node.inputs[1]]?.floats?.map(\.magnitude).max() ?? 0) }
      case .reshape: step(node.inputs[0])
      default: nil
      }
    }
    func isConcatenated(_ value: ValueID) -> Bool {
      network.nodes.contains { node in
        if case .concat = node.operation { node.outputs == [value] } else { false }
      }
    }
    return step(network.outputs[0])
  }

  @Test(arguments: names, [Precision.int8, .float])
  func isWithinOneStepOfONNXRuntime(_ name: String, precision: Precision) throws {
    let fixture = try fixture(name)
    #expect(fixture.network.isQuantized)
    let result = try convert(fixture.network, options: ConversionOptions(precision: precision))
    let session = try Session(Model(bytes: result.bytes, name: name))
    let outputs = try session.outputs(fixture.inputs)[0]
    let expected = fixture.outputs[0]
    #expect(outputs.count == expected.count)
    let differences = zip(outputs, expected).map { abs($0 - $1) }
    let largest = expected.map(\.magnitude).max() ?? 0
    let step = outputStep(fixture.network) ?? 0
    #expect(differences.allSatisfy { $0 <= step * 1.001 + largest * 1e-4 })
    // A step before float sums shows in all of them.
    guard fixture.network.isOutputRounded else { return }
    // Where halves are rounded and float sums are not exact, some differ; everywhere else, none.
    let off = differences.count { $0 > step * 0.5 + largest * 1e-4 }
    #expect(Double(off) <= 0.02 * Double(differences.count) + 1)
  }

  /// But for those that compute in float between roundings: an addition to sums that were not rounded, in `torch_pt2e`.
  @Test(arguments: names.filter { !["mixed", "unsigned_weights", "torch_pt2e"].contains($0) })
  func computesInEightBits(_ name: String) throws {
    let fixture = try fixture(name)
    let result = try convert(fixture.network, options: ConversionOptions(precision: .int8))
    // Its input is reshaped before it is rounded.
    if !name.hasPrefix("matrix") { #expect(result.int8Nodes == result.nodes) }
    let model = try Model(bytes: result.bytes, name: name)
    #expect(model.inputs.map(\.name) == ["x"])
    #expect(model.outputs.map(\.name) == [fixture.network[fixture.network.outputs[0]].name])
    let floatSteps = model.program.steps.filter { step in
      switch step {
      case .convolutionF32, .depthwiseF32, .matMulF32, .unaryF32, .binaryF32, .meanF32, .softmaxF32: true
      default: false
      }
    }
    #expect(floatSteps.isEmpty)
  }

  @Test("a layer whose u8 weights do not fit s8 without their zero point computes in float, the other in 8 bits")
  func unsignedWeights() throws {
    let result = try convert(fixture("unsigned_weights").network, options: ConversionOptions(precision: .int8))
    let steps = try Model(bytes: result.bytes, name: "").program.steps
    #expect(steps.count { if case .convolutionU8 = $0 { true } else { false } } == 1)
    #expect(steps.count { if case .convolutionF32 = $0 { true } else { false } } == 1)
  }

  @Test("weights that are next to nothing beside their bias take a coarser scale")
  func tinyWeights() throws {
    // Channel 0 as usual; channel 1's bias in units of its scales is beyond 32 bits.
    var network = Network(source: "tiny")
    let x = network.addValue(name: "x", shape: [1, 1, 1, 4])
    network.inputs = [x]
    let rounded = network.addValue(name: "q", shape: [1, 1, 1, 4])
    network.nodes.append(
      Node(
        name: "q", operation: .quantizeDequantize(AffineQuantization(scale: 0.5, zeroPoint: 100)), inputs: [x],
        outputs: [rounded]))
    var weights = Tensor(shape: [2, 1, 1, 1], floats: [0.25, 1e-12])
    weights.grid = QuantizationGrid(axis: 0, scales: [0.25, 1e-12], zeroPoints: [128, 128])
    let sums = network.addValue(name: "sums", shape: [1, 2, 1, 4])
    network.nodes.append(
      Node(
        name: "conv", operation: .convolution(Convolution(kernel: Size2D(1, 1))),
        inputs: [
          rounded, network.addConstant(name: "w", weights),
          network.addConstant(name: "b", Tensor(shape: [2], floats: [1, 3])),
        ], outputs: [sums]))
    let y = network.addValue(name: "y", shape: [1, 2, 1, 4])
    network.nodes.append(
      Node(
        name: "y", operation: .quantizeDequantize(AffineQuantization(scale: 0.25, zeroPoint: 10)), inputs: [sums],
        outputs: [y]))
    network.outputs = [y]
    let result = try convert(network, options: ConversionOptions(precision: .int8))
    #expect(result.int8Nodes == 1)
    let session = try Session(Model(bytes: result.bytes, name: "tiny"))
    #expect(try session.outputs([[0, 1, 2, -4]]) == [[1, 1.25, 1.5, 0, 3, 3, 3, 3]])
  }

  @Test("a quantized network asks for no calibration and gets none")
  func needsNoCalibration() throws {
    let inputs = CalibrationInputs(count: 1) { _ in
      Issue.record("calibration was asked for")
      return []
    }
    _ = try convert(
      fixture("residual_qdq_u8").network, options: ConversionOptions(precision: .int8), calibration: inputs)
  }
}

extension Network {
  /// Whether the output is not a layer's float sums.
  fileprivate var isOutputRounded: Bool {
    !nodes.contains { node in
      if case .gemm = node.operation { node.outputs == outputs } else { false }
    }
  }
}
