import FoveaKernels
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A function of the float kernels, its definition in binary64 and how near its results must come.
struct FloatFunction: Sendable, CustomTestStringConvertible {
  var operation: fovea_unary_operation
  /// Spacings of floats at the exact value.
  var spacings = 0.0
  /// Of the input, for functions that multiply by it what is rounded near 1.
  var relative = 0.0
  var definition: @Sendable (Double) -> Double

  var testDescription: String { "operation \(operation.rawValue)" }

  func bound(_ x: Double, _ exact: Double) -> Double {
    let nearest = Float(exact)
    // Below the normal floats, what is left of 1 / (1 + exp(-x)) counts as 0.
    return max(spacings * Double(nearest.isFinite ? nearest.ulp : 0), relative * abs(x)) + 1e-36
  }
}

/// The elementwise functions of every vector instruction set against libm's in binary64, over a dense grid, and where they are at
/// the ends of the floats.
@Suite struct FloatFunctionTests {
  static let functions: [FloatFunction] = [
    FloatFunction(operation: FOVEA_UNARY_LEAKY_RELU, spacings: 0.5) { $0 < 0 ? 0.25 * $0 : $0 },
    FloatFunction(operation: FOVEA_UNARY_HARD_SIGMOID, spacings: 1) { max(0, min(1, 0.25 * $0 + 0.5)) },
    FloatFunction(operation: FOVEA_UNARY_HARD_SWISH, relative: 1.2e-7) { $0 * max(0, min(1, $0 / 6 + 0.5)) },
    FloatFunction(operation: FOVEA_UNARY_EXP, spacings: 2) { exp($0) },
    FloatFunction(operation: FOVEA_UNARY_SIGMOID, spacings: 4) { 1 / (1 + exp(-$0)) },
    FloatFunction(operation: FOVEA_UNARY_SILU, spacings: 5) { $0 / (1 + exp(-$0)) },
    FloatFunction(operation: FOVEA_UNARY_TANH, spacings: 3) { tanh($0) },
    FloatFunction(operation: FOVEA_UNARY_ERF, spacings: 4) { erf($0) },
    FloatFunction(operation: FOVEA_UNARY_GELU, relative: 2e-7) { 0.5 * $0 * (1 + erf($0 * 0.5.squareRoot())) },
    FloatFunction(operation: FOVEA_UNARY_GELU_TANH, relative: 2e-7) {
      0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
  ]

  private static func apply(_ set: FloatInstructionSet, _ operation: fovea_unary_operation, _ values: [Float])
    -> [Float]
  {
    let input = Memory(values, padding: 0)
    let output = Memory<Float>(values.count, repeating: -77)
    var unary = fovea_unary(operation: Int32(operation.rawValue), alpha: 0.25, beta: 0.5)
    unsafe set.kernels.unary(&unary, input.pointer, output.pointer, 0, values.count)
    #expect(output.guardsAreIntact)
    return output.values
  }

  @Test(arguments: functions)
  func isNear(function: FloatFunction) {
    let grid = (-110_000...110_000).map { Float($0) * 0.001 } + (-400...400).map { Float(0.93).power($0) }
    for set in FloatInstructionSet.all {
      let results = Self.apply(set, function.operation, grid)
      var worst = (excess: -Double.infinity, x: Float(0), result: Float(0))
      for (x, result) in zip(grid, results) {
        let exact = function.definition(Double(x))
        guard result != Float(exact) else { continue }
        let excess = abs(Double(result) - exact) - function.bound(Double(x), exact)
        if !(excess <= worst.excess) { worst = (excess, x, result) }
      }
      #expect(worst.excess <= 0, "\(set.name): \(worst.result) at \(worst.x)")
    }
  }

  @Test func endsOfTheFloats() {
    let values: [Float] = [.infinity, -.infinity, .nan, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, -0.0]
    for set in FloatInstructionSet.all {
      func results(_ operation: fovea_unary_operation) -> [Float] { Self.apply(set, operation, values) }
      func same(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN } }
      #expect(same(results(FOVEA_UNARY_EXP), [.infinity, 0, .nan, .infinity, 0, 1, 1]), "\(set.name)")
      #expect(same(results(FOVEA_UNARY_SIGMOID), [1, 0, .nan, 1, 0, 0.5, 0.5]), "\(set.name)")
      #expect(same(results(FOVEA_UNARY_TANH), [1, -1, .nan, 1, -1, 0, 0]), "\(set.name)")
      #expect(same(results(FOVEA_UNARY_ERF), [1, -1, .nan, 1, -1, 0, 0]), "\(set.name)")
      #expect(results(FOVEA_UNARY_HARD_SWISH)[2].isNaN, "\(set.name)")
    }
  }

  /// Ranges that begin and end anywhere, and write nothing else; vector sets have the same bits.
  @Test(arguments: functions)
  func partsAndSetsAgree(function: FloatFunction) {
    let values = (0..<99).map { Float($0) * 0.13 - 6 }
    let whole = FloatInstructionSet.vector.map { Self.apply($0, function.operation, values) }
    for (set, expected) in zip(FloatInstructionSet.vector, whole) {
      #expect(expected == whole[0], "\(set.name)")
      for (begin, end) in [(0, 1), (3, 3), (5, 20), (17, 99), (64, 98)] {
        let memory = Memory(values, padding: 0)
        var unary = fovea_unary(operation: Int32(function.operation.rawValue), alpha: 0.25, beta: 0.5)
        unsafe set.kernels.unary(&unary, memory.pointer, memory.pointer, begin, end)  // in place
        let mixed: [Float] = values.indices.map { begin..<end ~= $0 ? expected[$0] : values[$0] }
        #expect(memory.values == mixed, "\(set.name)")
      }
    }
  }

  @Test(arguments: 0..<Int(FOVEA_BINARY_OPERATION_COUNT.rawValue), [1, 7, 16, 33, 2000])
  func binary(operation: Int, columns: Int) {
    var generator = Generator(operation)
    let rows = 4
    let a = Memory(generator.floats(rows * columns, in: 0.5...4), padding: 0)
    let b = Memory(generator.floats(rows * columns, in: 0.5...3), padding: 0)
    for activation in [FloatConvolutionTests.clamp, FloatConvolutionTests.hardSwish] {
      for stride in [0, columns] {
        func run(_ set: FloatInstructionSet) -> [Float] {
          let output = Memory<Float>(rows * columns, repeating: -77)
          var binary = unsafe fovea_binary_f32(
            operation: Int32(operation), a: a.pointer, b: b.pointer, output: output.pointer, rows: Int32(rows),
            columns: Int32(columns), a_stride: Int32(columns), b_stride: Int32(stride), activation: activation)
          for (begin, end) in [(1, 1), (1, 3)] { unsafe set.kernels.binary(&binary, Int32(begin), Int32(end)) }
          #expect(output.guardsAreIntact)
          return output.values
        }
        let expected = run(.portable)
        for set in FloatInstructionSet.vector {
          #expect(zip(run(set), expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "\(set.name)")
        }
      }
    }
  }
}

extension Float {
  /// self to a whole power.
  fileprivate func power(_ exponent: Int) -> Float { Float(pow(Double(self), Double(exponent))) }
}
