import FoveaCore
import FoveaKernels
import Testing

/// What a program may not say, rule by rule. Each test starts from a program that is accepted and changes one thing.
struct ValidationTests {
  /// A change, and what it is refused with.
  struct Case<Value, Expected: Sendable>: Sendable {
    var expected: Expected
    var change: @Sendable (inout Value) -> Void

    init(_ expected: Expected, _ change: @escaping @Sendable (inout Value) -> Void) {
      self.expected = expected
      self.change = change
    }
  }

  // MARK: Header, ports, preprocessing

  private static func identity() -> ProgramFile {
    var file = ProgramFile()
    file.add(.f32, [1, 4, 4, 3])
    file.add(.f32, [1, 4, 4, 3])
    var step = UnaryF32()
    (step.input, step.output, step.count) = (0, 1, 48)
    file.steps = [.unaryF32(step)]
    return file
  }

  @Test(
    arguments: [
      .init(ModelError(.invalidValue, in: .header, found: -1), { $0.header.arenaBytes = -1 }),
      .init(ModelError(.invalidValue, in: .header, found: 1 << 30), { $0.header.arenaBytes = 1 << 30 }),
      .init(ModelError(.invalidValue, in: .buffer, index: 0, found: 3), { $0.header.arenaBytes = 100 }),
      .init(ModelError(.invalidValue, in: .header, found: 2), { $0.header.precision = 2 }),
      .init(ModelError(.noSuchEntry, in: .header, found: 7), { $0.header.labels = 7 }),
      .init(ModelError(.noSuchEntry, in: .header, found: -2), { $0.header.labels = -2 }),
      .init(ModelError(.invalidValue, in: .header), { $0.outputs = [] }),
      .init(ModelError(.noSuchEntry, in: .output, found: 2), { $0.outputs[0].buffer = 2 }),
      .init(ModelError(.noSuchEntry, in: .input, found: -1), { $0.inputs[0].buffer = -1 }),
      .init(ModelError(.outOfBounds, in: .input, found: 65), { $0.inputs[0].nameOffset = 65 }),
      .init(ModelError(.outOfBounds, in: .input, found: -1), { $0.inputs[0].nameOffset = -1 }),
      .init(ModelError(.outOfBounds, in: .output, found: 1), { $0.outputs[0].nameLength = 64 }),
      // Each fits, but both together are longer than all names.
      .init(
        ModelError(.outOfBounds, in: .output, found: 60),
        {
          $0.inputs[0].nameLength = 60
          $0.outputs[0].nameOffset = 0
          $0.outputs[0].nameLength = 60
        }
      ),
      .init(ModelError(.outOfBounds, in: .buffer, index: 1, found: 32), { $0.buffers[1].offset = 32 }),
      .init(ModelError(.outOfBounds, in: .buffer, index: 1, found: 1 << 20), { $0.buffers[1].offset = 1 << 20 }),
      .init(ModelError(.invalidValue, in: .buffer, index: 1, found: 0), { $0.buffers[1].shape[1] = 0 }),
      .init(ModelError(.invalidValue, in: .buffer, index: 1, found: 256), { $0.buffers[1].zeroPoint = 256 }),
      .init(ModelError(.invalidValue, in: .buffer, index: 1), { $0.buffers[1].scale = .infinity }),
      .init(ModelError(.invalidValue, in: .buffer, index: 1), { $0.buffers[1].scale = .nan }),
      .init(ModelError(.invalidValue, in: .buffer, index: 1), { $0.buffers[1].scale = 0 }),
      .init(ModelError(.overlap, in: .step, found: 0), { $0.buffers[1].offset = 0 }),
      .init(ModelError(.overlap, in: .step, found: 0), { $0.buffers[1].offset = 128 }),
    ] as [Case<ProgramFile, ModelError>])
  func tables(_ rule: Case<ProgramFile, ModelError>) {
    var file = Self.identity()
    #expect(file.refusal == nil)
    rule.change(&file)
    #expect(file.refusal == rule.expected)
  }

  private static func withPreprocessing() -> ProgramFile {
    var file = identity()
    file.inputs[0].isImage = true
    (file.header.hasPreprocessing, file.header.width, file.header.height, file.header.crop) = (1, 4, 4, 0.875)
    file.header.standardDeviation = (1, 1, 1)
    return file
  }

  @Test(
    arguments: [
      { $0.hasPreprocessing = 2 }, { $0.width = 5 }, { $0.height = 0 }, { $0.crop = 0 }, { $0.crop = 1.5 },
      { $0.crop = .nan }, { $0.filter = 2 }, { $0.filter = -1 }, { $0.channelOrder = 2 }, { $0.channelOrder = -1 },
      { $0.mean.1 = .nan }, { $0.mean.2 = .infinity }, { $0.standardDeviation.0 = 0 },
      { $0.standardDeviation.1 = -1 }, { $0.standardDeviation.2 = .infinity },
    ] as [@Sendable (inout ProgramHeader) -> Void])
  func preprocessing(_ change: @Sendable (inout ProgramHeader) -> Void) {
    var file = Self.withPreprocessing()
    #expect(file.refusal == nil)
    change(&file.header)
    #expect(file.refusal?.place == .header)
    #expect(file.refusal?.reason == .invalidValue)
  }

  // MARK: Steps

  /// 8 channels of 10x10 to 20 of 4x4, by 3x3 with stride 2 and two groups of which this is the second.
  private static let convolution: ConvolutionU8 = {
    var step = ConvolutionU8()
    (step.input, step.output, step.weights, step.bias, step.scale) = (0, 1, 0, 1, 2)
    (step.height, step.width, step.inputChannels, step.firstInput, step.inputs) = (10, 10, 8, 4, 4)
    (step.outputChannels, step.firstOutput, step.outputs) = (20, 10, 10)
    (step.window.kernelHeight, step.window.kernelWidth) = (3, 3)
    (step.window.strideY, step.window.strideX) = (2, 2)
    (step.window.outputHeight, step.window.outputWidth) = (4, 4)
    return step
  }()

  private static func file(_ step: ConvolutionU8, scale: Float = 0.01, bias: Int32 = 5) -> ProgramFile {
    var file = ProgramFile()
    file.add(.u8, [1, 10, 10, 8])
    file.add(.u8, [1, 4, 4, 20])
    file.constants = [
      Array(repeating: 1, count: 9 * 64), bytes(Array(repeating: bias, count: 16)),
      bytes(Array(repeating: scale, count: 16)),
    ]
    file.steps = [.convolutionU8(step)]
    return file
  }

  @Test(
    arguments: [
      { $0.input = 2 }, { $0.output = -1 }, { $0.output = 0 }, { $0.weights = 4 }, { $0.bias = -1 }, { $0.scale = 99 },
      { $0.images = 2 }, { $0.images = 0 }, { $0.height = 11 }, { $0.width = 0 }, { $0.inputChannels = 9 },
      { $0.firstInput = 5 }, { $0.firstInput = -1 }, { $0.inputs = 0 }, { $0.inputs = 5 }, { $0.inputs = .min },
      { $0.firstOutput = 11 }, { $0.outputs = 0 }, { $0.outputs = 11 }, { $0.outputChannels = 21 },
      { $0.outputChannels = -(1 << 31) }, { $0.window.kernelHeight = 5 }, { $0.window.kernelWidth = 5 },
      { $0.window.kernelHeight = 0 }, { $0.window.strideY = 3 }, { $0.window.strideX = 0 },
      { $0.window.dilationX = 3 }, { $0.window.padTop = 1 }, { $0.window.padLeft = -1 },
      { $0.window.outputHeight = 5 }, { $0.window.outputWidth = 0 }, { $0.range.zeroPoint = 256 },
      { $0.range.low = -1 }, { $0.range.high = 256 },
      {
        $0.range.low = 9
        $0.range.high = 8
      },
      // One row of windows, so that no window leaves the image, but a step between rows that 32 bits do not hold.
      {
        $0.window.outputHeight = 1
        $0.window.strideY = 1 << 24
      },
    ] as [@Sendable (inout ConvolutionU8) -> Void])
  func convolutions(_ change: @Sendable (inout ConvolutionU8) -> Void) {
    #expect(Self.file(Self.convolution).refusal == nil)
    var step = Self.convolution
    change(&step)
    #expect(Self.file(step).refusal?.place == .step)
  }

  /// |sum * factor| stays below 2^31 - 256, with sums of 36 products and the bias.
  @Test(
    arguments: [
      (0, Float(1), true), (0, 1826, true), (0, 1829, false), (0, -1, false), (0, .nan, false), (0, .infinity, false),
      (1 << 30, 1, true), (.max, 0, false), (.min, 0, false), (-(1 << 30), 1.99, true), (1 << 30, 2, false),
    ] as [(Int32, Float, Bool)])
  func factors(_ bias: Int32, _ scale: Float, _ isAccepted: Bool) {
    let refusal = Self.file(Self.convolution, scale: scale, bias: bias).refusal
    #expect(refusal == (isAccepted ? nil : ModelError(.unboundedScale, in: .step)))
  }

  private static func depthwise(_ change: (inout DepthwiseU8) -> Void) -> ProgramFile {
    var file = ProgramFile()
    file.add(.u8, [1, 10, 10, 8])
    file.add(.u8, [1, 10, 10, 8])
    file.constants = [
      Array(repeating: 1, count: 3 * 64), Array(repeating: 0, count: 64), Array(repeating: 0, count: 64),
    ]
    var step = DepthwiseU8()
    (step.output, step.bias, step.scale, step.height, step.width, step.channels) = (1, 1, 2, 10, 10, 8)
    (step.window.kernelHeight, step.window.kernelWidth, step.window.padTop, step.window.padLeft) = (3, 3, 1, 1)
    (step.window.outputHeight, step.window.outputWidth) = (10, 10)
    change(&step)
    file.steps = [.depthwiseU8(step)]
    return file
  }

  @Test(
    arguments: [
      { $0.input = 1 }, { $0.weights = 3 }, { $0.images = 2 }, { $0.height = 11 }, { $0.width = -1 },
      { $0.channels = 9 }, { $0.inputZeroPoint = 256 }, { $0.window.kernelHeight = 5 }, { $0.window.kernelWidth = 4 },
      { $0.window.outputHeight = 11 }, { $0.window.padTop = -1 }, { $0.window.padLeft = 1 << 25 },
      { $0.window.dilationY = 1 << 30 }, { $0.window.strideX = 0 },
      // Windows so wide that the columns under one would not fit a kernel's scratch.
      { $0.window.dilationX = 1 << 20 },
    ] as [@Sendable (inout DepthwiseU8) -> Void])
  func depthwiseConvolutions(_ change: @Sendable (inout DepthwiseU8) -> Void) {
    #expect(Self.depthwise { _ in }.refusal == nil)
    #expect(Self.depthwise(change).refusal?.place == .step)
  }

  /// Everything lies within 32 bits for kernels that number positions as output * stride + tap * dilation.
  @Test func positionsFit32Bits() {
    var file = ProgramFile()
    file.add(.f32, [1, 4, 4, 1])
    file.add(.f32, [1, 1, 1, 1])
    var step = PoolStep()
    (step.output, step.height, step.width) = (1, 4, 4)
    (step.window.kernelHeight, step.window.kernelWidth) = (4, 4)
    file.steps = [.maxPool(step)]
    #expect(file.refusal == nil)
    (step.window.strideY, step.window.dilationY, step.window.kernelHeight) = (1 << 24, 1 << 24, 60)
    file.steps = [.maxPool(step)]
    #expect(file.refusal == nil)
    step.window.kernelHeight = 62
    file.steps = [.maxPool(step)]
    #expect(file.refusal?.reason == .invalidValue)
  }

  /// A pooling window that meets no pixel has a value: the mean of nothing is 0, and nothing traps.
  @Test func windowsOutsideAreDefined() throws {
    var file = ProgramFile()
    file.add(.u8, [1, 2, 2, 1])
    file.add(.u8, [1, 3, 1, 1])
    var step = PoolStep()
    (step.output, step.height, step.width) = (1, 2, 2)
    (step.window.strideY, step.window.outputHeight, step.window.padTop, step.inputZeroPoint) = (2, 3, 2, 7)
    step.range = OutputRange(zeroPoint: 9, low: 0, high: 255)
    for counts in [0, 1] {
      step.countsPadding = counts
      file.steps = [.averagePool(step)]
      try file.open { program in
        let executor = unsafe Executor(program: program, kernels: fovea_int8_portable, sgemm: fovea_sgemm_portable)
        unsafe executor.bytes(of: 0).copyBytes(from: [17, 18, 19, 20] as [UInt8])
        executor.run()
        // Rows -2 and 2 lie outside; row 0 is the first pixel.
        #expect(unsafe Array(executor.bytes(of: 1)) == [9, 19, 9])
      }
    }
  }

  @Test(
    arguments: [
      { $0.sizes.values.5 = 49 }, { $0.sizes.values.0 = 0 }, { $0.sizes.values.4 = -1 }, { $0.inputOffset = 1 },
      { $0.outputOffset = -1 }, { $0.inputStrides.values.5 = 2 }, { $0.inputStrides.values.5 = -1 },
      { $0.outputStrides.values.5 = Int(Int32.max) }, { $0.outputStrides.values.5 = Int(Int32.min) },
      { $0.table = 0 }, { $0.table = 5 }, { $0.input = 1 },
      {
        $0.sizes = Six([1 << 16, 1 << 16], filler: 1)
        $0.inputStrides = Six([0, 0], filler: 0)
        $0.outputStrides = Six([0, 0], filler: 0)
      },
    ] as [@Sendable (inout CopyStep) -> Void])
  func copies(_ change: @Sendable (inout CopyStep) -> Void) {
    var step = CopyStep()
    step.output = 1
    step.sizes = Six([48], filler: 1)
    (step.inputStrides, step.outputStrides) = (Six([1], filler: 0), Six([1], filler: 0))
    var file = Self.identity()
    file.constants = [Array(repeating: 0, count: 256)]
    file.steps = [.copy(step)]
    #expect(file.refusal == nil)
    change(&step)
    file.steps = [.copy(step)]
    #expect(file.refusal?.place == .step)
  }

  @Test func reversedCopiesAreAllowed() {
    var step = CopyStep()
    (step.output, step.inputOffset) = (1, 47)
    step.sizes = Six([48], filler: 1)
    (step.inputStrides, step.outputStrides) = (Six([-1], filler: 0), Six([1], filler: 0))
    var file = Self.identity()
    file.steps = [.copy(step)]
    #expect(file.refusal == nil)
    step.inputOffset = 46
    file.steps = [.copy(step)]
    #expect(file.refusal?.reason == .invalidValue)
  }

  @Test(
    arguments: [
      .init(.invalidValue) { $0.aMultiplier = 32768 }, .init(.invalidValue) { $0.bMultiplier = -32769 },
      .init(.invalidValue) { $0.bias = 1 << 30 }, .init(.unboundedScale) { $0.scale = 200 },
      .init(.unboundedScale) { $0.scale = .nan }, .init(.unboundedScale) { $0.scale = -1 },
      .init(.invalidValue) { $0.operands.aStride = 3 }, .init(.invalidValue) { $0.operands.bStride = -48 },
      .init(.outOfBounds) { $0.operands.rows = 2 }, .init(.invalidValue) { $0.operands.columns = 0 },
      .init(.invalidValue) { $0.operands.rows = 1 << 30 }, .init(.noSuchEntry) { $0.b = 3 },
      .init(.overlap) { $0.b = 2 },
    ] as [Case<AddU8, ModelError.Reason>])
  func additions(_ rule: Case<AddU8, ModelError.Reason>) {
    var file = ProgramFile()
    for _ in 0..<3 { file.add(.u8, [48]) }
    var step = AddU8()
    (step.a, step.b, step.output) = (0, 1, 2)
    step.operands = Operands(rows: 1, columns: 48, aStride: 48, bStride: 0)
    (step.aMultiplier, step.bMultiplier, step.scale) = (32767, -32768, 1)
    file.steps = [.addU8(step)]
    #expect(file.refusal == nil)
    rule.change(&step)
    file.steps = [.addU8(step)]
    #expect(file.refusal?.reason == rule.expected)
  }

  /// However often a file repeats a convolution, binding it needs no more than so many tap offsets.
  @Test func tapOffsetsAreBounded() {
    var step = Self.convolution
    (step.window.kernelHeight, step.window.kernelWidth, step.inputs) = (1, 1, 4)
    (step.window.outputHeight, step.window.outputWidth) = (1, 1)
    var file = Self.file(step)
    file.steps = Array(repeating: .convolutionU8(step), count: 2000)
    #expect(file.refusal == nil)
    // 8000 taps a step, all inside a tall image.
    file.header.arenaBytes = 1 << 20
    file.buffers = []
    file.add(.u8, [1, 8000, 1, 2])
    file.add(.u8, [1, 4, 4, 20])
    file.constants[0] = Array(repeating: 0, count: 8000 * 64)
    (step.height, step.width, step.inputChannels, step.firstInput, step.inputs) = (8000, 1, 2, 0, 1)
    step.window.kernelHeight = 8000
    file.steps = Array(repeating: .convolutionU8(step), count: 2000)
    #expect(file.refusal == nil)
    file.steps = Array(repeating: .convolutionU8(step), count: 2100)
    #expect(file.refusal == ModelError(.invalidValue, in: .step, index: 2097, found: 8000))
  }

  @Test(arguments: StepKind.allCases)
  func stepsOfZerosAreRefused(kind: StepKind) throws {
    let words = [UInt32(kind.rawValue)] + Array(repeating: UInt32(0), count: 39)
    let memory = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    let step = unsafe memory.withUnsafeBytes { memory in
      var reader = unsafe FieldReader(memory, at: 4)
      return Step(kind: kind, reading: &reader)
    }
    var file = Self.identity()
    file.constants = [Array(repeating: 0, count: 256)]
    file.steps = [step]
    #expect(file.refusal?.place == .step || kind == .fill)
  }
}
