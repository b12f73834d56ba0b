/// One instruction of a program. Buffers and constants are indices into the program's tables.
///
/// Adding a step is a case here, its payload beside it, a line in `StepKind`, and what the compiler then asks for:
/// validation, binding, running.
package enum Step: Sendable {
  case convolutionU8(ConvolutionU8)
  case depthwiseU8(DepthwiseU8)
  case addU8(AddU8)
  case multiplyU8(MultiplyU8)
  case tableU8(TableU8)
  case maxPool(PoolStep)
  case averagePool(PoolStep)
  case padU8(PadU8)
  case copy(CopyStep)
  case fill(FillStep)
  case quantize(ConversionStep)
  case dequantize(ConversionStep)
  case convolutionF32(ConvolutionF32)
  case depthwiseF32(ConvolutionF32)
  case matMulF32(MatMulF32)
  case unaryF32(UnaryF32)
  case binaryF32(BinaryF32)
  case softmaxF32(ReductionF32)
  case meanF32(ReductionF32)
  case reduceF32(StatisticF32)
  case normalizeF32(StatisticF32)
  case resample(ResampleStep)
  case channelTablesU8(ChannelTablesU8)
}

/// The numbers of the steps in the file. Never reuse one.
package enum StepKind: Int, CaseIterable, Sendable {
  case convolutionU8 = 1
  case depthwiseU8 = 2
  case addU8 = 3
  case multiplyU8 = 4
  case tableU8 = 5
  case maxPool = 6
  case averagePool = 7
  case padU8 = 8
  case copy = 9
  case fill = 10
  case quantize = 11
  case dequantize = 12
  // 13 and 14 were float convolutions whose weights were packed in another way.
  case matMulF32 = 15
  case unaryF32 = 16
  case binaryF32 = 17
  case softmaxF32 = 18
  case meanF32 = 19
  case convolutionF32 = 20
  case depthwiseF32 = 21
  case reduceF32 = 40
  case normalizeF32 = 41
  case resample = 42
  case channelTablesU8 = 43
}

extension Step {
  package var kind: StepKind {
    switch self {
    case .convolutionU8: .convolutionU8
    case .depthwiseU8: .depthwiseU8
    case .addU8: .addU8
    case .multiplyU8: .multiplyU8
    case .tableU8: .tableU8
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .padU8: .padU8
    case .copy: .copy
    case .fill: .fill
    case .quantize: .quantize
    case .dequantize: .dequantize
    case .convolutionF32: .convolutionF32
    case .depthwiseF32: .depthwiseF32
    case .matMulF32: .matMulF32
    case .unaryF32: .unaryF32
    case .binaryF32: .binaryF32
    case .softmaxF32: .softmaxF32
    case .meanF32: .meanF32
    case .reduceF32: .reduceF32
    case .normalizeF32: .normalizeF32
    case .resample: .resample
    case .channelTablesU8: .channelTablesU8
    }
  }

  /// Reads the fields of a step of `kind`.
  package init(kind: StepKind, reading reader: inout FieldReader) {
    func read<R: Record>(_: R.Type) -> R {
      var record = R()
      record.visit(&reader)
      return record
    }
    switch kind {
    case .convolutionU8: self = .convolutionU8(read(ConvolutionU8.self))
    case .depthwiseU8: self = .depthwiseU8(read(DepthwiseU8.self))
    case .addU8: self = .addU8(read(AddU8.self))
    case .multiplyU8: self = .multiplyU8(read(MultiplyU8.self))
    case .tableU8: self = .tableU8(read(TableU8.self))
    case .maxPool: self = .maxPool(read(PoolStep.self))
    case .averagePool: self = .averagePool(read(PoolStep.self))
    case .padU8: self = .padU8(read(PadU8.self))
    case .copy: self = .copy(read(CopyStep.self))
    case .fill: self = .fill(read(FillStep.self))
    case .quantize: self = .quantize(read(ConversionStep.self))
    case .dequantize: self = .dequantize(read(ConversionStep.self))
    case .convolutionF32: self = .convolutionF32(read(ConvolutionF32.self))
    case .depthwiseF32: self = .depthwiseF32(read(ConvolutionF32.self))
    case .matMulF32: self = .matMulF32(read(MatMulF32.self))
    case .unaryF32: self = .unaryF32(read(UnaryF32.self))
    case .binaryF32: self = .binaryF32(read(BinaryF32.self))
    case .softmaxF32: self = .softmaxF32(read(ReductionF32.self))
    case .meanF32: self = .meanF32(read(ReductionF32.self))
    case .reduceF32: self = .reduceF32(read(StatisticF32.self))
    case .normalizeF32: self = .normalizeF32(read(StatisticF32.self))
    case .resample: self = .resample(read(ResampleStep.self))
    case .channelTablesU8: self = .channelTablesU8(read(ChannelTablesU8.self))
    }
  }

  /// The step's words: its kind, then its fields, padded with zeros to `ProgramHeader.stepWords`.
  package var words: [UInt32] {
    var writer = FieldWriter()
    var kind = self.kind.rawValue
    writer.int(&kind)
    func write(_ record: some Record) {
      var record = record
      record.visit(&writer)
    }
    switch self {
    case .convolutionU8(let step): write(step)
    case .depthwiseU8(let step): write(step)
    case .addU8(let step): write(step)
    case .multiplyU8(let step): write(step)
    case .tableU8(let step): write(step)
    case .maxPool(let step), .averagePool(let step): write(step)
    case .padU8(let step): write(step)
    case .copy(let step): write(step)
    case .fill(let step): write(step)
    case .quantize(let step), .dequantize(let step): write(step)
    case .convolutionF32(let step), .depthwiseF32(let step): write(step)
    case .matMulF32(let step): write(step)
    case .unaryF32(let step): write(step)
    case .binaryF32(let step): write(step)
    case .softmaxF32(let step), .meanF32(let step): write(step)
    case .reduceF32(let step), .normalizeF32(let step): write(step)
    case .resample(let step): write(step)
    case .channelTablesU8(let step): write(step)
    }
    let padding = ProgramHeader.stepWords - writer.words.count
    return writer.words + Array(repeating: 0, count: padding)
  }

  /// The buffers that the step reads, and those it writes.
  package var buffers: (reads: [Int], writes: [Int]) {
    switch self {
    case .convolutionU8(let step): ([step.input], [step.output])
    case .depthwiseU8(let step): ([step.input], [step.output])
    case .addU8(let step): ([step.a, step.b], [step.output])
    case .multiplyU8(let step): ([step.a, step.b], [step.output])
    case .tableU8(let step): ([step.input], [step.output])
    case .maxPool(let step), .averagePool(let step): ([step.input], [step.output])
    case .padU8(let step): ([step.input], [step.output])
    case .copy(let step): ([step.input], [step.output])
    case .fill(let step): ([], [step.output])
    case .quantize(let step), .dequantize(let step): ([step.input], [step.output])
    case .convolutionF32(let step), .depthwiseF32(let step):
      (step.adds ? [step.input, step.addend] : [step.input], [step.output])
    case .matMulF32(let step): ([step.a, step.b], [step.output])
    case .unaryF32(let step): ([step.input], [step.output])
    case .binaryF32(let step): ([step.a, step.b], [step.output])
    case .softmaxF32(let step), .meanF32(let step): ([step.input], [step.output])
    case .reduceF32(let step), .normalizeF32(let step): ([step.input], [step.output])
    case .resample(let step): ([step.input], [step.output])
    case .channelTablesU8(let step): ([step.input], [step.output])
    }
  }
}
