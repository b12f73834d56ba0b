import FoveaKernels

@safe
struct BoundStatistic {
  var step: StatisticF32
  var isNormalization: Bool
  var input: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>

  func run(_ share: Share) {
    let outer = share.range(of: step.outer)
    let (begin, end) = (Int32(outer.lowerBound), Int32(outer.upperBound))
    if isNormalization {
      unsafe fovea_normalize_f32(input, output, Int32(step.length), Int32(step.inner), step.epsilon, begin, end)
    } else {
      unsafe fovea_reduce_f32(
        Int32(step.operation), input, output, Int32(step.length), Int32(step.inner), begin, end)
    }
  }
}

@safe
struct BoundResample {
  /// The memory of either type, with its weights.
  @safe
  enum Memory {
    case u8(UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>, weights: UnsafePointer<Int32>)
    case f32(UnsafePointer<Float>, UnsafeMutablePointer<Float>, weights: UnsafePointer<Float>)
  }

  var resample: fovea_resample
  var rows: Int
  var memory: Memory

  func run(_ share: Share) {
    let rows = share.range(of: rows)
    let (begin, end) = (Int32(rows.lowerBound), Int32(rows.upperBound))
    var resample = unsafe resample
    switch memory {
    case .u8(let input, let output, let weights):
      unsafe fovea_resample_u8(&resample, weights, input, output, begin, end)
    case .f32(let input, let output, let weights):
      unsafe fovea_resample_f32(&resample, weights, input, output, begin, end)
    }
  }
}

extension Binder {
  func bind(_ step: StatisticF32, isNormalization: Bool) -> BoundStatistic {
    unsafe BoundStatistic(
      step: step, isNormalization: isNormalization, input: f32(step.input), output: f32(step.output))
  }

  func bind(_ step: ResampleStep) -> BoundResample {
    let resample = unsafe fovea_resample(
      input_length: Int32(step.inputLength), output_length: Int32(step.outputLength), inner: Int32(step.inner),
      taps: Int32(step.taps), positions: constant(step.positions, as: Int32.self))
    let memory: BoundResample.Memory
    switch program.buffers[step.input].type {
    case .u8: memory = unsafe .u8(u8(step.input), u8(step.output), weights: constant(step.weights, as: Int32.self))
    case .f32: memory = unsafe .f32(f32(step.input), f32(step.output), weights: constant(step.weights, as: Float.self))
    }
    return unsafe BoundResample(resample: resample, rows: step.outer * step.outputLength, memory: memory)
  }
}
