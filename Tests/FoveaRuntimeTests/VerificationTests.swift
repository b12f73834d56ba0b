import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime
import Testing

/// Kernels that compute anything else than the portable ones are found out, and so is the step where they do.
struct VerificationTests {
  private let inputs = VerificationInputs(seed: 7, runs: 2)

  @Test(arguments: InstructionSet.available, [1, 2, 3])
  func theKernelsOfThisMachine(_ set: InstructionSet, threads: Int) throws {
    let model = try convolutionModel()
    let reference = model.referenceTrace(inputs)
    let results = try model.verify(set, threads: [threads], against: reference, inputs)
    #expect(results.count == 1)
    for result in results {
      #expect(result.fault == nil && result.hasSameBits)
      #expect(result.stepDifference == nil && result.outputDifference == nil)
    }
  }

  @Test func aWrongKernelIsNamed() throws {
    let model = try convolutionModel()
    let depthwise = try #require(model.program.steps.firstIndex { $0.kind == .depthwiseU8 })
    #expect(depthwise > 0)
    var kernels = StepKernels.portable
    unsafe kernels.int8.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch in
      unsafe fovea_int8_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch)
      if let depthwise = unsafe depthwise, unsafe rowEnd == depthwise.pointee.out_height {
        unsafe depthwise.pointee.output[0] ^= 1
      }
    }
    let results = model.verify(kernels, threads: [1, 2], against: model.referenceTrace(inputs), inputs)
    #expect(results.map(\.fault) == [.step(depthwise), .step(depthwise)])
    #expect(results.allSatisfy { !$0.hasSameBits })
  }

  /// The inputs are part of the file format: the first of seed 1 are these.
  @Test func theInputsAreThoseOfTheFormat() throws {
    let model = try smallModel()
    let session = try Session(model)
    let trace = model.referenceTrace(VerificationInputs(seed: 1, runs: 1))
    let draws: [UInt64] = [0x910A_2DEC_8902_5CC1, 0xBEEB_8DA1_658E_EC67, 0xF893_A2EE_FB32_555E]
    // The image's clamp to 0...6, one value a draw in the order of the buffer, which is NHWC.
    let expected = draws.map { max(0, Float($0 >> 40) / Float(1 << 23) - 1) }
    let first = (0..<3).map { value in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(trace.outputs[value * 4 + $1]) << ($1 * 8) })
    }
    #expect(first == expected)
    #expect(session.model.program.firstUnpromisedStep != nil)
  }

  @Test func seedsAndRunsMatter() throws {
    let model = try convolutionModel()
    #expect(model.program.firstUnpromisedStep == nil)
    func outputs(_ seed: Int, _ runs: Int) -> [UInt8] {
      model.referenceTrace(VerificationInputs(seed: seed, runs: runs)).outputs
    }
    #expect(outputs(1, 1) == outputs(1, 1))
    #expect(outputs(1, 1) != outputs(2, 1))
    #expect(outputs(1, 2).count == 2 * outputs(1, 1).count)
    #expect(Array(outputs(1, 2).prefix(outputs(1, 1).count)) == outputs(1, 1))
    try model.verifyContents()
  }
}
