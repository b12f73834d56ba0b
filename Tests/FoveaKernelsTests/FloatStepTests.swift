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
}
