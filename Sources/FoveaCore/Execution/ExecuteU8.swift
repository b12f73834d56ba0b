import FoveaKernels

@safe
struct BoundConvolutionU8 {
  var conv: fovea_conv_u8s8
  var images: Int
  /// Elements from one image to the next.
  var inputStride: Int
  var outputStride: Int
  var blocks: Int

  /// - Parameter second: what is done to the output, some pixels at a time.
  func run(_ share: Share, _ kernels: fovea_int8_kernels, then second: BoundElementwise? = nil) {
    var conv = unsafe conv
    let count = unsafe Int(conv.out_height) * Int(conv.out_width)
    let granule = unsafe Int(kernels.conv_granule(&conv, Int32(share.parts)))
    let pixels = granule > 0 ? share.range(of: count, granule: granule) : 0..<count
    let blocks = granule > 0 ? 0..<blocks : share.range(of: blocks)
    guard !pixels.isEmpty, !blocks.isEmpty else { return }
    let band = unsafe second == nil || conv.taps > 1 ? pixels.count : Self.band(of: pixels.count, Int(conv.channels))
    for image in 0..<images {
      for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: band) {
        let end = min(first + band, pixels.upperBound)
        unsafe kernels.conv(
          &conv, Int32(first), Int32(end), Int32(blocks.lowerBound), Int32(blocks.upperBound), share.scratch)
        if let second {
          let channels = unsafe blocks.lowerBound * 16..<min(blocks.upperBound * 16, Int(conv.channels))
          unsafe second.run(
            pixels: (image * count + first)..<(image * count + end), channels: channels,
            of: Int(conv.channels), kernels)
        }
      }
      unsafe conv.input += inputStride
      if unsafe conv.output_u8 != nil {
        unsafe conv.output_u8 += outputStride
      } else {
        unsafe conv.output_f32 += outputStride
      }
    }
  }

  /// Into how many pixels to cut a range so that the second step finds them in the first cache or just behind it, all bands being
  /// about equal: each reads the weights once more, which then come from the second cache.
  private static func band(of pixels: Int, _ channels: Int) -> Int {
    let bands = max(1, pixels * channels / 49152)
    return (pixels + bands * 12 - 1) / (bands * 12) * 12
  }
}

@safe
struct BoundDepthwiseU8 {
  var depthwise: fovea_depthwise_u8s8
  var images: Int
  var blocks: Int

  /// - Parameter second: what is done to the output.
  func run(_ share: Share, _ kernels: fovea_int8_kernels, then second: BoundElementwise? = nil) {
    let height = unsafe Int(depthwise.out_height)
    let byRows = height >= 4 * share.parts
    // Pairs of rows: kernels make two at once.
    let rows = byRows ? share.range(of: height, granule: 2) : 0..<height
    let blocks = byRows ? 0..<blocks : share.range(of: blocks)
    guard !rows.isEmpty, !blocks.isEmpty else { return }
    let (width, channels) = unsafe (Int(depthwise.out_width), Int(depthwise.channels))
    let made = blocks.lowerBound * 16..<min(blocks.upperBound * 16, channels)
    let inputStride = unsafe Int(depthwise.height) * Int(depthwise.width) * channels
    let outputStride = height * width * channels
    for image in 0..<images {
      var depthwise = unsafe depthwise
      unsafe depthwise.input += image * inputStride
      unsafe depthwise.output += image * outputStride
      unsafe kernels.depthwise(
        &depthwise, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(blocks.lowerBound),
        Int32(blocks.upperBound), share.scratch)
      if let second {
        let first = image * height
        unsafe second.run(
          pixels: (first + rows.lowerBound) * width..<(first + rows.upperBound) * width, channels: made, of: channels,
          kernels)
      }
      if let sums = unsafe share.rowSums {
        unsafe fovea_sum_rows_u8(
          second?.output ?? depthwise.output, Int32(width), Int32(channels), Int32(rows.lowerBound),
          Int32(rows.upperBound), Int32(made.lowerBound), Int32(made.upperBound),
          sums.assumingMemoryBound(to: Int32.self))
      }
    }
  }
}

/// A step that makes each element of its output of those at the same place.
@safe
enum BoundElementwise {
  case add(fovea_add_u8)
  case table(BoundTable)
  case channelTables(fovea_channel_tables_u8)

  var output: UnsafeMutablePointer<UInt8> {
    switch self {
    case .add(let step): unsafe step.output
    case .table(let table): unsafe table.output
    case .channelTables(let tables): unsafe tables.output
    }
  }

  /// The elements of some channels of some pixels, of `count` channels that follow each other.
  func run(pixels: Range<Int>, channels: Range<Int>, of count: Int, _ kernels: fovea_int8_kernels) {
    // Pixels of which all channels are taken are one run.
    let length = channels.count < count ? channels.count : pixels.count * count
    let runs = stride(
      from: pixels.lowerBound * count + channels.lowerBound, to: pixels.upperBound * count, by: max(count, length))
    switch self {
    case .add(let step):
      for begin in runs {
        var add = unsafe step
        unsafe add.a += begin
        unsafe add.b += begin
        unsafe add.output += begin
        unsafe add.columns = Int32(length)
        unsafe kernels.add(&add, 0, 1)
      }
    case .table(let table):
      for begin in runs { unsafe kernels.table(table.input, table.output, begin, begin + length, table.table) }
    case .channelTables(var tables):
      unsafe kernels.channel_tables(
        &tables, Int32(pixels.lowerBound), Int32(pixels.upperBound), Int32(channels.lowerBound),
        Int32(channels.upperBound))
    }
  }
}

@safe
struct BoundTable {
  var input: UnsafePointer<UInt8>
  var output: UnsafeMutablePointer<UInt8>
  var count: Int
  var table: UnsafePointer<UInt8>

  func run(_ share: Share, _ kernel: fovea_table_u8_function) {
    let range = share.range(of: count, granule: 64)
    unsafe kernel(input, output, range.lowerBound, range.upperBound, table)
  }
}

@safe
struct BoundPad {
  var step: PadU8
  var input: UnsafePointer<UInt8>
  var output: UnsafeMutablePointer<UInt8>

  func run(_ share: Share) {
    let outputHeight = step.height + step.top + step.bottom
    let outputRow = step.leftBytes + step.rowBytes + step.rightBytes
    let value = UInt8(truncatingIfNeeded: step.value)
    for row in share.range(of: step.images * outputHeight) {
      let start = row * outputRow
      let end = start + outputRow
      let (image, y) = row.quotientAndRemainder(dividingBy: outputHeight)
      guard y >= step.top, y < step.top + step.height else {
        unsafe fovea_fill_u8(output, start, end, value)
        continue
      }
      unsafe fovea_fill_u8(output, start, start + step.leftBytes, value)
      let source = unsafe input + (image * step.height + y - step.top) * step.rowBytes
      unsafe (output + start + step.leftBytes).update(from: source, count: step.rowBytes)
      unsafe fovea_fill_u8(output, end - step.rightBytes, end, value)
    }
  }
}

extension Binder {
  func requantization(bias: Int, scale: Int, range: OutputRange) -> fovea_requantization {
    unsafe fovea_requantization(
      bias: constant(bias, as: Int32.self), scale: constant(scale, as: Float.self),
      zero_point: Int32(range.zeroPoint), low: Int32(range.low), high: Int32(range.high))
  }

  mutating func bind(_ step: ConvolutionU8) -> BoundConvolutionU8 {
    let window = step.window
    let rowBytes = step.width * step.inputChannels
    // Where each run starts, from the window's first byte; then the offsets belong to this step for good.
    let offsets = unsafe tapOffsets
    for tap in 0..<step.taps {
      let (y, x) = step.rowsAreRuns ? (tap, 0) : tap.quotientAndRemainder(dividingBy: window.kernelWidth)
      unsafe offsets[tap] = Int32(y * window.dilationY * rowBytes + x * window.dilationX * step.inputChannels)
    }
    unsafe tapOffsets += step.taps
    let isFloat = program.buffers[step.output].type == .f32
    let conv = unsafe fovea_conv_u8s8(
      input: u8(step.input) + step.firstInput, tap_offsets: offsets, taps: Int32(step.taps), run: Int32(step.run),
      row_step: Int32(window.strideY * rowBytes), column_step: Int32(window.strideX * step.inputChannels),
      out_height: Int32(window.outputHeight), out_width: Int32(window.outputWidth),
      weights: constant(step.weights, as: Int8.self), channels: Int32(step.outputs),
      output_stride: Int32(step.outputChannels), output_u8: isFloat ? nil : u8(step.output) + step.firstOutput,
      output_f32: isFloat ? f32(step.output) + step.firstOutput : nil,
      requantization: requantization(bias: step.bias, scale: step.scale, range: step.range))
    return unsafe BoundConvolutionU8(
      conv: unsafe conv, images: step.images, inputStride: step.height * rowBytes,
      outputStride: window.outputHeight * window.outputWidth * step.outputChannels, blocks: step.blocks)
  }

  func bind(_ step: DepthwiseU8) -> BoundDepthwiseU8 {
    let window = step.window
    let depthwise = unsafe fovea_depthwise_u8s8(
      input: u8(step.input), height: Int32(step.height), width: Int32(step.width), channels: Int32(step.channels),
      kernel_height: Int32(window.kernelHeight), kernel_width: Int32(window.kernelWidth),
      stride_y: Int32(window.strideY), stride_x: Int32(window.strideX), dilation_y: Int32(window.dilationY),
      dilation_x: Int32(window.dilationX), pad_top: Int32(window.padTop), pad_left: Int32(window.padLeft),
      out_height: Int32(window.outputHeight), out_width: Int32(window.outputWidth),
      input_zero_point: Int32(step.inputZeroPoint), weights: constant(step.weights, as: Int8.self),
      output: u8(step.output),
      requantization: requantization(bias: step.bias, scale: step.scale, range: step.range))
    return unsafe BoundDepthwiseU8(depthwise: unsafe depthwise, images: step.images, blocks: step.blocks)
  }

  func bind(_ step: AddU8) -> fovea_add_u8 {
    unsafe fovea_add_u8(
      a: u8(step.a), b: u8(step.b), output: u8(step.output), rows: Int32(step.operands.rows),
      columns: Int32(step.operands.columns), a_stride: Int32(step.operands.aStride),
      b_stride: Int32(step.operands.bStride), a_multiplier: Int32(step.aMultiplier),
      b_multiplier: Int32(step.bMultiplier), bias: Int32(step.bias), rescale: step.range.c(scale: step.scale))
  }

  func bind(_ step: MultiplyU8) -> fovea_multiply_u8 {
    unsafe fovea_multiply_u8(
      a: u8(step.a), b: u8(step.b), output: u8(step.output), rows: Int32(step.operands.rows),
      columns: Int32(step.operands.columns), a_stride: Int32(step.operands.aStride),
      b_stride: Int32(step.operands.bStride), a_zero_point: Int32(step.aZeroPoint),
      b_zero_point: Int32(step.bZeroPoint), rescale: step.range.c(scale: step.scale))
  }
}

extension OutputRange {
  func c(scale: Float) -> fovea_rescale {
    fovea_rescale(scale: scale, zero_point: Int32(zeroPoint), low: Int32(low), high: Int32(high))
  }
}
