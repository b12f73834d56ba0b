import FoveaKernels
import Testing

/// The 8-bit elementwise steps against their formulas.
@Suite struct ByteStepTests {
  static let rescales: [Output] = [0, 1, 128, 255].flatMap { zeroPoint in
    [
      Output(zeroPoint: zeroPoint), Output(scales: .halves, zeroPoint: zeroPoint, low: min(zeroPoint, 9), high: 240),
      Output(scales: .huge, zeroPoint: zeroPoint), Output(scales: .tiny, zeroPoint: zeroPoint),
    ]
  }

  static func rescale(_ output: Output, typical: Float) -> fovea_rescale {
    let scale: Float =
      switch output.scales {
      case .typical: typical
      case .halves: 0.5
      case .huge: 100
      case .tiny: 1e-20
      }
    return fovea_rescale(
      scale: scale, zero_point: Int32(output.zeroPoint), low: Int32(output.low), high: Int32(output.high))
  }

  /// Rows and columns; a stride of 0 for the second operand.
  static let shapes: [(rows: Int, columns: Int, broadcast: Bool)] = [
    (1, 1, false), (3, 7, false), (2, 16, true), (5, 33, true), (3, 71, true), (2, 64, false), (1, 1000, false),
  ]

  @Test(arguments: rescales, [(20_000, 15_000), (-32768, 32767), (2, 1)])
  func add(output: Output, multipliers: (Int, Int)) {
    for (shape, set) in Self.shapes.flatMap({ shape in InstructionSet.all.map { (shape, $0) } }) {
      var generator = Generator(shape.columns)
      let a = Memory(generator.bytes(shape.rows * shape.columns), padding: 0)
      let b = Memory(generator.bytes(shape.broadcast ? shape.columns : shape.rows * shape.columns), padding: 0)
      let result = Memory<UInt8>(shape.rows * shape.columns, repeating: 0xEE)
      let bias = -3 * (multipliers.0 + multipliers.1)
      let rescale = Self.rescale(output, typical: 1 / 50_000)
      var step = unsafe fovea_add_u8(
        a: a.pointer, b: b.pointer, output: result.pointer, rows: Int32(shape.rows), columns: Int32(shape.columns),
        a_stride: Int32(shape.columns), b_stride: shape.broadcast ? 0 : Int32(shape.columns),
        a_multiplier: Int32(multipliers.0), b_multiplier: Int32(multipliers.1), bias: Int32(bias), rescale: rescale)
      unsafe set.kernels.add(&step, 0, Int32(shape.rows))
      for row in 0..<shape.rows {
        for column in 0..<shape.columns {
          let x = Int(a[row * shape.columns + column])
          let y = Int(b[shape.broadcast ? column : row * shape.columns + column])
          let expected = requantized(
            x * multipliers.0 + y * multipliers.1 + bias, scale: rescale.scale, zeroPoint: output.zeroPoint,
            low: output.low, high: output.high)
          #expect(result[row * shape.columns + column] == expected, "\(set.name)")
        }
      }
      #expect(result.guardsAreIntact)
    }
  }

  /// Part of the rows and channels: what is around stays.
  @Test(arguments: [(rows: 1, channels: 1), (rows: 3, channels: 7), (rows: 5, channels: 71), (rows: 2, channels: 300)])
  func channelTables(_ shape: (rows: Int, channels: Int)) {
    for set in InstructionSet.all { channelTables(shape, set) }
  }

  private func channelTables(_ shape: (rows: Int, channels: Int), _ set: InstructionSet) {
    var generator = Generator(shape.channels)
    let count = shape.rows * shape.channels
    let input = Memory(generator.bytes(count), padding: 0)
    let tables = Memory(generator.bytes(3 * 256), padding: 0)
    let selection = Memory((0..<shape.channels).map { UInt8($0 * 7 % 3) }, padding: 0)
    let output = Memory<UInt8>(count, repeating: 0xEE)
    var step = unsafe fovea_channel_tables_u8(
      input: input.pointer, output: output.pointer, rows: Int32(shape.rows), channels: Int32(shape.channels),
      tables: tables.pointer, selection: selection.pointer)
    let (rows, channels) = (shape.rows / 3..<shape.rows, shape.channels / 4..<shape.channels - shape.channels / 5)
    unsafe set.kernels.channel_tables(
      &step, Int32(rows.lowerBound), Int32(rows.upperBound), Int32(channels.lowerBound), Int32(channels.upperBound))
    for row in 0..<shape.rows {
      for channel in 0..<shape.channels {
        let place = row * shape.channels + channel
        let expected = tables[Int(selection[channel]) * 256 + Int(input[place])]
        #expect(output[place] == (rows.contains(row) && channels.contains(channel) ? expected : 0xEE), "\(set.name)")
      }
    }
    #expect(output.guardsAreIntact)
  }

  @Test("sums that end in exactly one half round to even")
  func addTies() {
    // (a + b) / 2 + 10
    let a = Memory((0..<256).map { UInt8($0) }, padding: 0)
    let b = Memory([UInt8](repeating: 1, count: 256), padding: 0)
    let result = Memory<UInt8>(256, repeating: 0)
    var step = unsafe fovea_add_u8(
      a: a.pointer, b: b.pointer, output: result.pointer, rows: 1, columns: 256, a_stride: 256, b_stride: 256,
      a_multiplier: 1, b_multiplier: 1, bias: 0, rescale: fovea_rescale(scale: 0.5, zero_point: 10, low: 0, high: 255))
    unsafe fovea_add_u8_run(&step, 0, 1)
    #expect(result.values.prefix(8) == [10, 11, 12, 12, 12, 13, 14, 14])
  }

  @Test(arguments: rescales)
  func multiply(output: Output) {
    for (shape, set) in Self.shapes.flatMap({ shape in InstructionSet.all.map { (shape, $0) } }) {
      var generator = Generator(shape.columns)
      let a = Memory(generator.bytes(shape.rows * shape.columns), padding: 0)
      let b = Memory(generator.bytes(shape.broadcast ? shape.columns : shape.rows * shape.columns), padding: 0)
      let result = Memory<UInt8>(shape.rows * shape.columns, repeating: 0xEE)
      let rescale = Self.rescale(output, typical: 1 / 200)
      var step = unsafe fovea_multiply_u8(
        a: a.pointer, b: b.pointer, output: result.pointer, rows: Int32(shape.rows), columns: Int32(shape.columns),
        a_stride: Int32(shape.columns), b_stride: shape.broadcast ? 0 : Int32(shape.columns), a_zero_point: 0,
        b_zero_point: 255, rescale: rescale)
      let middle = Int32(shape.rows / 2)
      unsafe set.kernels.multiply(&step, 0, middle)
      unsafe set.kernels.multiply(&step, middle, Int32(shape.rows))
      for row in 0..<shape.rows {
        for column in 0..<shape.columns {
          let x = Int(a[row * shape.columns + column])
          let y = Int(b[shape.broadcast ? column : row * shape.columns + column]) - 255
          let expected = requantized(
            x * y, scale: rescale.scale, zeroPoint: output.zeroPoint, low: output.low, high: output.high)
          #expect(result[row * shape.columns + column] == expected, "\(set.name)")
        }
      }
      #expect(result.guardsAreIntact)
    }
  }

  @Test(arguments: [1, 16, 31, 32, 63, 64, 65, 200, 256])
  func table(count: Int) {
    var generator = Generator(count)
    let table = Memory(generator.bytes(256), padding: 0)
    // All values, in an order that is not that of the table.
    let input = Memory((0..<(count + 6)).map { UInt8(truncatingIfNeeded: $0 * 37) }, padding: 0)
    for set in InstructionSet.all {
      let output = Memory<UInt8>(count + 6, repeating: 0xEE)
      unsafe set.kernels.table(input.pointer, output.pointer, 3, 3 + count, table.pointer)
      for i in 0..<(count + 6) {
        #expect(output[i] == (3..<(3 + count) ~= i ? table[Int(input[i])] : 0xEE), "\(set.name)")
      }
      #expect(output.guardsAreIntact)
    }
  }

  @Test func fill() {
    let output = Memory<UInt8>(100, repeating: 0xEE)
    unsafe fovea_fill_u8(output.pointer, 10, 20, 5)
    unsafe fovea_fill_u8(output.pointer, 20, 20, 6)
    #expect(output.values[10..<20].allSatisfy { $0 == 5 })
    let floats = Memory<Float>(40, repeating: 1)
    unsafe fovea_fill_f32(floats.pointer, 1, 39, -2.5)
    #expect(floats.values == [1] + Array(repeating: -2.5, count: 38) + [1])
  }

  @Test("quantizing rounds half to even, clamps, and takes NaN to 0", arguments: [0, 1, 128, 255])
  func quantize(zeroPoint: Int) {
    let special: [Float] = [
      0, -0.0, 0.25, 0.75, 1.25, -0.25, -0.75, 1e30, -1e30, .infinity, -.infinity, .nan, .greatestFiniteMagnitude,
      .leastNonzeroMagnitude, 127.25, 127.75,
    ]
    var generator = Generator(zeroPoint)
    let values = special + generator.floats(500, in: -200...200)
    let input = Memory(values, padding: 0)
    let output = Memory<UInt8>(values.count, repeating: 0xEE)
    unsafe fovea_quantize_u8(input.pointer, output.pointer, 0, values.count, 0.5, Int32(zeroPoint))
    for (i, value) in values.enumerated() {
      let rounded = min(max((value / 0.5).rounded(.toNearestOrEven), -1000), 1000)
      let expected = value.isNaN ? 0 : min(max(Int(rounded) + zeroPoint, 0), 255)
      #expect(Int(output[i]) == expected, "\(value)")
    }
    let back = Memory<Float>(values.count, repeating: 0)
    unsafe fovea_dequantize_u8(output.pointer, back.pointer, 0, values.count, 0.3, Int32(zeroPoint))
    for i in values.indices {
      #expect(back[i] == Float(Int(output[i]) - zeroPoint) * 0.3)
    }
  }
}
