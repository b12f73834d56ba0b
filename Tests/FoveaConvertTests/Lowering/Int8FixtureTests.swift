import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Glibc
import Testing

/// Every network of fixtures/operators, converted to int8: close to float, the same bits whatever the instruction set, the threads
/// and the run, and in 8 bits wherever a step for it exists.
struct Int8FixtureTests {
  /// The least ratio of the float outputs' power to that of their differences, in decibels. Two roundings to 256 steps (an input, an
  /// output) leave some 35 dB of uniform values and lowering mistakes a few dB, so that 28 dB tell them apart.
  private static let leastRatio = 28.0

  @Test(arguments: OperatorFixtureTests.names)
  func isCloseToFloat(_ name: String) throws {
    let fixture = try Fixture(name)
    let variants = fixture.variants(4)
    let (model, result, operations) = try fixture.int8Model(calibratedOn: variants)
    expectSameTensors(model, fixture.network)
    // Reshapes alone have no step to measure at, and are exact in float.
    let expected = model.program.steps.isEmpty ? 0 : operations.filter(\.hasInt8Step).count
    #expect(result.int8Nodes == expected)

    let float = try Session(fixture.floatModel())
    let int8 = try Session(model)
    var signal = [Double](repeating: 0, count: model.outputs.count)
    var noise = signal
    for inputs in variants {
      for (index, (x, y)) in zip(try float.outputs(inputs), try int8.outputs(inputs)).enumerated() {
        for (x, y) in zip(x, y) {
          signal[index] += Double(x) * Double(x)
          noise[index] += (Double(x) - Double(y)) * (Double(x) - Double(y))
        }
      }
    }
    for (index, output) in model.outputs.enumerated() where noise[index] > 0 {
      let ratio = 10 * log10(signal[index] / noise[index])
      #expect(ratio >= Self.leastRatio, "output \(output.name)")
    }
  }

  /// Of networks that have a step in 8 bits: a function that none has, by itself, is float throughout.
  @Test(arguments: OperatorFixtureTests.names)
  func hasTheSameBitsEverywhere(_ name: String) throws {
    let fixture = try Fixture(name)
    let variants = fixture.variants(2)
    let model = try fixture.int8Model(calibratedOn: variants).model
    guard model.program.buffers.contains(where: { $0.type == .u8 }) else { return }
    let reference = try Session(model, instructionSet: .portable)
    let expected = try variants.map { try reference.outputs($0).map { $0.map(\.bitPattern) } }
    for instructionSet in InstructionSet.available {
      for threads in 1...3 {
        let session = try Session(model, threads: threads, instructionSet: instructionSet)
        for _ in 0..<2 {
          for (inputs, expected) in zip(variants, expected) {
            let outputs = try session.outputs(inputs).map { $0.map(\.bitPattern) }
            #expect(outputs == expected, "\(instructionSet), \(threads) threads")
          }
        }
      }
    }
  }
}

extension FoveaGraph.Operation {
  /// Whether 8-bit steps exist for the operation.
  fileprivate var hasInt8Step: Bool {
    switch self {
    case .binary(let binary): [.add, .subtract, .multiply].contains(binary.operator)
    case .resample(let resampling): resampling.isInterpolation
    case .activation(.function(let function)): function.suits8Bits
    case .convolution, .fullyConnected, .activation, .concat, .maxPool, .averagePool, .globalAveragePool,
      .globalMaxPool,
      .pad, .reshape, .transpose, .slice, .identity, .depthToSpace, .spaceToDepth,
      .quantizeDequantize:
      true
    case .gemm, .matMul, .batchNormalization, .reduce, .normalize, .softmax: false
    }
  }
}
