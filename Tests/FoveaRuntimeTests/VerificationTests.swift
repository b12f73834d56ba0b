import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime
import Testing

/// Kernels that compute anything else than the portable ones are found out, and so is the step where they do.
struct VerificationTests {
  private let inputs = VerificationInputs(seed: 7, runs: 2)

  /// A 1x1 convolution, a depthwise one, and another 1x1, all in 8 bits.
  private func model() throws -> Model {
    var network = Network(source: "three")
    let shape = [1, 4, 5, 5]
    let values = ["x", "first", "second", "y"].map { network.addValue(name: $0, shape: shape) }
    let weights = (0..<36).map { Float(($0 * 7) % 11) / 8 - 0.6 }
    let pointwise = network.addConstant(name: "w", Tensor(shape: [4, 4, 1, 1], floats: Array(weights[..<16])))
    let depthwise = network.addConstant(name: "d", Tensor(shape: [4, 1, 3, 3], floats: weights))
    network.inputs = [values[0]]
    network.outputs = [values[3]]
    let padding = Padding2D(top: 1, left: 1, bottom: 1, right: 1)
    let window = Convolution(kernel: Size2D(3, 3), padding: padding, groups: 4)
    let one = Convolution(kernel: Size2D(1, 1))
    network.nodes = [
      Node(name: "a", operation: .convolution(one), inputs: [values[0], pointwise], outputs: [values[1]]),
      Node(name: "b", operation: .convolution(window), inputs: [values[1], depthwise], outputs: [values[2]]),
      Node(name: "c", operation: .convolution(one), inputs: [values[2], pointwise], outputs: [values[3]]),
    ]
    let calibration = CalibrationInputs(count: 1) { _ in [(0..<100).map { Float($0) / 50 - 1 }] }
    let options = ConversionOptions(precision: .int8)
    return try Model(bytes: convert(network, options: options, calibration: calibration).bytes, name: "three")
  }

  @Test(arguments: InstructionSet.available, [1, 2, 3])
  func theKernelsOfThisMachine(_ set: InstructionSet, threads: Int) throws {
    let model = try model()
    let reference = model.referenceTrace(inputs)
    #expect(try model.difference(from: reference, inputs, instructionSet: set, threads: threads) == nil)
  }

  @Test(arguments: [1, 2])
  func aWrongKernelIsNamed(threads: Int) throws {
    let model = try model()
    let depthwise = try #require(model.program.steps.firstIndex { $0.kind == .depthwiseU8 })
    #expect(depthwise > 0)
    var kernels = unsafe fovea_int8_portable
    unsafe kernels.depthwise = { depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch in
      unsafe fovea_int8_portable.depthwise(depthwise, rowBegin, rowEnd, blockBegin, blockEnd, scratch)
      if let depthwise = unsafe depthwise, unsafe rowEnd == depthwise.pointee.out_height {
        unsafe depthwise.pointee.output[0] ^= 1
      }
    }
    let found = unsafe model.difference(
      from: model.referenceTrace(inputs), inputs, kernels: kernels, threads: threads)
    #expect(found == .step(depthwise))
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
    let model = try model()
    #expect(model.program.firstUnpromisedStep == nil)
    func outputs(_ seed: Int, _ runs: Int) -> [UInt8] {
      model.referenceTrace(VerificationInputs(seed: seed, runs: runs)).outputs
    }
    #expect(outputs(1, 1) == outputs(1, 1))
    #expect(outputs(1, 1) != outputs(2, 1))
    #expect(outputs(1, 2).count == 2 * outputs(1, 1).count)
    #expect(Array(outputs(1, 2).prefix(outputs(1, 1).count)) == outputs(1, 1))
    try model.verifyChecksums()
  }
}
