import FoveaKernels

/// Turns indices into addresses. The one place where pointers into the arena and the file are made; `Program.validate` has
/// checked every reach before.
@safe
struct Binder {
  let program: Program
  let arena: UnsafeMutableRawPointer
  /// Where the next convolution's tap offsets go.
  var tapOffsets: UnsafeMutablePointer<Int32>
  let floatKernels: fovea_f32_kernels
  /// Where the next float convolution's transformed weights go; nil where none are transformed.
  var transformedWeights: UnsafeMutablePointer<Float>?

  func u8(_ buffer: Int) -> UnsafeMutablePointer<UInt8> {
    unsafe (arena + program.buffers[buffer].offset).assumingMemoryBound(to: UInt8.self)
  }

  func f32(_ buffer: Int) -> UnsafeMutablePointer<Float> {
    unsafe (arena + program.buffers[buffer].offset).assumingMemoryBound(to: Float.self)
  }

  /// A constant's first element. Constants are never empty where a step uses one: validation asks for at least one byte.
  func constant<T>(_ index: Int, as type: T.Type) -> UnsafePointer<T> {
    let start = program.dataOffset + program.constants[index].offset
    return unsafe UnsafePointer((program.file.baseAddress.unsafelyUnwrapped + start).assumingMemoryBound(to: type))
  }

  mutating func bind(_ step: Step) -> BoundStep {
    switch step {
    case .convolutionU8(let step): .convolutionU8(bind(step))
    case .depthwiseU8(let step): .depthwiseU8(bind(step))
    case .addU8(let step): unsafe .addU8(bind(step))
    case .multiplyU8(let step): unsafe .multiplyU8(bind(step))
    case .tableU8(let step):
      unsafe .tableU8(
        BoundTable(
          input: u8(step.input), output: u8(step.output), count: step.count,
          table: constant(step.table, as: UInt8.self)))
    case .channelTablesU8(let step):
      unsafe .channelTablesU8(
        fovea_channel_tables_u8(
          input: u8(step.input), output: u8(step.output), rows: Int32(step.rows), channels: Int32(step.channels),
          tables: constant(step.tables, as: UInt8.self), selection: constant(step.selection, as: UInt8.self)))
    case .maxPool(let step): .pool(bind(step, isAverage: false))
    case .averagePool(let step): .pool(bind(step, isAverage: true))
    case .padU8(let step): unsafe .padU8(BoundPad(step: step, input: u8(step.input), output: u8(step.output)))
    case .copy(let step): unsafe .copy(bind(step))
    case .fill(let step): .fill(bind(step))
    case .quantize(let step): .conversion(bind(step, quantizes: true))
    case .dequantize(let step): .conversion(bind(step, quantizes: false))
    case .convolutionF32(let step): .convolutionF32(bind(step))
    case .depthwiseF32(let step): .depthwiseF32(bindDepthwise(step))
    case .matMulF32(let step):
      unsafe .matMulF32(BoundMatMul(step: step, a: f32(step.a), b: f32(step.b), output: f32(step.output)))
    case .unaryF32(let step):
      unsafe .unaryF32(
        BoundUnary(
          input: f32(step.input), output: f32(step.output), count: step.count, function: step.function.c))
    case .binaryF32(let step): unsafe .binaryF32(bind(step))
    case .softmaxF32(let step):
      unsafe .reductionF32(
        BoundReduction(step: step, isSoftmax: true, input: f32(step.input), output: f32(step.output)))
    case .meanF32(let step):
      unsafe .reductionF32(
        BoundReduction(step: step, isSoftmax: false, input: f32(step.input), output: f32(step.output)))
    case .reduceF32(let step): .statisticF32(bind(step, isNormalization: false))
    case .normalizeF32(let step): .statisticF32(bind(step, isNormalization: true))
    case .resample(let step): .resample(bind(step))
    }
  }
}

extension UnaryFunction {
  var c: fovea_unary { fovea_unary(operation: Int32(operation), alpha: alpha, beta: beta) }
}

extension Window {
  /// The window over images of `channels` of `inputChannels` channels, as the float kernels take it.
  func c(height: Int, width: Int, inputChannels: Int, channels: Int) -> fovea_window {
    fovea_window(
      height: Int32(height), width: Int32(width), input_channels: Int32(inputChannels), channels: Int32(channels),
      kernel_height: Int32(kernelHeight), kernel_width: Int32(kernelWidth), stride_y: Int32(strideY),
      stride_x: Int32(strideX), dilation_y: Int32(dilationY), dilation_x: Int32(dilationX), pad_top: Int32(padTop),
      pad_left: Int32(padLeft), out_height: Int32(outputHeight), out_width: Int32(outputWidth))
  }
}
