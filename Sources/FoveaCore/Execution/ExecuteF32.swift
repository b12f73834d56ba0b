import FoveaKernels

@safe
struct BoundConvolutionF32 {
  var conv: fovea_conv_f32
  var images: Int
  /// Elements from one image to the next.
  var inputStride: Int
  var outputStride: Int
  var blocks: Int
  /// Whether there is more to read of the weights than of an image: then parts share the channels, so that each reads its
  /// own weights.
  var weightsAreLarger: Bool
  /// Whether they are more than a second-level cache holds beside other things.
  var weightsAreLarge: Bool

  func run(_ share: Share, _ kernel: fovea_conv_f32_function) {
    var conv = unsafe conv
    let units = unsafe Int(fovea_conv_f32_units(&conv))
    let prefersBlocks = unsafe weightsAreLarger && (weightsAreLarge || Int(conv.window.out_height) < 4 * share.threads)
    let byBlocks = prefersBlocks && blocks >= 4 * share.parts || units < 4 * share.parts
    let range = byBlocks ? 0..<units : share.range(of: units)
    let blocks = byBlocks ? share.range(of: blocks) : 0..<blocks
    guard !range.isEmpty, !blocks.isEmpty else { return }
    for _ in 0..<images {
      unsafe kernel(
        &conv, Int32(range.lowerBound), Int32(range.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound),
        share.scratch)
      unsafe conv.input += inputStride
      unsafe conv.output += outputStride
      if let addend = unsafe conv.addend { unsafe conv.addend = addend + outputStride }
    }
  }
}

@safe
struct BoundDepthwiseF32 {
  var depthwise: fovea_depthwise_f32
  var images: Int
  var inputStride: Int
  var outputStride: Int
  var blocks: Int

  func run(_ share: Share, _ kernel: fovea_depthwise_f32_function) {
    var depthwise = unsafe depthwise
    let height = unsafe Int(depthwise.window.out_height)
    let byRows = height >= 4 * share.parts
    let rows = byRows ? share.range(of: height) : 0..<height
    let blocks = byRows ? 0..<blocks : share.range(of: blocks)
    guard !rows.isEmpty, !blocks.isEmpty else { return }
    for _ in 0..<images {
      unsafe kernel(
        &depthwise, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(blocks.lowerBound), Int32(blocks.upperBound))
      if let sums = unsafe share.rowSums { unsafe sumRows(rows, blocks, to: sums) }
      unsafe depthwise.input += inputStride
      unsafe depthwise.output += outputStride
    }
  }
}

extension BoundDepthwiseF32 {
  /// Adds up rows that were just made.
  func sumRows(_ rows: Range<Int>, _ blocks: Range<Int>, to sums: UnsafeMutableRawPointer) {
    let channels = unsafe depthwise.window.channels
    unsafe fovea_sum_rows_f32(
      depthwise.output, depthwise.window.out_width, channels, Int32(rows.lowerBound), Int32(rows.upperBound),
      Int32(blocks.lowerBound * 16), min(Int32(blocks.upperBound * 16), channels),
      sums.assumingMemoryBound(to: Float.self))
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

  func run(_ share: Share, _ kernel: fovea_unary_f32_function) {
    let range = share.range(of: count, granule: 16)
    var function = function
    unsafe kernel(&function, input, output, range.lowerBound, range.upperBound)
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

extension ConvolutionF32 {
  fileprivate var cWindow: fovea_window {
    window.c(height: height, width: width, inputChannels: inputChannels, channels: inputs)
  }

  /// The step with the addresses that are given, its weights not transformed.
  fileprivate func c(
    input: UnsafePointer<Float>?, weights: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    output: UnsafeMutablePointer<Float>?
  ) -> fovea_conv_f32 {
    unsafe fovea_conv_f32(
      window: cWindow, input: input, weights: weights, bias: bias, winograd: nil, outputs: Int32(outputs),
      output_stride: Int32(outputChannels), output: output, addend: nil, activation: activation.c)
  }

  /// Floats of its transformed weights; 0 where the kernels multiply by the weights themselves.
  fileprivate func transformedCount(_ kernels: fovea_f32_kernels) -> Int {
    var conv = unsafe c(input: nil, weights: nil, bias: nil, output: nil)
    return unsafe kernels.prefers_winograd(&conv) != 0 ? fovea_winograd_size(&conv) : 0
  }
}

extension Program {
  /// Memory for the transformed weights of all float convolutions. They are four times the weights: a program that would have
  /// more than eight times its file, by using the same weights again and again, has none.
  package func transformedWeightBytes(_ kernels: fovea_f32_kernels) -> Int {
    var bytes = 0
    for case .convolutionF32(let step) in steps { bytes += unsafe 4 * step.transformedCount(kernels) }
    return unsafe bytes <= 8 * file.count ? bytes : 0
  }
}

extension Binder {
  mutating func bind(_ step: ConvolutionF32) -> BoundConvolutionF32 {
    var conv = unsafe step.c(
      input: UnsafePointer(f32(step.input) + step.firstInput), weights: constant(step.weights, as: Float.self),
      bias: constant(step.bias, as: Float.self), output: f32(step.output) + step.firstOutput)
    if step.adds { unsafe conv.addend = UnsafePointer(f32(step.addend) + step.firstOutput) }
    let transformed = unsafe step.transformedCount(floatKernels)
    if transformed > 0, let weights = unsafe transformedWeights {
      unsafe fovea_winograd_transform(&conv, weights)
      unsafe conv.winograd = UnsafePointer(weights)
      unsafe transformedWeights = unsafe weights + transformed
    }
    let pixels = step.height * step.width
    let weights = max(step.windowSize * step.outputs, transformed)
    return unsafe BoundConvolutionF32(
      conv: unsafe conv, images: step.images, inputStride: pixels * step.inputChannels,
      outputStride: step.window.outputHeight * step.window.outputWidth * step.outputChannels, blocks: step.blocks,
      weightsAreLarger: weights > pixels * step.inputs, weightsAreLarge: 4 * weights >= 1 << 20)
  }

  func bindDepthwise(_ step: ConvolutionF32) -> BoundDepthwiseF32 {
    let depthwise = unsafe fovea_depthwise_f32(
      window: step.cWindow, input: f32(step.input), weights: constant(step.weights, as: Float.self),
      bias: constant(step.bias, as: Float.self), output: f32(step.output), activation: step.activation.c)
    return unsafe BoundDepthwiseF32(
      depthwise: unsafe depthwise, images: step.images, inputStride: step.height * step.width * step.inputs,
      outputStride: step.window.outputHeight * step.window.outputWidth * step.outputs, blocks: step.blocks)
  }

  func bind(_ step: BinaryF32) -> fovea_binary_f32 {
    unsafe fovea_binary_f32(
      operation: Int32(step.operation), a: f32(step.a), b: f32(step.b), output: f32(step.output),
      rows: Int32(step.operands.rows), columns: Int32(step.operands.columns), a_stride: Int32(step.operands.aStride),
      b_stride: Int32(step.operands.bStride), activation: step.activation.c)
  }
}
