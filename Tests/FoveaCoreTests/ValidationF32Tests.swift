import FoveaCore
import FoveaKernels
import Testing

/// What float convolutions may not say. Each test starts from a program that is accepted and changes one thing.
struct ValidationF32Tests {
  /// 8 channels of 10x10 to 20 of 10x10, by 3x3 with padding and two groups of which this is the second.
  private static let convolution: ConvolutionF32 = {
    var step = ConvolutionF32()
    (step.input, step.output, step.weights, step.bias) = (0, 1, 0, 1)
    (step.height, step.width, step.inputChannels, step.firstInput, step.inputs) = (10, 10, 8, 4, 4)
    (step.outputChannels, step.firstOutput, step.outputs) = (20, 3, 17)
    (step.window.kernelHeight, step.window.kernelWidth) = (3, 3)
    (step.window.padTop, step.window.padLeft) = (1, 1)
    (step.window.outputHeight, step.window.outputWidth) = (10, 10)
    return step
  }()

  private static func file(_ step: Step) -> ProgramFile {
    var file = ProgramFile()
    file.add(.f32, [1, 10, 10, 8])
    file.add(.f32, [1, 10, 10, 20])
    file.constants = [
      bytes(Array(repeating: Float(1), count: 2 * 36 * 16)), bytes(Array(repeating: Float(5), count: 32)),
    ]
    file.steps = [step]
    return file
  }

  @Test(
    arguments: [
      { $0.input = 2 }, { $0.output = 0 }, { $0.weights = 3 }, { $0.weights = 1 }, { $0.bias = -1 }, { $0.images = 2 },
      { $0.height = 11 }, { $0.width = 0 }, { $0.inputChannels = 9 }, { $0.firstInput = 5 }, { $0.inputs = 5 },
      { $0.inputs = 0 }, { $0.firstOutput = -1 }, { $0.firstOutput = 4 }, { $0.outputs = 33 },
      { $0.outputChannels = 21 },
      { $0.window.kernelHeight = 4 }, { $0.window.kernelWidth = 0 }, { $0.window.strideX = 0 },
      { $0.window.padTop = -1 }, { $0.window.padLeft = 1 << 25 }, { $0.window.outputHeight = 11 },
      { $0.activation.operation = 99 }, { $0.activation.operation = -1 }, { $0.addend = 0 }, { $0.addend = 2 },
      { $0.addend = -2 },
      // The padded copy of the input under one row of windows would not fit anywhere.
      { $0.window.dilationX = 1 << 26 }, { ($0.window.dilationX, $0.window.dilationY) = (1 << 13, 1 << 13) },
      { $0.window.strideX = 1 << 24 },
    ] as [@Sendable (inout ConvolutionF32) -> Void])
  func convolutions(_ change: @Sendable (inout ConvolutionF32) -> Void) {
    #expect(Self.file(.convolutionF32(Self.convolution)).refusal == nil)
    var step = Self.convolution
    change(&step)
    #expect(Self.file(.convolutionF32(step)).refusal?.place == .step)
  }

  private static let depthwise: ConvolutionF32 = {
    var step = convolution
    (step.inputs, step.firstInput, step.outputs, step.firstOutput, step.outputChannels) = (8, 0, 8, 0, 8)
    return step
  }()

  @Test(
    arguments: [
      { $0.inputs = 7 }, { $0.outputs = 7 }, { $0.firstInput = 1 }, { $0.outputChannels = 20 }, { $0.weights = 2 },
      { $0.window.kernelWidth = 25 }, { $0.height = 11 }, { $0.window.outputWidth = 26 }, { $0.addend = 1 },
      { ($0.window.outputHeight, $0.window.outputWidth, $0.window.strideY) = (1, 1, 1 << 24) },
    ] as [@Sendable (inout ConvolutionF32) -> Void])
  func depthwises(_ change: @Sendable (inout ConvolutionF32) -> Void) {
    #expect(Self.file(.depthwiseF32(Self.depthwise)).refusal == nil)
    var step = Self.depthwise
    change(&step)
    #expect(Self.file(.depthwiseF32(step)).refusal?.place == .step)
  }

  /// Weights transformed for Winograd's algorithm are limited by the file's size, however many steps share the weights.
  @Test func sharedWeightsAreNotTransformedWithoutEnd() throws {
    var kernels = unsafe fovea_f32_portable
    unsafe kernels.prefers_winograd = { _ in 1 }
    var step = Self.convolution
    (step.inputChannels, step.firstInput, step.inputs, step.outputs) = (16, 0, 16, 16)
    step.firstOutput = 0
    var file = ProgramFile()
    file.add(.f32, [1, 10, 10, 16])
    file.add(.f32, [1, 10, 10, 20])
    file.constants = [bytes(Array(repeating: Float(1), count: 144 * 16)), bytes(Array(repeating: Float(5), count: 16))]
    file.steps = [.convolutionF32(step)]
    let transforms = try file.open { unsafe $0.transformedWeightBytes(kernels) }
    var conv = unsafe fovea_conv_f32()
    unsafe (conv.outputs, conv.window.channels) = (16, 16)
    #expect(unsafe transforms == 4 * fovea_winograd_size(&conv))
    file.steps = Array(repeating: .convolutionF32(step), count: 1000)
    #expect(try file.open { unsafe $0.transformedWeightBytes(kernels) } == 0)
  }

  /// Every window outside of the image sees zeros, and nothing traps.
  @Test func windowsOutsideAreTheBias() throws {
    var step = Self.convolution
    (step.window.padTop, step.window.padLeft) = (1000, 1000)
    var file = Self.file(.convolutionF32(step))
    try file.open { program in
      let executor = unsafe Executor(program: program, kernels: fovea_int8_portable, sgemm: fovea_sgemm_portable)
      executor.run()
      #expect(unsafe executor.bytes(of: 1).load(fromByteOffset: 4 * 3, as: Float.self) == 5)
    }
    step = Self.depthwise
    (step.window.padTop, step.window.padLeft) = (1000, 1000)
    file.steps = [.depthwiseF32(step)]
    try file.open { program in
      let executor = unsafe Executor(program: program, kernels: fovea_int8_portable, sgemm: fovea_sgemm_portable)
      executor.run()
      #expect(unsafe executor.bytes(of: 1).load(as: Float.self) == 5)
    }
  }
}
