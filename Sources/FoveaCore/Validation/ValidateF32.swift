import FoveaKernels

extension ConvolutionF32 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try validateCommon(check)
    try check.channels(inputs, from: firstInput, of: inputChannels)
    try check.channels(outputs, from: firstOutput, of: outputChannels)
    let windowSize = try check.product(window.kernelHeight, window.kernelWidth, inputs)
    try check.constant(weights, holds: try check.product(blocks, windowSize, 64))
    try check.constant(bias, holds: try check.product(blocks, 64))
    if adds {
      let count = try check.product(images, window.outputHeight, window.outputWidth, outputChannels)
      try check.buffer(addend, .f32, holds: count)
    }
    // Kernels copy the input under at least one row of windows, padded, to scratch.
    let rows = (window.kernelHeight - 1) * window.dilationY + 1
    let columns = (window.outputWidth - 1) * window.strideX + (window.kernelWidth - 1) * window.dilationX + 1
    try check.require(try check.product(rows, columns, inputs) <= 1 << 26, columns)
  }

  func validateDepthwise(_ check: StepCheck) throws(ModelError) {
    try validateCommon(check)
    try check.require(
      inputs == inputChannels && outputs == outputChannels && inputs == outputs && firstInput == 0
        && firstOutput == 0 && !adds, inputs)
    try check.constant(weights, holds: try check.product(blocks, window.kernelHeight, window.kernelWidth, 64))
    try check.constant(bias, holds: try check.product(blocks, 64))
  }

  private func validateCommon(_ check: StepCheck) throws(ModelError) {
    try check.window(window, height: height, width: width)
    try check.buffer(input, .f32, holds: try check.product(images, height, width, inputChannels))
    try check.buffer(
      output, .f32, holds: try check.product(images, window.outputHeight, window.outputWidth, outputChannels))
    // Kernels number the bytes of rows, and go on to the row after the last.
    _ = try check.product(window.strideY, width, inputChannels, 4)
    _ = try check.product(window.outputHeight, window.outputWidth, outputChannels, 4)
    try check.unary(activation)
  }
}

extension MatMulF32 {
  func validate(_ check: StepCheck) throws(ModelError) {
    let (aSize, bSize) = (try check.product(m, k), try check.product(k, n))
    try check.require(aBatchStride == 0 || aBatchStride == aSize, aBatchStride)
    try check.require(bBatchStride == 0 || bBatchStride == bSize, bBatchStride)
    try check.buffer(a, .f32, holds: aBatchStride == 0 ? aSize : try check.product(batches, aSize))
    try check.buffer(b, .f32, holds: bBatchStride == 0 ? bSize : try check.product(batches, bSize))
    try check.buffer(output, .f32, holds: try check.product(batches, m, n))
  }
}

extension UnaryF32 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try check.require(count >= 1, count)
    try check.buffer(input, .f32, holds: count)
    try check.buffer(output, .f32, holds: count)
    try check.unary(function)
  }
}

extension BinaryF32 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try operands.validate(check, a: a, b: b, output: output, type: .f32)
    try check.require(
      operation >= 0 && operation < Int(FOVEA_BINARY_OPERATION_COUNT.rawValue), operation)
    try check.unary(activation)
  }
}

extension ReductionF32 {
  /// Softmax keeps every element, a mean one of each `length`.
  func validate(_ check: StepCheck, keepsLength: Bool) throws(ModelError) {
    try check.buffer(input, .f32, holds: try check.product(outer, length, inner))
    try check.buffer(output, .f32, holds: keepsLength ? outer * length * inner : outer * inner)
  }
}
