/// The largest product of a u8 activation and an s8 weight.
private let largestProduct = 255 * 128

extension ConvolutionU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try check.window(window, height: height, width: width)
    try check.require(window.padTop == 0 && window.padLeft == 0, window.padTop)
    try check.require(
      (window.outputHeight - 1) * window.strideY + (window.kernelHeight - 1) * window.dilationY < height,
      window.outputHeight)
    try check.require(
      (window.outputWidth - 1) * window.strideX + (window.kernelWidth - 1) * window.dilationX < width,
      window.outputWidth)
    try check.channels(inputs, from: firstInput, of: inputChannels)
    try check.channels(outputs, from: firstOutput, of: outputChannels)
    try check.buffer(input, .u8, holds: try check.product(images, height, width, inputChannels))
    let target = try check.buffer(
      output, nil, holds: try check.product(images, window.outputHeight, window.outputWidth, outputChannels))
    _ = try check.product(images, window.outputHeight, window.outputWidth, outputChannels, target.type.size)
    // Steps between windows are kept even where there is one window.
    _ = try check.product(window.strideY, width, inputChannels)
    _ = try check.product(window.strideX, inputChannels)

    let k = try check.product(window.kernelHeight, window.kernelWidth, inputs + 3, 4)
    try check.require(k <= 1 << 24, k)
    try check.constant(weights, holds: try check.product(blocks, taps, run, 64))
    try check.requantization(
      bias: bias, scale: scale, channels: outputs, sumsTo: try check.product(taps, run, 4, largestProduct))
    try check.range(range)
  }
}

extension DepthwiseU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try check.window(window, height: height, width: width)
    try check.buffer(input, .u8, holds: try check.product(images, height, width, channels))
    try check.buffer(
      output, .u8, holds: try check.product(images, window.outputHeight, window.outputWidth, channels))
    // Kernels interleave the input columns under a window in scratch, up to 256 bytes for a group of rows.
    let columns = (window.kernelWidth - 1) * window.dilationX + 1
    try check.require(try check.product(columns, rowGroups, 256) <= 1 << 26, columns)
    try check.constant(weights, holds: try check.product(blocks, window.kernelWidth, rowGroups, 64))
    try check.requantization(
      bias: bias, scale: scale, channels: channels,
      sumsTo: try check.product(window.kernelWidth, rowGroups, 4, largestProduct))
    try check.require((0...255).contains(inputZeroPoint), inputZeroPoint)
    try check.range(range)
  }
}

extension Operands {
  /// Both operands and the output must hold what the strides reach.
  func validate(
    _ check: StepCheck, a: Int, b: Int, output: Int, type: BufferElement
  ) throws(ModelError) {
    let count = try check.product(rows, columns)
    try check.require(aStride == 0 || aStride == columns, aStride)
    try check.require(bStride == 0 || bStride == columns, bStride)
    try check.buffer(a, type, holds: aStride == 0 ? columns : count)
    try check.buffer(b, type, holds: bStride == 0 ? columns : count)
    try check.buffer(output, type, holds: count)
  }
}

extension AddU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try operands.validate(check, a: a, b: b, output: output, type: .u8)
    for multiplier in [aMultiplier, bMultiplier] {
      try check.require(multiplier >= -32768 && multiplier <= 32767, multiplier)
    }
    try check.require(bias > -(1 << 30) && bias < 1 << 30, bias)
    try check.scale(scale, sumsTo: 2 * 255 * 32768 + Int(bias.magnitude))
    try check.range(range)
  }
}

extension MultiplyU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try operands.validate(check, a: a, b: b, output: output, type: .u8)
    for zeroPoint in [aZeroPoint, bZeroPoint] { try check.require((0...255).contains(zeroPoint), zeroPoint) }
    try check.scale(scale, sumsTo: 255 * 255)
    try check.range(range)
  }
}

extension TableU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    try check.require(count >= 1, count)
    try check.buffer(input, .u8, holds: count)
    try check.buffer(output, .u8, holds: count)
    try check.constant(table, holds: 256)
  }
}

extension ChannelTablesU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    let elements = try check.product(rows, channels)
    try check.buffer(input, .u8, holds: elements)
    try check.buffer(output, .u8, holds: elements)
    try check.require((1...256).contains(count), count)
    try check.constant(tables, holds: count * 256)
    try check.constant(selection, holds: channels)
    let numbers = unsafe check.program.bytes(of: selection)
    for channel in 0..<channels { try check.require(unsafe Int(numbers[channel]) < count, channel) }
  }
}

extension PadU8 {
  func validate(_ check: StepCheck) throws(ModelError) {
    for value in [leftBytes, rightBytes, top, bottom] {
      try check.require(value >= 0 && value <= 1 << 24, value)
    }
    try check.require((0...255).contains(value), value)
    for value in [images, height, rowBytes] { try check.require(value >= 1 && value <= 1 << 28, value) }
    try check.buffer(input, .u8, holds: try check.product(images, height, rowBytes))
    try check.buffer(
      output, .u8, holds: try check.product(images, height + top + bottom, rowBytes + leftBytes + rightBytes))
  }
}
