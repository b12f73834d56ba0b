import FoveaKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The float steps against naive sums; tolerances are for the order of additions.
@Suite struct FloatStepTests {
  static let identity = fovea_unary(operation: Int32(FOVEA_UNARY_IDENTITY.rawValue), alpha: 0, beta: 0)
  static let relu6 = fovea_unary(operation: Int32(FOVEA_UNARY_CLAMP.rawValue), alpha: 0, beta: 6)

  @Test(arguments: 0..<8)
  func unary(operation: Int) {
    var generator = Generator(operation)
    let values: [Float] = [0, -0.0, 100, -100, 6, -3, 3, .infinity] + generator.floats(90, in: -9...9)
    let input = Memory(values, padding: 0)
    let output = Memory<Float>(values.count, repeating: -77)
    var unary = fovea_unary(operation: Int32(operation), alpha: 0.25, beta: 0.5)
    unsafe fovea_unary_f32(&unary, input.pointer, output.pointer, 0, values.count)
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    for (i, value) in values.enumerated() where !(operation == 5 && value.isInfinite) {
      let x = Double(value)
      let expected =
        switch operation {
        case 0: x
        case 1: min(max(x, 0.25), 0.5)
        case 2: x < 0 ? 0.25 * x : x
        case 3: sigmoid(x)
        case 4: max(0, min(1, 0.25 * x + 0.5))
        case 5: x * max(0, min(1, x / 6 + 0.5))
        case 6: tanh(x)
        default: x * sigmoid(x)
        }
      #expect(Double(output[i]) == expected || abs(Double(output[i]) - expected) <= 1e-5 * max(1, abs(expected)))
    }
  }

  @Test(arguments: 0..<4, [false, true])
  func binary(operation: Int, broadcast: Bool) {
    var generator = Generator(operation)
    let (rows, columns) = (5, 19)
    let a = Memory(generator.floats(rows * columns), padding: 0)
    let b = Memory(generator.floats(broadcast ? columns : rows * columns, in: 1...3), padding: 0)
    let output = Memory<Float>(rows * columns, repeating: -77)
    var binary = unsafe fovea_binary_f32(
      operation: Int32(operation), a: a.pointer, b: b.pointer, output: output.pointer, rows: Int32(rows),
      columns: Int32(columns), a_stride: Int32(columns), b_stride: broadcast ? 0 : Int32(columns),
      activation: Self.relu6)
    unsafe fovea_binary_f32_run(&binary, 0, 2)
    unsafe fovea_binary_f32_run(&binary, 2, Int32(rows))
    for i in 0..<rows * columns {
      let (x, y) = (a[i], b[broadcast ? i % columns : i])
      let value = [x + y, x - y, x * y, x / y][operation]
      #expect(output[i] == min(max(value, 0), 6))
    }
  }

  @Test func biasAndActivation() {
    var generator = Generator(1)
    let values = generator.floats(4 * 20)
    let bias = Memory(generator.floats(17), padding: 0)
    for biased in [false, true] {
      let memory = Memory(values, padding: 0)
      var activation = Self.relu6
      unsafe fovea_bias_activation_f32(memory.pointer, 4, 17, 20, biased ? bias.pointer : nil, &activation)
      for i in 0..<80 {
        let x = values[i] + (biased && i % 20 < 17 ? bias[i % 20] : 0)
        #expect(memory[i] == (i % 20 < 17 ? min(max(x, 0), 6) : values[i]))
      }
    }
  }

  @Test(arguments: [(1, 1, 1), (3, 10, 1), (2, 7, 70), (1, 1000, 1)])
  func softmaxAndMean(outer: Int, length: Int, inner: Int) {
    var generator = Generator(length)
    var values = generator.floats(outer * length * inner, in: -5...5)
    values[0] = 200  // overflows exp unless the maximum is subtracted
    let input = Memory(values, padding: 0)
    let softmax = Memory<Float>(values.count, repeating: -77)
    let mean = Memory<Float>(outer * inner, repeating: -77)
    unsafe fovea_softmax_f32(input.pointer, softmax.pointer, Int32(length), Int32(inner), 0, Int32(outer))
    unsafe fovea_mean_f32(input.pointer, mean.pointer, Int32(length), Int32(inner), 0, Int32(outer))
    for o in 0..<outer {
      for i in 0..<inner {
        let at = (0..<length).map { (o * length + $0) * inner + i }
        let column = at.map { Double(values[$0]) }
        let largest = column.max()!
        let total = column.reduce(0) { $0 + exp($1 - largest) }
        for (j, index) in at.enumerated() {
          #expect(abs(Double(softmax[index]) - exp(column[j] - largest) / total) < 1e-6)
        }
        #expect(abs(Double(mean[o * inner + i]) - column.reduce(0, +) / Double(length)) < 1e-5)
      }
    }
  }

  @Test(arguments: [(1, 1, 1), (4, 16, 128), (5, 17, 129), (3, 33, 300), (13, 8, 1), (2, 5, 0), (49, 20, 40)])
  func matrixProduct(m: Int, n: Int, k: Int) {
    var generator = Generator(m)
    let (aStride, bStride, cStride) = (k + 1, n + 2, n + 3)
    let a = Memory(generator.floats(m * aStride), padding: 0)
    let b = Memory(generator.floats(max(k, 1) * bStride), padding: 0)
    let c = Memory<Float>(m * cStride, repeating: -77)
    unsafe fovea_sgemm_portable(
      Int32(m), Int32(n), Int32(k), a.pointer, Int32(aStride), b.pointer, Int32(bStride), c.pointer, Int32(cStride))
    for i in 0..<m {
      for j in 0..<cStride {
        let sum = (0..<k).reduce(Double(0)) {
          $0 + Double(a[i * aStride + $1]) * Double(b[$1 * bStride + min(j, n - 1)])
        }
        #expect(j < n ? abs(Double(c[i * cStride + j]) - sum) < 1e-4 : c[i * cStride + j] == -77)
      }
    }
  }

  static let windows = [
    fovea_window(
      height: 7, width: 9, input_channels: 5, channels: 5, kernel_height: 3, kernel_width: 3, stride_y: 1, stride_x: 1,
      dilation_y: 1, dilation_x: 1, pad_top: 1, pad_left: 1, out_height: 7, out_width: 9),
    fovea_window(
      height: 8, width: 6, input_channels: 40, channels: 40, kernel_height: 5, kernel_width: 3, stride_y: 2,
      stride_x: 1, dilation_y: 1, dilation_x: 2, pad_top: 2, pad_left: 2, out_height: 4, out_width: 6),
    fovea_window(
      height: 4, width: 4, input_channels: 16, channels: 16, kernel_height: 2, kernel_width: 2, stride_y: 2,
      stride_x: 2, dilation_y: 1, dilation_x: 1, pad_top: 0, pad_left: 0, out_height: 2, out_width: 2),
  ]

  /// The input value under a kernel element of an output pixel, 0 outside.
  private func value(_ w: fovea_window, _ input: Memory<Float>, _ pixel: Int, _ ky: Int, _ kx: Int, _ c: Int) -> Float {
    let y = pixel / Int(w.out_width) * Int(w.stride_y) - Int(w.pad_top) + ky * Int(w.dilation_y)
    let x = pixel % Int(w.out_width) * Int(w.stride_x) - Int(w.pad_left) + kx * Int(w.dilation_x)
    let inside = 0..<Int(w.height) ~= y && 0..<Int(w.width) ~= x
    return inside ? input[(y * Int(w.width) + x) * Int(w.input_channels) + c] : 0
  }

  @Test(arguments: windows.indices, [false, true])
  func im2col(index: Int, grouped: Bool) {
    var w = Self.windows[index]
    let first = grouped ? 2 : 0
    w.channels -= grouped ? 3 : 0
    var generator = Generator(index)
    let input = Memory(generator.floats(Int(w.height * w.width * w.input_channels)), padding: 0)
    let depth = Int(w.kernel_height * w.kernel_width * w.channels)
    let pixels = Int(w.out_height * w.out_width)
    let columns = Memory<Float>((pixels - 1) * depth, repeating: -77)
    unsafe fovea_im2col_f32(&w, input.pointer + first, columns.pointer, 1, Int32(pixels))
    for i in 0..<columns.count {
      let (tap, c) = (i % depth / Int(w.channels), i % Int(w.channels))
      let (ky, kx) = (tap / Int(w.kernel_width), tap % Int(w.kernel_width))
      #expect(columns[i] == value(w, input, i / depth + 1, ky, kx, c + first))
    }
    #expect(columns.guardsAreIntact)
  }

  @Test(arguments: windows.indices, [false, true])
  func depthwise(index: Int, biased: Bool) {
    var w = Self.windows[index]
    let channels = Int(w.channels)
    var generator = Generator(index)
    let input = Memory(generator.floats(Int(w.height * w.width) * channels), padding: 0)
    let weights = Memory(generator.floats(Int(w.kernel_height * w.kernel_width) * channels), padding: 0)
    let bias = Memory(generator.floats(channels), padding: 0)
    let output = Memory<Float>(Int(w.out_height * w.out_width) * channels, repeating: -77)
    var activation = Self.relu6
    unsafe fovea_depthwise_f32(
      &w, input.pointer, weights.pointer, biased ? bias.pointer : nil, &activation, output.pointer, 0, w.out_height)
    for i in 0..<output.count {
      let c = i % channels
      var sum = biased ? Double(bias[c]) : 0
      for ky in 0..<Int(w.kernel_height) {
        for kx in 0..<Int(w.kernel_width) {
          let weight = weights[(ky * Int(w.kernel_width) + kx) * channels + c]
          sum += Double(value(w, input, i / channels, ky, kx, c)) * Double(weight)
        }
      }
      #expect(abs(Double(output[i]) - min(max(sum, 0), 6)) < 1e-4)
    }
    #expect(output.guardsAreIntact)
  }
}
