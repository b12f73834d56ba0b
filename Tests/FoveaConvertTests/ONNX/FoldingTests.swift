import FoveaConvert
import FoveaGraph
import Testing

/// What a file computes from constants and shapes vanishes.
struct FoldingTests {
  /// x.view(x.shape[0], -1), as exporters write it.
  @Test func viewOfTheBatch() throws {
    let network = try load(
      model(
        inputs: [value("x", [nil, 3, 4, 4])],
        [
          node("Shape", ["x"], ["shape"]),
          node("Constant", [], ["zero"], ["value": .tensor(integers("", [0], dims: []))]),
          node("Gather", ["shape", "zero"], ["batch"], ["axis": .int(0)]),
          node("Constant", [], ["axes"], ["value_ints": .ints([0])]),
          node("Unsqueeze", ["batch", "axes"], ["list"]),
          node("Constant", [], ["rest"], ["value_ints": .ints([-1])]),
          node("Concat", ["list", "rest"], ["target"], ["axis": .int(0)]),
          node("Reshape", ["x", "target"], ["y"]),
        ]))
    #expect(network.operations == [.reshape([1, 48])])
    #expect(network.constants.isEmpty)
  }

  /// A node whose value only a Shape reads computes nothing that anybody needs.
  @Test func shapeNeedsNoValue() throws {
    let network = try load(
      model([
        node("Relu", ["x"], ["r"]), node("Shape", ["r"], ["s"]), node("Sigmoid", ["x"], ["t"]),
        node("Reshape", ["t", "s"], ["y"]),
      ]))
    #expect(network.operations == [.activation(.sigmoid), .reshape([1, 3, 4, 4])])
  }

  @Test(
    arguments: [
      ("Add", [5, -4], [3, 3], [8, -1]), ("Sub", [5, -4], [3, 3], [2, -7]), ("Mul", [5, -4], [3, 3], [15, -12]),
      ("Div", [7, -7], [2, 2], [3, -3]), ("Mod", [7, -7], [3, 3], [1, 2]), ("Min", [7, -7], [3, 3], [3, -7]),
      ("Max", [7, -7], [3, 3], [7, 3]), ("Pow", [2, -3], [10, 3], [1024, -27]), ("Equal", [1, 2], [1, 3], [1, 0]),
      ("Greater", [1, 4], [1, 3], [0, 1]), ("GreaterOrEqual", [1, 2], [1, 3], [1, 0]),
      ("Less", [1, 2], [1, 3], [0, 1]),
      ("LessOrEqual", [4, 2], [1, 3], [0, 1]), ("And", [1, 1], [1, 0], [1, 0]), ("Or", [0, 0], [1, 0], [1, 0]),
      ("Xor", [1, 1], [1, 0], [0, 1]),
    ] as [(String, [Int64], [Int64], [Float])])
  func integerArithmetic(_ operation: String, _ a: [Int64], _ b: [Int64], _ expected: [Float]) throws {
    let result = try folded(
      [node(operation, ["a", "b"], ["y"])],
      initializers: [integers("a", a), integers("b", b)])
    #expect(result == expected)
  }

  @Test(
    arguments: [
      ("Neg", [2.5, -1], [-2.5, 1]), ("Abs", [2.5, -1], [2.5, 1]), ("Floor", [2.5, -1.5], [2, -2]),
      ("Ceil", [2.5, -1.5], [3, -1]), ("Round", [2.5, -1.5], [2, -2]), ("Sqrt", [4, 9], [2, 3]),
      ("Reciprocal", [4, -2], [0.25, -0.5]), ("Exp", [0, 1], [1, 2.7182817]),
      ("Log", [1, 2.7182817], [0, 0.99999994]),
      ("Relu", [4, -2], [4, 0]),
    ] as [(String, [Float], [Float])])
  func floatFunctions(_ operation: String, _ x: [Float], _ expected: [Float]) throws {
    #expect(
      try folded([node(operation, ["c"], ["y"])], initializers: [floats("c", [2], x)]) == expected)
  }

  @Test func broadcasting() throws {
    let result = try folded(
      [node("Max", ["a", "b"], ["y"])],
      initializers: [floats("a", [2, 1], [1, 5]), floats("b", [3], [0, 3, 9])])
    #expect(result == [1, 3, 9, 5, 5, 9])
  }

  static let list = integers("c", [1, 2, 3, 4, 5, 6], dims: [2, 3])

  @Test(
    arguments: [
      ("Gather", ["axis": .int(1)], [[2, -3]], [3, 1, 6, 4]),
      ("Tile", [:], [[1, 2]], [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]),
      ("Expand", [:], [[2, 2, 3]], [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]), ("ReduceProd", [:], [], [720]),
      ("ReduceSum", ["keepdims": .int(0)], [[1]], [6, 15]), ("ReduceMax", ["axes": .ints([0])], [], [4, 5, 6]),
      ("ReduceMin", ["axes": .ints([-1])], [], [1, 4]), ("Transpose", [:], [], [1, 4, 2, 5, 3, 6]),
      ("Size", [:], [], [6]), ("Shape", ["start": .int(-1)], [], [3]), ("Shape", ["end": .int(1)], [], [2]),
      ("Squeeze", [:], [], [1, 2, 3, 4, 5, 6]), ("Neg", [:], [], [-1, -2, -3, -4, -5, -6]),
      ("Slice", [:], [[1], [9], [1], [1]], [2, 3, 5, 6]), ("Cast", ["to": .int(9)], [], [1, 1, 1, 1, 1, 1]),
    ] as [(String, [String: AttributeValue], [[Int64]], [Float])])
  func rearrangements(
    _ operation: String, _ attributes: [String: AttributeValue], _ lists: [[Int64]], _ expected: [Float]
  ) throws {
    let constants = lists.enumerated().map { integers("c\($0.offset)", $0.element) }
    let result = try folded(
      [node(operation, ["c"] + constants.map(\.name), ["y"], attributes)], initializers: [Self.list] + constants)
    #expect(result == expected)
  }

  @Test func madeFromNothing() throws {
    let three = integers("three", [3], dims: [])
    let constants = [three] + [("a", -7), ("b", -2)].map { integers($0.0, [$0.1], dims: []) }
    #expect(
      try folded(
        [node("Range", ["three", "a", "b"], ["y"])],
        initializers: constants + [
          integers("shape", [2])
        ]) == [3, 1, -1, -3, -5])
    #expect(
      try folded(
        [node("ConstantOfShape", ["shape"], ["y"], ["value": .tensor(integers("", [4]))])],
        initializers: [integers("shape", [3])]) == [4, 4, 4])
    #expect(
      try folded(
        [
          node("Equal", ["shape", "minus"], ["is"]), node("Where", ["is", "three", "shape"], ["y"]),
        ],
        initializers: [
          three, integers("shape", [5, -1]), integers("minus", [-1], dims: []),
        ]) == [5, 3])
  }

  /// Halves are true, fractions are cut, and narrow integers wrap around.
  @Test(
    arguments: [
      (9, [0.5, 0, -3, 300], [1, 0, 1, 1]), (2, [0.5, 0, -3, 300], [0, 0, 253, 44]),
      (7, [2.9, -2.9, .infinity, .nan], [2, -2, 0x1p63, 0]),
    ] as [(Int64, [Float], [Float])])
  func casts(_ type: Int64, _ x: [Float], _ expected: [Float]) throws {
    let result = try folded(
      [node("Cast", ["c"], ["y"], ["to": .int(type)])], initializers: [floats("c", [4], x)])
    #expect(result == expected)
  }

  @Test(
    arguments: [
      ("Div", [1], [0]), ("Mod", [1], [0]), ("Add", [.max], [1]), ("Mul", [.max], [2]), ("Div", [.min], [-1]),
      ("Pow", [10], [40]),
    ] as [(String, [Int64], [Int64])])
  func noResult(_ operation: String, _ a: [Int64], _ b: [Int64]) {
    let text = message(
      model(
        initializers: [integers("a", a), integers("b", b)],
        [node(operation, ["a", "b"], ["s"]), node("Reshape", ["x", "s"], ["y"])]))
    #expect(text.hasPrefix("test.onnx: node \"\(operation)_0\" (\(operation)): "))
  }
}
