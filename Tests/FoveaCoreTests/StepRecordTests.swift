import FoveaCore
import Testing

/// The words of every kind of step, in the file's order: kind, fields, zeros up to 40. Changing a line here breaks every model
/// file that exists, and asks for another version of the format.
struct StepRecordTests {
  /// Words 1, 2, 3 and so on, which fields below take in order.
  private static let cases: [(step: Step, kind: UInt32, fields: Int)] = [
    (.convolutionU8(convolutionU8), 1, 27), (.depthwiseU8(depthwiseU8), 2, 23), (.addU8(addU8), 3, 14),
    (.multiplyU8(multiplyU8), 4, 13), (.tableU8(tableU8), 5, 4), (.maxPool(pool), 6, 24), (.averagePool(pool), 7, 24),
    (.padU8(padU8), 8, 10), (.copy(copy), 9, 23), (.fill(fill), 10, 4), (.quantize(conversion), 11, 3),
    (.dequantize(conversion), 12, 3), (.matMulF32(matMul), 15, 9), (.unaryF32(unary), 16, 6),
    (.binaryF32(binary), 17, 11), (.softmaxF32(reduction), 18, 5), (.meanF32(reduction), 19, 5),
    (.convolutionF32(convolutionF32), 20, 26), (.depthwiseF32(convolutionF32), 21, 26),
    (.reduceF32(statistic), 40, 7), (.normalizeF32(statistic), 41, 7), (.resample(resample), 42, 9),
    (.channelTablesU8(channelTablesU8), 43, 7),
  ]

  @Test(arguments: cases.indices)
  func isWhatTheFormatSays(_ index: Int) {
    let (step, kind, fields) = Self.cases[index]
    let words = step.words
    #expect(words.count == ProgramHeader.stepWords)
    #expect(words[0] == kind)
    // Floats below have the bits of their place's number.
    #expect(Array(words[1...fields]) == (1...UInt32(fields)).map { $0 })
    #expect(words[(fields + 1)...].allSatisfy { $0 == 0 })
  }

  @Test(arguments: cases.indices)
  func readsBackEqual(_ index: Int) throws {
    let step = Self.cases[index].step
    let bytes = step.words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    try unsafe bytes.withUnsafeBytes { bytes in
      var reader = unsafe FieldReader(bytes, at: 0)
      var number = 0
      reader.int(&number)
      let again = Step(kind: try #require(StepKind(rawValue: number)), reading: &reader)
      #expect(!reader.overrun)
      #expect(String(describing: again) == String(describing: step))
      #expect(again.words == step.words)
      #expect(again.kind == step.kind)
    }
  }

  @Test func everyKindIsHere() {
    #expect(Set(Self.cases.map(\.step.kind)) == Set(StepKind.allCases))
    #expect(Self.cases.map { Int($0.kind) } == StepKind.allCases.map(\.rawValue))
  }

  @Test func buffersAreReadAndWritten() {
    #expect(Step.convolutionU8(Self.convolutionU8).buffers == ([1], [2]))
    #expect(Step.addU8(Self.addU8).buffers == ([1, 2], [3]))
    #expect(Step.fill(Self.fill).buffers == ([], [1]))
    #expect(Step.matMulF32(Self.matMul).buffers == ([1, 2], [3]))
    #expect(Step.convolutionF32(Self.convolutionF32).buffers == ([1], [2]))
  }

  // MARK: Steps whose fields are 1, 2, 3 ... in the file's order

  private static func float(_ bits: UInt32) -> Float { Float(bitPattern: bits) }

  private static func window(from n: Int) -> Window {
    var window = Window()
    (window.kernelHeight, window.kernelWidth) = (n, n + 1)
    (window.strideY, window.strideX) = (n + 2, n + 3)
    (window.dilationY, window.dilationX) = (n + 4, n + 5)
    (window.padTop, window.padLeft) = (n + 6, n + 7)
    (window.outputHeight, window.outputWidth) = (n + 8, n + 9)
    return window
  }

  private static let statistic: StatisticF32 = {
    var step = StatisticF32()
    (step.input, step.output, step.outer, step.length, step.inner) = (1, 2, 3, 4, 5)
    (step.operation, step.epsilon) = (6, float(7))
    return step
  }()

  private static let resample: ResampleStep = {
    var step = ResampleStep()
    (step.input, step.output, step.positions, step.weights) = (1, 2, 3, 4)
    (step.outer, step.inputLength, step.outputLength, step.inner, step.taps) = (5, 6, 7, 8, 9)
    return step
  }()

  private static let convolutionU8: ConvolutionU8 = {
    var step = ConvolutionU8()
    (step.input, step.output, step.weights, step.bias, step.scale) = (1, 2, 3, 4, 5)
    (step.images, step.height, step.width) = (6, 7, 8)
    (step.inputChannels, step.firstInput, step.inputs) = (9, 10, 11)
    (step.outputChannels, step.firstOutput, step.outputs) = (12, 13, 14)
    step.window = window(from: 15)
    step.range = OutputRange(zeroPoint: 25, low: 26, high: 27)
    return step
  }()

  private static let depthwiseU8: DepthwiseU8 = {
    var step = DepthwiseU8()
    (step.input, step.output, step.weights, step.bias, step.scale) = (1, 2, 3, 4, 5)
    (step.images, step.height, step.width, step.channels, step.inputZeroPoint) = (6, 7, 8, 9, 10)
    step.window = window(from: 11)
    step.range = OutputRange(zeroPoint: 21, low: 22, high: 23)
    return step
  }()

  private static let addU8: AddU8 = {
    var step = AddU8()
    (step.a, step.b, step.output) = (1, 2, 3)
    step.operands = Operands(rows: 4, columns: 5, aStride: 6, bStride: 7)
    (step.aMultiplier, step.bMultiplier, step.bias, step.scale) = (8, 9, 10, float(11))
    step.range = OutputRange(zeroPoint: 12, low: 13, high: 14)
    return step
  }()

  private static let multiplyU8: MultiplyU8 = {
    var step = MultiplyU8()
    (step.a, step.b, step.output) = (1, 2, 3)
    step.operands = Operands(rows: 4, columns: 5, aStride: 6, bStride: 7)
    (step.aZeroPoint, step.bZeroPoint, step.scale) = (8, 9, float(10))
    step.range = OutputRange(zeroPoint: 11, low: 12, high: 13)
    return step
  }()

  private static let tableU8: TableU8 = {
    var step = TableU8()
    (step.input, step.output, step.count, step.table) = (1, 2, 3, 4)
    return step
  }()

  private static let channelTablesU8: ChannelTablesU8 = {
    var step = ChannelTablesU8()
    (step.input, step.output, step.rows, step.channels, step.count) = (1, 2, 3, 4, 5)
    (step.tables, step.selection) = (6, 7)
    return step
  }()

  private static let pool: PoolStep = {
    var step = PoolStep()
    (step.input, step.output, step.images, step.height, step.width, step.channels) = (1, 2, 3, 4, 5, 6)
    step.window = window(from: 7)
    (step.padBottom, step.padRight, step.countsPadding, step.inputZeroPoint) = (17, 18, 19, 20)
    step.scale = float(21)
    step.range = OutputRange(zeroPoint: 22, low: 23, high: 24)
    return step
  }()

  private static let padU8: PadU8 = {
    var step = PadU8()
    (step.input, step.output, step.images, step.height) = (1, 2, 3, 4)
    (step.rowBytes, step.leftBytes, step.rightBytes) = (5, 6, 7)
    (step.top, step.bottom, step.value) = (8, 9, 10)
    return step
  }()

  private static let copy: CopyStep = {
    var step = CopyStep()
    (step.input, step.output) = (1, 2)
    step.sizes = Six([3, 4, 5, 6, 7, 8], filler: 0)
    step.inputStrides = Six([9, 10, 11, 12, 13, 14], filler: 0)
    step.outputStrides = Six([15, 16, 17, 18, 19, 20], filler: 0)
    (step.inputOffset, step.outputOffset, step.table) = (21, 22, 23)
    return step
  }()

  private static let fill: FillStep = {
    var step = FillStep()
    (step.output, step.constant, step.value, step.byte) = (1, 2, float(3), 4)
    return step
  }()

  private static let conversion = ConversionStep(input: 1, output: 2, count: 3)

  private static let convolutionF32: ConvolutionF32 = {
    var step = ConvolutionF32()
    (step.input, step.output, step.weights, step.bias) = (1, 2, 3, 4)
    (step.images, step.height, step.width) = (5, 6, 7)
    (step.inputChannels, step.firstInput, step.inputs) = (8, 9, 10)
    (step.outputChannels, step.firstOutput, step.outputs) = (11, 12, 13)
    step.window = window(from: 14)
    step.activation = UnaryFunction(operation: 24, alpha: float(25), beta: float(26))
    return step
  }()

  private static let matMul: MatMulF32 = {
    var step = MatMulF32()
    (step.a, step.b, step.output, step.batches) = (1, 2, 3, 4)
    (step.m, step.n, step.k) = (5, 6, 7)
    (step.aBatchStride, step.bBatchStride) = (8, 9)
    return step
  }()

  private static let unary: UnaryF32 = {
    var step = UnaryF32()
    (step.input, step.output, step.count) = (1, 2, 3)
    step.function = UnaryFunction(operation: 4, alpha: float(5), beta: float(6))
    return step
  }()

  private static let binary: BinaryF32 = {
    var step = BinaryF32()
    (step.a, step.b, step.output, step.operation) = (1, 2, 3, 4)
    step.operands = Operands(rows: 5, columns: 6, aStride: 7, bStride: 8)
    step.activation = UnaryFunction(operation: 9, alpha: float(10), beta: float(11))
    return step
  }()

  private static let reduction: ReductionF32 = {
    var step = ReductionF32()
    (step.input, step.output, step.outer, step.length, step.inner) = (1, 2, 3, 4, 5)
    return step
  }()
}
