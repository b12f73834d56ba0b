import FoveaGraph
import Testing

struct EvaluateTests {
  static let cases: [(Operation, [[Int]])] =
    [
      (.identity, [[2, 3]]),
      (.quantizeDequantize(AffineQuantization(scale: 0.25, zeroPoint: 2)), [[2, 3]]),
      (.reshape([3, 2]), [[2, 3]]),
      (.transpose([2, 0, 1]), [[2, 3, 4]]),
      (.slice(Slice(starts: [1, 3], steps: [1, -2], sizes: [1, 2])), [[2, 4]]),
      (.pad(Pad(before: [1, 0], after: [0, 2], mode: .constant(7))), [[2, 3]]),
      (.pad(Pad(before: [1, 2], after: [1, 2], mode: .reflect)), [[2, 3]]),
      (.pad(Pad(before: [3, 2], after: [0, 4], mode: .edge)), [[2, 1]]),
      (.concat(axis: 1), [[2, 1, 2], [2, 3, 2], [2, 0, 2]]),
      (.reduce(Reduction(.mean, axes: [0, 2], keepDimensions: true)), [[2, 3, 4]]),
      (.reduce(Reduction(.mean, axes: [1], keepDimensions: false)), [[2, 3, 4]]),
      (.reduce(Reduction(.mean, axes: [], keepDimensions: false)), [[2, 3]]),
      (.binary(Binary(.add)), [[2, 3, 4], [3, 1]]),
      (.binary(Binary(.subtract)), [[], [2, 2]]),
      (.binary(Binary(.multiply, clamp: Clamp(min: 0, max: 1))), [[1, 3], [2, 1]]),
      (.binary(Binary(.divide)), [[2, 2], [2, 2]]),
      (.activation(.clamp(Clamp(min: -0.5, max: 0.5))), [[9]]),
      (.activation(.leakyRelu(alpha: 0.1)), [[9]]),
      (.activation(.sigmoid), [[9]]),
      (.activation(.hardSigmoid(alpha: 0.3, beta: 0.4)), [[9]]),
      (.activation(.hardSwish), [[9]]),
      (.activation(.tanh), [[9]]),
      (.activation(.silu), [[9]]),
      (.activation(.elu(alpha: 0.7)), [[9]]),
      (.activation(.celu(alpha: 0.7)), [[9]]),
      (.activation(.selu(alpha: 1.5, gamma: 1.1)), [[9]]),
      (.activation(.thresholdedRelu(alpha: 1.2)), [[9]]),
      (.activation(.shrink(lambda: 0.8, bias: 0.3)), [[9]]),
      (.binary(Binary(.minimum)), [[2, 3], [3]]),
      (.binary(Binary(.maximum)), [[2, 3], [2, 1]]),
      (.binary(Binary(.prelu)), [[2, 3], [3]]),
      (.resample(Resampling(axis: 1, gathering: [2, 0, 0, 1])), [[2, 3, 2]]),
      (.resample(Resampling(axis: 0, taps: 2, positions: [0, 1, 1, 1], weights: [0.25, 0.75, 1, 0])), [[2, 3]]),
    ] + Reduction.Kind.allCases.map { (.reduce(Reduction($0, axes: [0, 2], keepDimensions: false)), [[2, 3, 2]]) }

  @Test(arguments: cases)
  func `Evaluation agrees with the definition`(of operation: Operation, on shapes: [[Int]]) throws {
    var random = SplitMix64(state: 3)
    let inputs = shapes.map { random.tensor($0, -4...4) }
    let result = try #require(operation.evaluate(inputs))
    let expected = try ReferenceInterpreter(layout: .nchw).apply(operation, inputs)
    #expect(result.shape == expected.shape)
    for (x, y) in zip(result.floats ?? [], expected.floats ?? []) { #expect(abs(x - y) <= 1e-6 * (1 + abs(y))) }
  }

  /// Each where it is defined: roots and logarithms on what is positive, arcs within their range.
  @Test(arguments: ElementaryFunction.allCases)
  func `Functions agree with their definitions`(_ function: ElementaryFunction) throws {
    let range: ClosedRange<Float> =
      switch function {
      case .sqrt, .log, .reciprocal: 0.1...4
      case .asin, .acos, .atanh: -0.9...0.9
      case .acosh: 1.1...4
      default: -4...4
      }
    var random = SplitMix64(state: 5)
    let x = random.tensor([20], range)
    let result = try #require(Operation.activation(.function(function)).evaluate([x])?.floats)
    for (x, y) in zip(x.floats ?? [], result) {
      let expected = Float(function.of(Double(x)))
      #expect(abs(y - expected) <= 1e-6 * (1 + abs(expected)), "\(function) of \(x)")
    }
  }

  @Test func `Reductions of integers are exact, or nil where they overflow`() {
    let x = Tensor(shape: [2, 2], integers: [3, -1, 4, 5])
    func reduced(_ kind: Reduction.Kind) -> [Int64]? {
      Operation.reduce(Reduction(kind, axes: [0], keepDimensions: false)).evaluate([x])?.integers
    }
    #expect(reduced(.sum) == [7, 4])
    #expect(reduced(.product) == [12, -5])
    #expect(reduced(.maximum) == [4, 5])
    #expect(reduced(.minimum) == [3, -1])
    #expect(reduced(.mean) == nil)
    let huge = Tensor(shape: [2], integers: [.max, 1])
    #expect(Operation.reduce(Reduction(.sum, axes: [0], keepDimensions: false)).evaluate([huge]) == nil)
  }

  @Test func `Integers stay integers and divide toward zero`() {
    let a = Tensor(shape: [3], integers: [7, -7, 9])
    let two = Tensor(shape: [], integers: [2])
    func binary(_ operation: Binary.Operator) -> [Int64]? {
      Operation.binary(Binary(operation)).evaluate([a, two])?.integers
    }
    #expect(binary(.add) == [9, -5, 11])
    #expect(binary(.subtract) == [5, -9, 7])
    #expect(binary(.multiply) == [14, -14, 18])
    #expect(binary(.divide) == [3, -3, 4])
    #expect(Operation.concat(axis: 0).evaluate([a, a])?.integers == [7, -7, 9, 7, -7, 9])
    #expect(Operation.reshape([3, 1]).evaluate([a])?.integers == [7, -7, 9])
    let pad = Pad(before: [1], after: [0], mode: .constant(5))
    #expect(Operation.pad(pad).evaluate([a])?.integers == [5, 7, -7, 9])
  }

  static let integer = Tensor(shape: [], integers: [.min])
  static let one = Tensor(shape: [], integers: [1])
  static let float = Tensor(shape: [], floats: [1])
  static let refused: [(Operation, [Tensor])] = [
    // Overflow and division by zero.
    (.binary(Binary(.add)), [integer, integer]),
    (.binary(Binary(.divide)), [integer, Tensor(shape: [], integers: [0])]),
    (.binary(Binary(.divide)), [integer, Tensor(shape: [], integers: [-1])]),
    // Integers beside floats, or where only floats make sense.
    (.binary(Binary(.add)), [integer, float]),
    (.binary(Binary(.add, clamp: Clamp(min: 0))), [one, one]),
    (.concat(axis: 0), [Tensor(shape: [1], integers: [1]), Tensor(shape: [1], floats: [1])]),
    (.activation(.tanh), [integer]),
    (.pad(Pad(before: [1], after: [0], mode: .constant(0.5))), [Tensor(shape: [1], integers: [1])]),
    // A broken rule, and operations that are no constant folding.
    (.transpose([1]), [float]),
    (.softmax(axis: 0), [Tensor(shape: [1], floats: [1])]),
    (.matMul, [Tensor(shape: [1], floats: [1]), Tensor(shape: [1], floats: [1])]),
  ]

  @Test(arguments: refused)
  func `What cannot be evaluated is nil`(_ operation: Operation, _ inputs: [Tensor]) {
    #expect(operation.evaluate(inputs) == nil)
  }

  @Test func `A small input cannot ask for a large output`() {
    let one = Tensor(shape: [1], floats: [1])
    let wide = Pad(before: [1 << 26], after: [0], mode: .edge)
    #expect(Operation.pad(wide).evaluate([one]) == nil)
    let column = Tensor(shape: [1 << 14, 1], floats: [Float](repeating: 0, count: 1 << 14))
    let row = Tensor(shape: [1, 1 << 13], floats: [Float](repeating: 0, count: 1 << 13))
    #expect(Operation.binary(Binary(.add)).evaluate([column, row]) == nil)
    // No elements, but a dimension that must not become a table.
    let empty = Tensor(shape: [0, 1 << 31], floats: [])
    #expect(Operation.transpose([1, 0]).evaluate([empty]) == Tensor(shape: [1 << 31, 0], floats: []))
  }

  @Test(
    arguments: [
      (Clamp(min: 0), Clamp(max: 6), Clamp(min: 0, max: 6)),
      (Clamp(min: 0, max: 1), Clamp(min: 5, max: 6), Clamp(min: 5, max: 5)),
      (Clamp(min: 0, max: 6), .none, Clamp(min: 0, max: 6)),
      (Clamp(min: 2, max: 1), Clamp(min: 0), Clamp(min: 2, max: 1)),
    ])
  func `Two clamps are one`(_ first: Clamp, _ second: Clamp, _ both: Clamp) {
    #expect(first.followed(by: second) == both)
    for x in stride(from: Float(-3), through: 8, by: 0.5) {
      #expect(both.applied(to: x) == second.applied(to: first.applied(to: x)))
    }
  }
}
