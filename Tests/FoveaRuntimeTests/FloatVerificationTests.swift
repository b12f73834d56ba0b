import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime
import Testing

/// Float kernels need not have the portable ones' bits; but those that compute something else are found out.
struct FloatVerificationTests {
  private let inputs = VerificationInputs(seed: 7, runs: 2)

  private func results(_ model: Model, _ kernels: StepKernels) -> [VerificationResult] {
    model.verify(kernels, threads: [1, 2], against: model.referenceTrace(inputs), inputs)
  }

  @Test(arguments: InstructionSet.available)
  func theKernelsOfThisMachine(_ set: InstructionSet) throws {
    let model = try convolutionModel(.float, side: 20)
    let results = try model.verify(set, threads: [1, 2, 3], against: model.referenceTrace(inputs), inputs)
    for result in results {
      #expect(result.fault == nil)
      let (steps, outputs) = try (#require(result.stepDifference), #require(result.outputDifference))
      #expect(steps < 1e-5 && outputs < 1e-5)
      // Fused additions, which the portable kernels of this architecture do not have, round otherwise: were the portable kernels to
      // run in their place, nothing would differ.
      #if arch(x86_64)
        let isPortable = unsafe String(cString: set.floatKernels.name) == "portable"
        #expect(result.hasSameBits == isPortable)
        #expect((steps == 0) == isPortable && (outputs == 0) == isPortable)
      #endif
    }
  }

  @Test func aWrongFloatKernelIsNamed() throws {
    let model = try convolutionModel(.float)
    let depthwise = try #require(model.program.steps.firstIndex { $0.kind == .depthwiseF32 })
    #expect(depthwise > 0)
    var kernels = StepKernels.portable
    unsafe kernels.float.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd in
      unsafe fovea_f32_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd)
      if let depthwise = unsafe depthwise, unsafe rowEnd == depthwise.pointee.window.out_height {
        unsafe depthwise.pointee.output[0] += 0.01
      }
    }
    for result in results(model, kernels) {
      guard case .floatStep(depthwise, let difference) = result.fault else {
        Issue.record("\(result)")
        continue
      }
      #expect(difference > 1e-3 && difference <= result.stepDifference ?? 0)
      #expect(!result.hasSameBits)
    }
  }

  @Test func theLastBitIsNoFault() throws {
    let model = try convolutionModel(.float)
    var kernels = StepKernels.portable
    unsafe kernels.float.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd in
      unsafe fovea_f32_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd)
      if let depthwise = unsafe depthwise, unsafe rowEnd == depthwise.pointee.window.out_height {
        unsafe depthwise.pointee.output[0] = unsafe depthwise.pointee.output[0].nextUp
      }
    }
    for result in results(model, kernels) {
      #expect(result.fault == nil && !result.hasSameBits)
      #expect((0..<1e-6).contains(result.stepDifference ?? 1) && result.stepDifference != 0)
    }
  }

  /// What differs little from the portable kernels, but with the number of threads.
  @Test func bitsThatDependOnThreads() throws {
    let model = try convolutionModel(.float, side: 20)
    let depthwise = try #require(model.program.steps.firstIndex { $0.kind == .depthwiseF32 })
    var kernels = StepKernels.portable
    unsafe kernels.float.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd in
      unsafe fovea_f32_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd)
      if let depthwise = unsafe depthwise, rowBegin > 0 {
        let row = unsafe Int(rowBegin * depthwise.pointee.window.out_width * depthwise.pointee.window.channels)
        unsafe depthwise.pointee.output[row] = unsafe depthwise.pointee.output[row].nextUp
      }
    }
    #expect(results(model, kernels).map(\.fault) == [nil, .threads(step: depthwise)])
  }

  /// In a model of both, 8-bit steps are held to their bits.
  @Test func mixedModels() throws {
    let model = try convolutionModel(.int8, softmax: true)
    #expect(model.program.firstUnpromisedStep == model.program.steps.firstIndex { $0.kind == .softmaxF32 })
    for set in InstructionSet.available {
      let results = try model.verify(set, threads: [1, 2], against: model.referenceTrace(inputs), inputs)
      #expect(results.allSatisfy { $0.fault == nil && $0.stepDifference != nil })
    }
    let depthwise = try #require(model.program.steps.firstIndex { $0.kind == .depthwiseU8 })
    var kernels = StepKernels.portable
    unsafe kernels.int8.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch in
      unsafe fovea_int8_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch)
      if let depthwise = unsafe depthwise, unsafe rowEnd == depthwise.pointee.out_height {
        unsafe depthwise.pointee.output[0] ^= 1
      }
    }
    #expect(results(model, kernels).map(\.fault) == [.step(depthwise), .step(depthwise)])
  }

  /// OpenBLAS's bits depend on how many threads share the rows: that is told by how much, and is no fault.
  @Test func productsOfTwoComputedMatrices() throws {
    var network = Network(source: "product")
    let values = ["a", "b", "y"].map { network.addValue(name: $0, shape: [1, 197, 197]) }
    (network.inputs, network.outputs) = (Array(values[..<2]), [values[2]])
    network.nodes = [Node(name: "product", operation: .matMul, inputs: Array(values[..<2]), outputs: [values[2]])]
    let model = try Model(
      bytes: convert(network, options: ConversionOptions(precision: .float)).bytes, name: "product")
    for set in InstructionSet.available {
      for result in try model.verify(set, threads: [1, 3], against: model.referenceTrace(inputs), inputs) {
        #expect(result.fault == nil && (result.stepDifference ?? 1) < 1e-5)
        #expect(result.outputDifference == 0)
      }
    }
  }
}
