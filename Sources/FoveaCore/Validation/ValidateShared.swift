extension PoolStep {
  func validate(_ check: StepCheck, isAverage: Bool) throws(ModelError) {
    try check.window(window, height: height, width: width)
    for pad in [padBottom, padRight] { try check.require(pad >= 0 && pad <= 1 << 24, pad) }
    try check.require(countsPadding == 0 || countsPadding == 1, countsPadding)
    let type = try check.buffer(input, nil, holds: try check.product(images, height, width, channels)).type
    try check.buffer(
      output, type, holds: try check.product(images, window.outputHeight, window.outputWidth, channels))
    // A window that meets no pixel is allowed: kernels define its value.
    let positions = try check.product(window.kernelHeight, window.kernelWidth)
    guard type == .u8, isAverage else { return }
    try check.require((0...255).contains(inputZeroPoint), inputZeroPoint)
    try check.scale(scale, sumsTo: try check.product(positions, 255))
    try check.range(range)
  }
}

extension CopyStep {
  func validate(_ check: StepCheck) throws(ModelError) {
    let type = try check.buffer(input, nil, holds: 1).type
    try check.buffer(output, type, holds: 1)
    let sizes = sizes.array
    _ = try check.product(sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5])
    try reach(check, of: input, from: inputOffset, strides: inputStrides.array, sizes: sizes)
    try reach(check, of: output, from: outputOffset, strides: outputStrides.array, sizes: sizes)
    if table != ProgramHeader.none {
      try check.require(type == .u8, table)
      try check.constant(table, holds: 256)
    }
  }

  /// The lowest and the highest element that a walk touches must both exist.
  private func reach(
    _ check: StepCheck, of buffer: Int, from offset: Int, strides: [Int], sizes: [Int]
  ) throws(ModelError) {
    var (lowest, highest) = (offset, offset)
    try check.require(offset >= 0 && offset < StepCheck.limit, offset)
    for (stride, size) in zip(strides, sizes) {
      let (span, overflow) = stride.multipliedReportingOverflow(by: size - 1)
      try check.require(!overflow && span.magnitude < UInt(StepCheck.limit), stride)
      if span < 0 { lowest += span } else { highest += span }
      try check.require(lowest >= 0 && highest < StepCheck.limit, stride)
    }
    try check.buffer(buffer, nil, holds: highest + 1)
  }
}

extension FillStep {
  func validate(_ check: StepCheck) throws(ModelError) {
    let buffer = try check.buffer(output, nil, holds: 1)
    try check.require((0...255).contains(byte), byte)
    if constant != ProgramHeader.none { try check.constant(constant, holds: buffer.byteCount) }
  }
}

extension ConversionStep {
  func validate(_ check: StepCheck, from source: BufferElement, to target: BufferElement) throws(ModelError) {
    try check.require(count >= 1, count)
    try check.buffer(input, source, holds: count)
    try check.buffer(output, target, holds: count)
  }
}
