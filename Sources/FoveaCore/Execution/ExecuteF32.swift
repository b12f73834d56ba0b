import FoveaKernels

@safe
struct BoundConvolutionF32 {
  var step: ConvolutionF32
  var input: UnsafePointer<Float>
  var weights: UnsafePointer<Float>
  var bias: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>
  /// Room for unfolded windows, in floats; nil where the input's pixels are the windows.
  var scratch: UnsafeMutablePointer<Float>?
  var scratchCount: Int

  func run(_ share: Share, _ sgemm: fovea_sgemm_function) {
    if let scratch = unsafe scratch {
      unsafe runUnfolded(share, sgemm, scratch)
    } else if step.images * step.pixels >= 4 * share.parts {
      let rows = share.range(of: step.images * step.pixels, granule: 4)
      unsafe multiply(
        sgemm, windows: input + rows.lowerBound * step.inputChannels + step.firstInput,
        stride: step.inputChannels, rows: rows, columns: 0..<step.outputs)
    } else {
      unsafe multiply(
        sgemm, windows: input + step.firstInput, stride: step.inputChannels, rows: 0..<(step.images * step.pixels),
        columns: share.range(of: step.outputs, granule: 16))
    }
  }

  /// As many windows at a time as this part's stretch of the scratch holds.
  private func runUnfolded(_ share: Share, _ sgemm: fovea_sgemm_function, _ scratch: UnsafeMutablePointer<Float>) {
    // A scratch too small to share goes to the first part alone.
    let parts = Swift.max(1, Swift.min(share.parts, scratchCount / step.windowSize))
    guard share.part < parts else { return }
    let chunk = scratchCount / parts / step.windowSize
    let scratch = unsafe scratch + share.part * chunk * step.windowSize
    let pixels = unsafe Share(part: share.part, parts: parts, scratch: share.scratch).range(of: step.pixels)
    var window = step.window.c(
      height: step.height, width: step.width, inputChannels: step.inputChannels, channels: step.inputs)
    for image in 0..<step.images {
      let source = unsafe input + image * step.height * step.width * step.inputChannels + step.firstInput
      var begin = pixels.lowerBound
      while begin < pixels.upperBound {
        let end = Swift.min(begin + chunk, pixels.upperBound)
        unsafe fovea_im2col_f32(&window, source, scratch, Int32(begin), Int32(end))
        let first = image * step.pixels
        unsafe multiply(
          sgemm, windows: scratch, stride: step.windowSize, rows: (first + begin)..<(first + end),
          columns: 0..<step.outputs)
        begin = end
      }
    }
  }

  /// Output rows `rows` = windows * weights, then bias and activation.
  private func multiply(
    _ sgemm: fovea_sgemm_function, windows: UnsafePointer<Float>, stride: Int, rows: Range<Int>, columns: Range<Int>
  ) {
    guard !rows.isEmpty, !columns.isEmpty else { return }
    let target = unsafe output + rows.lowerBound * step.outputChannels + step.firstOutput + columns.lowerBound
    unsafe sgemm(
      Int32(rows.count), Int32(columns.count), Int32(step.windowSize), windows, Int32(stride),
      weights + columns.lowerBound, Int32(step.outputs), target, Int32(step.outputChannels))
    var activation = step.activation.c
    unsafe fovea_bias_activation_f32(
      target, Int32(rows.count), Int32(columns.count), Int32(step.outputChannels), bias + columns.lowerBound,
      &activation)
  }
}

@safe
struct BoundDepthwiseF32 {
  var step: ConvolutionF32
  var input: UnsafePointer<Float>
  var weights: UnsafePointer<Float>
  var bias: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>

  func run(_ share: Share) {
    let rows = share.range(of: step.window.outputHeight)
    var window = step.window.c(
      height: step.height, width: step.width, inputChannels: step.inputChannels, channels: step.inputs)
    var activation = step.activation.c
    for image in 0..<step.images {
      let source = unsafe input + image * step.height * step.width * step.inputChannels
      let target = unsafe output + image * step.pixels * step.outputChannels
      unsafe fovea_depthwise_f32(
        &window, source, weights, bias, &activation, target, Int32(rows.lowerBound), Int32(rows.upperBound))
    }
  }
}

@safe
struct BoundMatMul {
  var step: MatMulF32
  var a: UnsafePointer<Float>
  var b: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>

  func run(_ share: Share, _ sgemm: fovea_sgemm_function) {
    let rows = share.range(of: step.m)
    guard !rows.isEmpty else { return }
    for batch in 0..<step.batches {
      let a = unsafe a + batch * step.aBatchStride + rows.lowerBound * step.k
      let output = unsafe output + (batch * step.m + rows.lowerBound) * step.n
      unsafe sgemm(
        Int32(rows.count), Int32(step.n), Int32(step.k), a, Int32(step.k), b + batch * step.bBatchStride,
        Int32(step.n), output, Int32(step.n))
    }
  }
}

@safe
struct BoundUnary {
  var input: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>
  var count: Int
  var function: fovea_unary

  func run(_ share: Share) {
    let range = share.range(of: count, granule: 16)
    var function = function
    unsafe fovea_unary_f32(&function, input, output, range.lowerBound, range.upperBound)
  }
}

@safe
struct BoundReduction {
  var step: ReductionF32
  var isSoftmax: Bool
  var input: UnsafePointer<Float>
  var output: UnsafeMutablePointer<Float>

  func run(_ share: Share) {
    let outer = share.range(of: step.outer)
    let (begin, end) = (Int32(outer.lowerBound), Int32(outer.upperBound))
    if isSoftmax {
      unsafe fovea_softmax_f32(input, output, Int32(step.length), Int32(step.inner), begin, end)
    } else {
      unsafe fovea_mean_f32(input, output, Int32(step.length), Int32(step.inner), begin, end)
    }
  }
}

extension Binder {
  func bind(_ step: ConvolutionF32) -> BoundConvolutionF32 {
    let hasScratch = step.scratch != ProgramHeader.none
    return unsafe BoundConvolutionF32(
      step: step, input: f32(step.input), weights: constant(step.weights, as: Float.self),
      bias: constant(step.bias, as: Float.self), output: f32(step.output),
      scratch: hasScratch ? f32(step.scratch) : nil,
      scratchCount: hasScratch ? program.buffers[step.scratch].count : 0)
  }

  func bind(_ step: BinaryF32) -> fovea_binary_f32 {
    unsafe fovea_binary_f32(
      operation: Int32(step.operation), a: f32(step.a), b: f32(step.b), output: f32(step.output),
      rows: Int32(step.operands.rows), columns: Int32(step.operands.columns), a_stride: Int32(step.operands.aStride),
      b_stride: Int32(step.operands.bStride), activation: step.activation.c)
  }
}
