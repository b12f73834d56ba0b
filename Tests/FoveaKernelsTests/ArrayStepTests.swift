import FoveaKernels
import Testing

/// Reductions, normalization and resampling against naive sums.
@Suite struct ArrayStepTests {
  @Test(arguments: 0..<4, [(1, 1, 1), (3, 7, 1), (2, 5, 19)])
  func reduce(operation: Int, shape: (outer: Int, length: Int, inner: Int)) {
    var generator = Generator(operation)
    let values = generator.floats(shape.outer * shape.length * shape.inner, in: -2...2)
    let input = Memory(values, padding: 0)
    let output = Memory<Float>(shape.outer * shape.inner, repeating: -77)
    unsafe fovea_reduce_f32(
      Int32(operation), input.pointer, output.pointer, Int32(shape.length), Int32(shape.inner), 0, Int32(shape.outer))
    for outer in 0..<shape.outer {
      for inner in 0..<shape.inner {
        let row = (0..<shape.length).map { Double(values[(outer * shape.length + $0) * shape.inner + inner]) }
        let expected = [row.reduce(0, +), row.max() ?? 0, row.min() ?? 0, row.reduce(1, *)][operation]
        #expect(abs(Double(output[outer * shape.inner + inner]) - expected) <= 1e-6 * max(1, abs(expected)))
      }
    }
  }

  /// Far from 0, where a variance from sums of squares would be lost.
  @Test(arguments: [(1, 8, 1), (2, 33, 1), (2, 6, 5)])
  func normalize(shape: (outer: Int, length: Int, inner: Int)) {
    var generator = Generator(shape.length)
    let values = generator.floats(shape.outer * shape.length * shape.inner, in: 4000...4001)
    let input = Memory(values, padding: 0)
    let output = Memory<Float>(values.count, repeating: -77)
    unsafe fovea_normalize_f32(
      input.pointer, output.pointer, Int32(shape.length), Int32(shape.inner), 1e-3, 0, Int32(shape.outer))
    for outer in 0..<shape.outer {
      for inner in 0..<shape.inner {
        let places = (0..<shape.length).map { (outer * shape.length + $0) * shape.inner + inner }
        let mean = places.reduce(0) { $0 + Double(values[$1]) } / Double(shape.length)
        let variance = places.reduce(0) { $0 + (Double(values[$1]) - mean) * (Double(values[$1]) - mean) }
        let deviation = (variance / Double(shape.length) + Double(Float(1e-3))).squareRoot()
        for place in places {
          #expect(abs(Double(output[place]) - (Double(values[place]) - mean) / deviation) <= 1e-5)
        }
      }
    }
  }

  /// 8-bit sums are exact and rounded once; parts of the rows give what all of them give.
  @Test(arguments: [1, 2, 4], [1, 16, 37])
  func resample(taps: Int, inner: Int) {
    let (outer, inputLength, outputLength) = (3, 5, 7)
    var generator = Generator(taps * 100 + inner)
    let positions = (0..<outputLength * taps).map { Int32(($0 * 3 + taps) % inputLength) }
    let units: [Int32] = taps == 1 ? [16384] : taps == 2 ? [5000, 11384] : [1, 16000, 383, 0]
    let weights = (0..<outputLength).flatMap { _ in units }
    let bytes = generator.bytes(outer * inputLength * inner)
    let source = Memory(bytes, padding: 0)
    let table = Memory(positions, padding: 0)
    let factors = Memory(weights, padding: 0)
    let floats = Memory(weights.map { Float($0) / 16384 }, padding: 0)
    let floatSource = Memory(bytes.map { Float($0) }, padding: 0)
    let output = Memory<UInt8>(outer * outputLength * inner, repeating: 77)
    let floatOutput = Memory<Float>(outer * outputLength * inner, repeating: 77)
    var step = unsafe fovea_resample(
      input_length: Int32(inputLength), output_length: Int32(outputLength), inner: Int32(inner), taps: Int32(taps),
      positions: table.pointer)
    let rows = Int32(outer * outputLength)
    for (begin, end) in [(0, 4), (4, rows)] as [(Int32, Int32)] {
      unsafe fovea_resample_u8(&step, factors.pointer, source.pointer, output.pointer, begin, end)
      unsafe fovea_resample_f32(&step, floats.pointer, floatSource.pointer, floatOutput.pointer, begin, end)
    }
    for row in 0..<Int(rows) {
      let (block, place) = row.quotientAndRemainder(dividingBy: outputLength)
      for column in 0..<inner {
        let sum = (0..<taps).reduce(0) { sum, tap in
          let position = Int(positions[place * taps + tap])
          return sum + Int(weights[place * taps + tap]) * Int(bytes[(block * inputLength + position) * inner + column])
        }
        #expect(Int(output[row * inner + column]) == (sum + 8192) / 16384)
        #expect(abs(Double(floatOutput[row * inner + column]) - Double(sum) / 16384) <= 1e-3)
      }
    }
  }
}
