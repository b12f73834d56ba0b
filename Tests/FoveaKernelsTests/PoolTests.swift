import FoveaKernels
import Testing

struct PoolCase: Sendable, CustomTestStringConvertible {
  var size = (7, 7)
  var channels = 16
  var kernel = (3, 3)
  var stride = (1, 1)
  var dilation = (1, 1)
  /// Top, left, bottom, right.
  var padding = (0, 0, 0, 0)
  var ceil = false
  var countIncludePad = false

  private func out(_ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ before: Int, _ after: Int) -> Int {
    let span = size + before + after - (kernel - 1) * dilation - 1
    return (ceil ? (span + stride - 1) / stride : span / stride) + 1
  }
  var outHeight: Int { out(size.0, kernel.0, stride.0, dilation.0, padding.0, padding.2) }
  var outWidth: Int { out(size.1, kernel.1, stride.1, dilation.1, padding.1, padding.3) }

  var testDescription: String {
    """
    \(size) x \(channels), kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding)\
    \(ceil ? ", ceil" : "")\(countIncludePad ? ", padding counts" : "")
    """
  }

  var parameters: fovea_pool {
    fovea_pool(
      height: Int32(size.0), width: Int32(size.1), channels: Int32(channels), out_height: Int32(outHeight),
      out_width: Int32(outWidth), kernel_height: Int32(kernel.0), kernel_width: Int32(kernel.1),
      stride_y: Int32(stride.0), stride_x: Int32(stride.1), dilation_y: Int32(dilation.0),
      dilation_x: Int32(dilation.1), pad_top: Int32(padding.0), pad_left: Int32(padding.1),
      pad_bottom: Int32(padding.2), pad_right: Int32(padding.3), count_include_pad: countIncludePad ? 1 : 0)
  }

  /// The offsets of a window's pixels inside the input, and how many positions are inside the padded input.
  func window(_ row: Int, _ column: Int) -> (inside: [Int], padded: Int) {
    var inside: [Int] = []
    var padded = 0
    for ky in 0..<kernel.0 {
      for kx in 0..<kernel.1 {
        let y = row * stride.0 - padding.0 + ky * dilation.0
        let x = column * stride.1 - padding.1 + kx * dilation.1
        padded += y < size.0 + padding.2 && x < size.1 + padding.3 ? 1 : 0
        if 0..<size.0 ~= y && 0..<size.1 ~= x {
          inside.append((y * size.1 + x) * channels)
        }
      }
    }
    return (inside, padded)
  }
}

@Suite struct PoolTests {
  static let cases: [PoolCase] = [false, true].flatMap { countIncludePad in
    [false, true].flatMap { ceil in
      [
        PoolCase(kernel: (7, 7)), PoolCase(channels: 1, stride: (2, 2)),
        PoolCase(size: (9, 14), channels: 33, stride: (2, 2), padding: (1, 1, 1, 1)),
        PoolCase(size: (6, 5), channels: 65, kernel: (2, 3), stride: (3, 2), padding: (0, 1, 1, 2)),
        PoolCase(size: (12, 11), channels: 3, stride: (2, 1), dilation: (2, 3), padding: (2, 2, 1, 0)),
        PoolCase(size: (4, 4), channels: 130, kernel: (2, 2), stride: (3, 3)),
        PoolCase(size: (2, 2), channels: 5, kernel: (1, 1), stride: (1, 1), padding: (1, 1, 1, 1)),
        // More positions than 16 bits can add up.
        PoolCase(size: (23, 24), channels: 70, kernel: (23, 24)),
        PoolCase(size: (3, 700), channels: 65, kernel: (2, 600)),
      ].map {
        var shape = $0
        shape.ceil = ceil
        shape.countIncludePad = countIncludePad
        return shape
      }
    }
  }

  @Test(arguments: cases)
  func bytes(shape: PoolCase) {
    var generator = Generator(shape.channels)
    let input = Memory(generator.bytes(shape.size.0 * shape.size.1 * shape.channels), padding: 0)
    var parameters = shape.parameters
    let rows = Int32(shape.outHeight)
    let count = shape.outHeight * shape.outWidth * shape.channels
    let maximum = Memory<UInt8>(count, repeating: 0xEE)
    unsafe fovea_max_pool_u8(&parameters, input.pointer, maximum.pointer, rows / 2, rows)
    unsafe fovea_max_pool_u8(&parameters, input.pointer, maximum.pointer, 0, rows / 2)
    for zeroPoint in [0, 128, 255] {
      let average = Memory<UInt8>(count, repeating: 0xEE)
      var rescale = fovea_rescale(scale: 0.9, zero_point: Int32(zeroPoint), low: 2, high: 250)
      unsafe fovea_average_pool_u8(
        &parameters, input.pointer, Int32(zeroPoint), &rescale, average.pointer, rows / 2, rows)
      unsafe fovea_average_pool_u8(&parameters, input.pointer, Int32(zeroPoint), &rescale, average.pointer, 0, rows / 2)
      for i in 0..<count {
        let pixel = i / shape.channels
        let (inside, padded) = shape.window(pixel / shape.outWidth, pixel % shape.outWidth)
        let values = inside.map { Int(input[$0 + i % shape.channels]) }
        #expect(Int(maximum[i]) == values.max() ?? 0)
        let divisor = shape.countIncludePad ? padded : values.count
        let sum = values.reduce(0) { $0 + $1 - zeroPoint }
        let factor = divisor == 0 ? 0 : Float(0.9) / Float(divisor)
        #expect(average[i] == requantized(sum, scale: factor, zeroPoint: zeroPoint, low: 2, high: 250))
      }
    }
  }

  @Test(arguments: cases)
  func floats(shape: PoolCase) {
    var generator = Generator(shape.channels)
    let input = Memory(generator.floats(shape.size.0 * shape.size.1 * shape.channels), padding: 0)
    var parameters = shape.parameters
    let rows = Int32(shape.outHeight)
    let count = shape.outHeight * shape.outWidth * shape.channels
    let maximum = Memory<Float>(count, repeating: -77)
    let average = Memory<Float>(count, repeating: -77)
    unsafe fovea_max_pool_f32(&parameters, input.pointer, maximum.pointer, 0, rows)
    unsafe fovea_average_pool_f32(&parameters, input.pointer, average.pointer, 0, rows)
    for i in 0..<count {
      let pixel = i / shape.channels
      let (inside, padded) = shape.window(pixel / shape.outWidth, pixel % shape.outWidth)
      let values = inside.map { input[$0 + i % shape.channels] }
      #expect(maximum[i] == values.max() ?? -.greatestFiniteMagnitude)
      let divisor = shape.countIncludePad ? padded : values.count
      #expect(abs(average[i] - values.reduce(0, +) / Float(max(divisor, 1))) < 1e-5)
    }
  }

  /// Sums of an image's rows, made in any order and by parts, average to what the global pool makes of the image.
  @Test(arguments: [(1, 1, 1), (7, 7, 65), (14, 14, 130), (3, 700, 70), (40, 5, 16), (9, 300, 64)])
  func rowSums(height: Int, width: Int, channels: Int) {
    var generator = Generator(height + width)
    let count = height * width * channels
    var pool = PoolCase(size: (height, width), channels: channels, kernel: (height, width)).parameters
    var rescale = fovea_rescale(scale: 0.7, zero_point: 5, low: 2, high: 250)
    let bytes = Memory(generator.bytes(count), padding: 0)
    let floats = Memory(generator.floats(count), padding: 0)
    let byteSums = Memory<Int32>(height * channels, repeating: -7)
    let floatSums = Memory<Float>(height * channels, repeating: -7)
    let (split, row) = (Int32(min(16, channels)), Int32(height / 2))
    for rows in [row..<Int32(height), 0..<row] {
      for part in [split..<Int32(channels), 0..<split] {
        unsafe fovea_sum_rows_u8(
          bytes.pointer, Int32(width), Int32(channels), rows.lowerBound, rows.upperBound, part.lowerBound,
          part.upperBound, byteSums.pointer)
        unsafe fovea_sum_rows_f32(
          floats.pointer, Int32(width), Int32(channels), rows.lowerBound, rows.upperBound, part.lowerBound,
          part.upperBound, floatSums.pointer)
      }
    }
    let expectedBytes = Memory<UInt8>(channels, repeating: 0xEE)
    let expectedFloats = Memory<Float>(channels, repeating: -77)
    unsafe fovea_average_pool_u8(&pool, bytes.pointer, 90, &rescale, expectedBytes.pointer, 0, 1)
    unsafe fovea_average_pool_f32(&pool, floats.pointer, expectedFloats.pointer, 0, 1)
    let averageBytes = Memory<UInt8>(channels, repeating: 0xEE)
    let averageFloats = Memory<Float>(channels, repeating: -77)
    unsafe fovea_average_rows_u8(
      byteSums.pointer, Int32(height), Int32(width), Int32(channels), 90, &rescale, averageBytes.pointer)
    unsafe fovea_average_rows_f32(
      floatSums.pointer, Int32(height), Int32(width), Int32(channels), averageFloats.pointer)
    for c in 0..<channels {
      #expect(averageBytes[c] == expectedBytes[c])
      #expect(averageFloats[c] == expectedFloats[c])
    }
  }
}
