import FoveaGraph
import Testing

/// One operation with its inputs and what comes of it.
struct ShapeCase: Sendable, CustomTestStringConvertible {
  var operation: Operation
  var inputs: [[Int]]
  var layout = Layout.nchw
  var output: [Int]

  init(_ operation: Operation, _ inputs: [[Int]], _ layout: Layout = .nchw, gives output: [Int]) {
    (self.operation, self.inputs, self.layout, self.output) = (operation, inputs, layout, output)
  }

  var testDescription: String { "\(operation.name) \(inputs) \(layout)" }
}

struct ShapeErrorCase: Sendable, CustomTestStringConvertible {
  var operation: Operation
  var inputs: [[Int]]
  var reason: String

  init(_ operation: Operation, _ inputs: [[Int]], says reason: String) {
    (self.operation, self.inputs, self.reason) = (operation, inputs, reason)
  }

  var testDescription: String { "\(operation.name) \(inputs)" }
}

private let k3 = Size2D(3, 3)
private let s2 = Size2D(2, 2)

struct OutputShapeTests {
  static let valid: [ShapeCase] = [
    ShapeCase(.convolution(Convolution(kernel: k3)), [[1, 3, 8, 9], [4, 3, 3, 3]], gives: [1, 4, 6, 7]),
    ShapeCase(.convolution(Convolution(kernel: k3)), [[1, 8, 9, 3], [4, 3, 3, 3], [4]], .nhwc, gives: [1, 6, 7, 4]),
    ShapeCase(
      .convolution(
        Convolution(kernel: Size2D(3, 5), stride: s2, padding: Padding2D(top: 1, left: 2, bottom: 0, right: 1))),
      [[2, 3, 8, 9], [4, 3, 3, 5]], gives: [2, 4, 4, 4]),
    ShapeCase(
      .convolution(Convolution(kernel: k3, dilation: s2, groups: 3)), [[1, 3, 8, 8], [6, 1, 3, 3]],
      gives: [1, 6, 4, 4]),
    ShapeCase(.maxPool(Pooling(kernel: k3, stride: s2)), [[1, 4, 8, 7]], gives: [1, 4, 3, 3]),
    ShapeCase(.maxPool(Pooling(kernel: k3, stride: s2, ceilMode: true)), [[1, 4, 8, 7]], gives: [1, 4, 4, 3]),
    ShapeCase(.maxPool(Pooling(kernel: k3, stride: s2, ceilMode: true)), [[1, 8, 7, 4]], .nhwc, gives: [1, 4, 3, 4]),
    // A window larger than the input is cut; the next would start behind it.
    ShapeCase(.maxPool(Pooling(kernel: k3, stride: s2, ceilMode: true)), [[1, 4, 2, 2]], gives: [1, 4, 1, 1]),
    // ceil((3 + 2 - 2) / 2) + 1 = 3 windows, the last of which would start at 4 - 1 = 3, in the padding.
    ShapeCase(
      .averagePool(
        Pooling(
          kernel: s2, stride: s2, padding: Padding2D(top: 1, left: 1, bottom: 1, right: 1), ceilMode: true)),
      [[1, 4, 3, 3]], gives: [1, 4, 2, 2]),
    ShapeCase(.globalAveragePool, [[2, 5, 7, 7]], gives: [2, 5, 1, 1]),
    ShapeCase(.globalMaxPool, [[2, 7, 7, 5]], .nhwc, gives: [2, 1, 1, 5]),
    ShapeCase(.batchNormalization(epsilon: 0), [[1, 3, 4, 5], [3], [3], [3], [3]], gives: [1, 3, 4, 5]),
    ShapeCase(.batchNormalization(epsilon: 0), [[1, 4, 5, 3], [3], [3], [3], [3]], .nhwc, gives: [1, 4, 5, 3]),
    ShapeCase(.batchNormalization(epsilon: 0), [[1, 3], [3], [3], [3], [3]], .nhwc, gives: [1, 3]),
    ShapeCase(.gemm(Gemm()), [[2, 3], [3, 4]], gives: [2, 4]),
    ShapeCase(.gemm(Gemm(transposeA: true, transposeB: true)), [[3, 2], [4, 3], [2, 1]], gives: [2, 4]),
    ShapeCase(.gemm(Gemm()), [[2, 3], [3, 4], []], gives: [2, 4]),
    ShapeCase(.fullyConnected(FullyConnected()), [[2, 7, 3], [4, 3], [4]], gives: [2, 7, 4]),
    ShapeCase(.matMul, [[2, 3], [3, 4]], gives: [2, 4]),
    ShapeCase(.matMul, [[5, 1, 2, 3], [6, 3, 4]], gives: [5, 6, 2, 4]),
    ShapeCase(.matMul, [[3], [3]], gives: []),
    ShapeCase(.matMul, [[3], [5, 3, 4]], gives: [5, 4]),
    ShapeCase(.matMul, [[5, 2, 3], [3]], gives: [5, 2]),
    ShapeCase(.binary(Binary(.add)), [[1, 3, 4, 5], [3, 1, 1]], gives: [1, 3, 4, 5]),
    ShapeCase(.binary(Binary(.divide)), [[2, 1], [1, 3]], gives: [2, 3]),
    ShapeCase(.binary(Binary(.multiply)), [[], [0]], gives: [0]),
    ShapeCase(.concat(axis: 1), [[1, 2, 3], [1, 5, 3], [1, 1, 3]], gives: [1, 8, 3]),
    ShapeCase(.reduce(Reduction(.mean, axes: [1, 3], keepDimensions: true)), [[2, 3, 4, 5]], gives: [2, 1, 4, 1]),
    ShapeCase(.reduce(Reduction(.mean, axes: [1, 3], keepDimensions: false)), [[2, 3, 4, 5]], gives: [2, 4]),
    ShapeCase(.pad(Pad(before: [0, 2], after: [1, 2], mode: .reflect)), [[2, 3]], gives: [3, 7]),
    ShapeCase(.pad(Pad(before: [9], after: [9], mode: .edge)), [[1]], gives: [19]),
    ShapeCase(.reshape([3, 8]), [[2, 3, 4]], gives: [3, 8]),
    ShapeCase(.reshape([]), [[1, 1]], gives: []),
    ShapeCase(.transpose([2, 0, 1]), [[2, 3, 4]], gives: [4, 2, 3]),
    ShapeCase(.slice(Slice(starts: [9, 1], steps: [-3, 1], sizes: [4, 2])), [[10, 3]], gives: [4, 2]),
    ShapeCase(.slice(Slice(starts: [99], steps: [1], sizes: [0])), [[10]], gives: [0]),
    ShapeCase(.softmax(axis: 1), [[2, 3]], gives: [2, 3]),
    ShapeCase(.activation(.tanh), [[2, 3]], gives: [2, 3]),
    ShapeCase(.identity, [[]], gives: []),
  ]

  @Test(arguments: valid)
  func `An operation has one output of a known shape`(of example: ShapeCase) throws {
    #expect(try example.operation.outputShape(of: example.inputs, layout: example.layout) == example.output)
  }

  static let invalid: [ShapeErrorCase] = [
    ShapeErrorCase(.matMul, [[1]], says: "1 inputs, expected 2"),
    ShapeErrorCase(.identity, [[-1]], says: "input 0 has the shape [-1], beyond 2147483648 elements or 32 dimensions"),
    ShapeErrorCase(
      .identity, [[1 << 20, 1 << 20]],
      says: "input 0 has the shape [1048576, 1048576], beyond 2147483648 elements or 32 dimensions"),
    ShapeErrorCase(
      .binary(Binary(.add)), [[1 << 20, 1], [1, 1 << 20]],
      says: "the output would have the shape [1048576, 1048576], beyond 2147483648 elements or 32 dimensions"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3)), [[3, 8, 8], [4, 3, 3, 3]],
      says: "the shape of the input is [3, 8, 8], expected 4 dimensions"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3)), [[1, 2, 8, 8], [4, 3, 3, 3]],
      says: "the shape of the weights is [4, 3, 3, 3], expected [4, 2, 3, 3]"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3, groups: 2)), [[1, 3, 8, 8], [4, 3, 3, 3]],
      says: "3 channels do not divide into 2 groups"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3, groups: 2)), [[1, 4, 8, 8], [5, 2, 3, 3]],
      says: "5 outputs do not divide into 2 groups"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3)), [[1, 3, 8, 8], [4, 3, 3, 3], [3]],
      says: "the shape of the bias is [3], expected [4]"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3)), [[1, 3, 2, 8], [4, 3, 3, 3]],
      says: "height 2 with padding 0 + 0 is smaller than the window, 3"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3, groups: .min)), [[1, 3, 8, 8], [4, 3, 3, 3]],
      says: "groups is \(Int.min), expected 1 to 2147483648"),
    ShapeErrorCase(
      .convolution(Convolution(kernel: k3, stride: Size2D(0, 1))), [[1, 3, 8, 8], [4, 3, 3, 3]],
      says: "stride height is 0, expected 1 to 2147483648"),
    ShapeErrorCase(
      .maxPool(Pooling(kernel: Size2D(.max, 1))), [[1, 3, 8, 8]],
      says: "kernel height is \(Int.max), expected 1 to 2147483648"),
    ShapeErrorCase(
      .maxPool(Pooling(kernel: Size2D(1 << 31, 1), dilation: Size2D(1 << 31, 1))), [[1, 3, 8, 8]],
      says: "height 8 with padding 0 + 0 is smaller than the window, 4611686016279904257"),
    ShapeErrorCase(
      .maxPool(Pooling(kernel: s2, padding: Padding2D(top: 2))), [[1, 3, 8, 8]],
      says: "height padding 2 + 0 holds a whole window, 2"),
    ShapeErrorCase(
      .maxPool(Pooling(kernel: k3, dilation: Size2D(1, 3), padding: Padding2D(left: 2, right: 6))), [[1, 3, 8, 1]],
      says: "dilation 3 steps over the whole width, 1"),
    ShapeErrorCase(
      .batchNormalization(epsilon: 0), [[1, 3, 4, 5], [3], [3], [5], [3]],
      says: "the shape of the mean is [5], expected [3]"),
    ShapeErrorCase(
      .gemm(Gemm()), [[2, 3], [4, 5]], says: "A sums over 3 elements and B over 4: A is [2, 3], B is [4, 5]"),
    ShapeErrorCase(
      .gemm(Gemm()), [[1, 3], [3, 5], [2, 5]], says: "C has the shape [2, 5], which does not broadcast to [1, 5]"),
    ShapeErrorCase(
      .fullyConnected(FullyConnected()), [[2, 3], [4, 5]], says: "the shape of the weights is [4, 5], expected [4, 3]"),
    ShapeErrorCase(.matMul, [[2, 3], [4, 5]], says: "the shapes [2, 3] and [4, 5] do not multiply: 3 against 4"),
    ShapeErrorCase(.matMul, [[], [1]], says: "the shapes are [] and [1], expected at least 1 dimension each"),
    ShapeErrorCase(
      .binary(Binary(.add)), [[2, 3], [4]], says: "the shapes [2, 3] and [4] do not broadcast: 3 against 4"),
    ShapeErrorCase(
      .concat(axis: 1), [[1, 2], [2, 2]], says: "input 1 has the shape [2, 2], expected [1, 2] except along axis 1"),
    ShapeErrorCase(
      .concat(axis: 1), [[1, 2], []], says: "input 1 has the shape [], expected [1, 2] except along axis 1"),
    ShapeErrorCase(
      .reshape([5]), [[2, 3]], says: "the shape [2, 3] cannot become [5]: the number of elements differs"),
    ShapeErrorCase(
      .transpose([0, 0]), [[2, 3]], says: "[0, 0] is not a permutation of the 2 dimensions of the shape [2, 3]"),
    ShapeErrorCase(
      .slice(Slice(starts: [5], steps: [.max], sizes: [1 << 31])), [[10]],
      says: "2147483648 elements from 5 by steps of \(Int.max) leave axis 0 of the shape [10]"),
    ShapeErrorCase(
      .slice(Slice(starts: [3], steps: [-2], sizes: [3])), [[10]],
      says: "3 elements from 3 by steps of -2 leave axis 0 of the shape [10]"),
    ShapeErrorCase(
      .slice(Slice(starts: [], steps: [], sizes: [])), [[10]],
      says: "0 starts, 0 steps and 0 sizes, expected 1 of each"),
    ShapeErrorCase(
      .softmax(axis: -1), [[2, 3]], says: "axis -1 is not one of the 2 dimensions of the shape [2, 3]"),
    ShapeErrorCase(
      .reduce(Reduction(.mean, axes: [1, 1], keepDimensions: true)), [[2, 3]],
      says: "the axes [1, 1] are not sorted, or not distinct"),
    ShapeErrorCase(
      .reduce(Reduction(.mean, axes: [0], keepDimensions: true)), [[0, 3]],
      says: "axis 0 of the shape [0, 3] has no elements to average"),
    ShapeErrorCase(
      .pad(Pad(before: [0, 3], after: [0, 0], mode: .reflect)), [[2, 3]],
      says: "axis 1 has 3 elements, too few to reflect 3"),
    ShapeErrorCase(
      .pad(Pad(before: [-1], after: [0], mode: .constant(0))), [[2]],
      says: "the pad before axis 0 is -1, expected 0 to 2147483648"),
  ]

  @Test(arguments: invalid)
  func `A broken rule is told with what was found and what is expected`(of example: ShapeErrorCase) {
    #expect(throws: ShapeError(example.reason)) { try example.operation.outputShape(of: example.inputs) }
  }

  @Test(
    arguments: [
      (.convolution(Convolution(kernel: k3)), [[1, 4, 8, 8], [6, 4, 3, 3]], [1, 6, 6, 6], 6 * 36 * 36),
      (.convolution(Convolution(kernel: k3, groups: 4)), [[1, 4, 8, 8], [4, 1, 3, 3]], [1, 4, 6, 6], 4 * 36 * 9),
      (.gemm(Gemm(transposeA: true)), [[3, 2], [3, 4]], [2, 4], 24),
      (.fullyConnected(FullyConnected()), [[2, 7, 3], [4, 3]], [2, 7, 4], 168),
      (.matMul, [[5, 2, 3], [3, 4]], [5, 2, 4], 120),
      (.binary(Binary(.multiply)), [[2], [2]], [2], 0),
      (.matMul, [[1 << 31], [1 << 31, 1 << 31]], [1 << 31], 1 << 62),
      (.matMul, [[4, 1 << 31]], [4], 0),
    ] as [(Operation, [[Int]], [Int], Int)])
  func `Multiply-accumulates are counted`(_ operation: Operation, _ inputs: [[Int]], _ output: [Int], _ count: Int) {
    #expect(operation.multiplyAccumulates(inputs: inputs, output: output) == count)
  }
}
