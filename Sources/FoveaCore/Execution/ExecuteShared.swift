import FoveaKernels

@safe
struct BoundPool {
  /// The memory of either type.
  @safe
  enum Memory {
    case u8(UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>)
    case f32(UnsafePointer<Float>, UnsafeMutablePointer<Float>)
  }

  var pool: fovea_pool
  var isAverage: Bool
  var memory: Memory
  var images: Int
  var inputZeroPoint: Int32
  var rescale: fovea_rescale

  func run(_ share: Share) {
    if let sums = unsafe share.rowSums {
      if share.part == 0 { unsafe average(rowSums: sums) }
    } else if share.parts > 1, let pool = pool.sharedByChannels(Int32(share.parts)) {
      run(pool, 0..<1, firstChannel: share.part * Int(pool.channels))
    } else {
      run(pool, share.range(of: Int(pool.out_height)), firstChannel: 0)
    }
  }

  /// What the pool makes of an image whose rows were added up.
  private func average(rowSums sums: UnsafeMutableRawPointer) {
    var rescale = rescale
    switch memory {
    case .u8(_, let output):
      unsafe fovea_average_rows_u8(
        sums.assumingMemoryBound(to: Int32.self), pool.height, pool.width, pool.channels, inputZeroPoint, &rescale,
        output)
    case .f32(_, let output):
      unsafe fovea_average_rows_f32(
        sums.assumingMemoryBound(to: Float.self), pool.height, pool.width, pool.channels, output)
    }
  }

  /// - Parameter share: what to do of `self.pool` in each image, by whose size images lie apart.
  private func run(_ share: fovea_pool, _ range: Range<Int>, firstChannel: Int) {
    let (begin, end) = (Int32(range.lowerBound), Int32(range.upperBound))
    let inputStride = Int(pool.height) * Int(pool.width) * Int(pool.channels)
    let outputStride = Int(pool.out_height) * Int(pool.out_width) * Int(pool.channels)
    var pool = share
    var rescale = rescale
    for image in 0..<images {
      switch memory {
      case .u8(let input, let output):
        let input = unsafe input + image * inputStride + firstChannel
        let output = unsafe output + image * outputStride + firstChannel
        if isAverage {
          unsafe fovea_average_pool_u8(&pool, input, inputZeroPoint, &rescale, output, begin, end)
        } else {
          unsafe fovea_max_pool_u8(&pool, input, output, begin, end)
        }
      case .f32(let input, let output):
        let input = unsafe input + image * inputStride + firstChannel
        let output = unsafe output + image * outputStride + firstChannel
        if isAverage {
          unsafe fovea_average_pool_f32(&pool, input, output, begin, end)
        } else {
          unsafe fovea_max_pool_f32(&pool, input, output, begin, end)
        }
      }
    }
  }
}

extension fovea_pool {
  /// What each of `parts` does of a pool that makes one pixel, which has no rows to share (a global pool): the same window over
  /// an image that is `parts` times as wide, of so many times fewer channels. Nil where channels or window do not allow it.
  fileprivate func sharedByChannels(_ parts: Int32) -> fovea_pool? {
    // Positions stay inside the image, so that no product exceeds its size, which fits.
    guard out_height == 1, out_width == 1, channels % parts == 0, pad_left == 0, pad_right == 0, dilation_x <= width
    else { return nil }
    var pool = self
    pool.channels /= parts
    pool.width *= parts
    pool.dilation_x *= parts
    return pool
  }
}

@safe
struct BoundFill {
  var output: UnsafeMutableRawPointer
  var byteCount: Int
  /// Copied where there is one; else `value` or `byte` is repeated.
  var source: UnsafeRawPointer?
  var type: BufferElement
  var value: Float
  var byte: UInt8

  func run(_ share: Share) {
    let range = share.range(of: byteCount, granule: 64)
    if let source = unsafe source {
      unsafe (output + range.lowerBound).copyMemory(from: source + range.lowerBound, byteCount: range.count)
    } else if type == .u8 {
      unsafe fovea_fill_u8(
        output.assumingMemoryBound(to: UInt8.self), range.lowerBound, range.upperBound, byte)
    } else {
      unsafe fovea_fill_f32(
        output.assumingMemoryBound(to: Float.self), range.lowerBound / 4, range.upperBound / 4, value)
    }
  }
}

@safe
struct BoundConversion {
  var quantizes: Bool
  var u8: UnsafeMutablePointer<UInt8>
  var f32: UnsafeMutablePointer<Float>
  var count: Int
  var scale: Float
  var zeroPoint: Int32

  func run(_ share: Share) {
    let range = share.range(of: count, granule: 64)
    if quantizes {
      unsafe fovea_quantize_u8(f32, u8, range.lowerBound, range.upperBound, scale, zeroPoint)
    } else {
      unsafe fovea_dequantize_u8(u8, f32, range.lowerBound, range.upperBound, scale, zeroPoint)
    }
  }
}

extension Binder {
  func bind(_ step: PoolStep, isAverage: Bool) -> BoundPool {
    let window = step.window
    let pool = fovea_pool(
      height: Int32(step.height), width: Int32(step.width), channels: Int32(step.channels),
      out_height: Int32(window.outputHeight), out_width: Int32(window.outputWidth),
      kernel_height: Int32(window.kernelHeight), kernel_width: Int32(window.kernelWidth),
      stride_y: Int32(window.strideY), stride_x: Int32(window.strideX), dilation_y: Int32(window.dilationY),
      dilation_x: Int32(window.dilationX), pad_top: Int32(window.padTop), pad_left: Int32(window.padLeft),
      pad_bottom: Int32(step.padBottom), pad_right: Int32(step.padRight),
      count_include_pad: Int32(step.countsPadding))
    let memory: BoundPool.Memory
    switch program.buffers[step.input].type {
    case .u8: memory = unsafe .u8(u8(step.input), u8(step.output))
    case .f32: memory = unsafe .f32(f32(step.input), f32(step.output))
    }
    return BoundPool(
      pool: pool, isAverage: isAverage, memory: memory, images: step.images,
      inputZeroPoint: Int32(step.inputZeroPoint), rescale: step.range.c(scale: step.scale))
  }

  func bind(_ step: CopyStep) -> fovea_copy {
    func c(_ six: Six) -> (Int32, Int32, Int32, Int32, Int32, Int32) {
      let v = six.values
      return (Int32(v.0), Int32(v.1), Int32(v.2), Int32(v.3), Int32(v.4), Int32(v.5))
    }
    return unsafe fovea_copy(
      input: u8(step.input), output: u8(step.output),
      element_size: Int32(program.buffers[step.input].type.size), sizes: c(step.sizes),
      input_strides: c(step.inputStrides), output_strides: c(step.outputStrides),
      input_offset: Int32(step.inputOffset), output_offset: Int32(step.outputOffset),
      table: step.table == ProgramHeader.none ? nil : constant(step.table, as: UInt8.self))
  }

  func bind(_ step: FillStep) -> BoundFill {
    let buffer = program.buffers[step.output]
    return unsafe BoundFill(
      output: UnsafeMutableRawPointer(u8(step.output)), byteCount: buffer.byteCount,
      source: step.constant == ProgramHeader.none ? nil : UnsafeRawPointer(constant(step.constant, as: UInt8.self)),
      type: buffer.type, value: step.value, byte: UInt8(truncatingIfNeeded: step.byte))
  }

  func bind(_ step: ConversionStep, quantizes: Bool) -> BoundConversion {
    let (u8Buffer, f32Buffer) = quantizes ? (step.output, step.input) : (step.input, step.output)
    let buffer = program.buffers[u8Buffer]
    return unsafe BoundConversion(
      quantizes: quantizes, u8: u8(u8Buffer), f32: f32(f32Buffer), count: step.count, scale: buffer.scale,
      zeroPoint: Int32(buffer.zeroPoint))
  }
}
