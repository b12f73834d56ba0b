import FoveaConvert
import Testing

/// A node that cannot be imported is one line with its name, its operator and the reason.
struct NodeErrorTests {
  static let cases: [(node: ONNXNodeProto, initializers: [ONNXTensorProto], reason: String)] = [
    (node("Conv", ["x", "w"], ["y"]), [floats("w", [4, 3, 1])], "its weights have the shape [4, 3, 1]"),
    (node("Conv", ["x", "x"], ["y"]), [], "its weights are computed when the network runs"),
    (node("Conv", ["x", "w"], ["y"], ["pads": .ints([1, 1])]), [floats("w", [4, 3, 3, 3])], "pads is [1, 1]"),
    (node("Conv", ["x", "w"], ["y"], ["strides": .ints([0, 1])]), [floats("w", [4, 3, 3, 3])], "strides is [0, 1]"),
    (
      node("Conv", ["x", "w"], ["y"], ["dilations": .ints([.max, .max])]), [floats("w", [4, 3, 3, 3])], "dilations is"
    ),
    (
      node("Conv", ["x", "w"], ["y"], ["group": .int(.min)]), [floats("w", [4, 3, 3, 3])],
      "groups is -9223372036854775808"
    ),
    (node("Conv", ["x", "w"], ["y"], ["group": .int(0)]), [floats("w", [4, 3, 3, 3])], "groups is 0"),
    (
      node("Conv", ["x", "w"], ["y"], ["auto_pad": .string("SAME")]), [floats("w", [4, 3, 3, 3])],
      "auto_pad is \"SAME\""
    ),
    (node("Conv", ["x", "w"], ["y"], ["auto_pad": .int(3)]), [floats("w", [4, 3, 3, 3])], "is not a string"),
    (
      node("Conv", ["x", "w"], ["y"], ["kernel_shape": .ints([5, 5])]), [floats("w", [4, 3, 3, 3])],
      "kernel_shape is [5, 5]"
    ),
    (node("Conv", ["x"], ["y"]), [], "it has 1 inputs; the operator takes 2 or more"),
    (node("Conv", ["x", ""], ["y"]), [], "input 1 is missing"),
    (node("Relu", ["x", "x"], ["y"]), [], "at most 1"),
    (node("Relu", ["x"], ["z", "y"]), [], "the operator has no such output as \"y\""),
    (node("MaxPool", ["x"], ["y"]), [], "kernel_shape is missing"),
    (node("MaxPool", ["x"], ["y"], ["kernel_shape": .ints([.max, 1])]), [], "the kernel's size is"),
    (node("MaxPool", ["x"], ["z", "y"], ["kernel_shape": .ints([2, 2])]), [], "indices"),
    (
      node("MaxPool", ["f"], ["y"], ["kernel_shape": .ints([2, 2, 2])]), [floats("f", [1, 3, 4, 4, 4])],
      "pooling over other than 2"
    ),
    (node("Dropout", ["x"], ["z", "y"]), [], "mask"),
    (
      node("BatchNormalization", ["x", "w", "w", "w", "w"], ["y"], ["training_mode": .int(1)]), [floats("w", [3])],
      "exported for training"
    ),
    (node("BatchNormalization", ["x", "w", "w", "w", "w"], ["y", "m"]), [floats("w", [3])], "exported for training"),
    (
      node("BatchNormalization", ["x", "w", "w", "w", "x"], ["y"]), [floats("w", [3])], "computed when the network runs"
    ),
    // Each size will do, and their product will not: refused before so many positions are computed.
    (
      node("Resize", ["x", "", "", "s"], ["y"]), [integers("s", [1, 1 << 24, 1 << 24, 1 << 24])],
      "to [1, 16777216, 16777216, 16777216]"
    ),
    (node("Clip", ["x", "x"], ["y"]), [], "the lower bound is computed when the network runs"),
    (node("Clip", ["x", "w"], ["y"]), [floats("w", [2])], "not a single float"),
    (node("Clip", ["x", "w"], ["y"]), [floats("w", [], [.nan])], "not a number"),
    (node("Add", ["x", "w"], ["y"]), [floats("w", [5])], "broadcast"),
    (node("Add", ["x", "w"], ["y"]), [integers("w", [5])], "integers take part"),
    (node("Concat", ["x", "x"], ["y"]), [], "the axis is missing"),
    (node("Concat", ["x", "x"], ["y"], ["axis": .int(4)]), [], "axis 4 does not exist in 4 dimensions"),
    (node("Concat", ["x", "x"], ["y"], ["axis": .int(.min)]), [], "does not exist"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [-1, -1])], "cannot become [-1, -1]"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [-1, 5])], "cannot become"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [.max, .max, -1])], "cannot become"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [.min])], "cannot become"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [1, 1, 1, 1, 0])], "keeps dimension 4"),
    (node("Reshape", ["x", "s"], ["y"]), [integers("s", [1, 1], dims: [1, 2])], "expected a list"),
    (node("Reshape", ["x", "x"], ["y"]), [], "the shape is computed when the network runs; it must be a constant"),
    (node("Reshape", ["x", "s"], ["y"]), [floats("s", [1])], "holds floats"),
    (node("Reshape", ["x", "s"], ["y"], ["allowzero": .int(1)]), [integers("s", [0, 48])], "cannot become [0, 48]"),
    (node("Squeeze", ["x", "a"], ["y"]), [integers("a", [1])], "only 1 can be dropped"),
    (node("Unsqueeze", ["x", "a"], ["y"]), [integers("a", [0, 0])], "given twice"),
    (node("Unsqueeze", ["x", "a"], ["y"]), [integers("a", [0, 1, 2, 3, 4, 5, 6, 7, 8])], "up to 8"),
    (node("Unsqueeze", ["x", "a"], ["y"]), [integers("a", [0, 1, 2, 3, 4])], "up to 8"),
    (node("Transpose", ["x"], ["y"], ["perm": .ints([0, 1, 2, 9])]), [], "permutation"),
    (
      node("Slice", ["x", "a", "a", "a", "z"], ["y"]), [integers("a", [0]), integers("z", [0])],
      "step along axis 0 is 0"
    ),
    (node("Slice", ["x", "a", "a"], ["y"]), [integers("a", [1])], "would be empty"),
    (node("Slice", ["x", "a", "b"], ["y"]), [integers("a", [1]), integers("b", [1, 2])], "differ in length"),
    (node("Split", ["x", "s"], ["y", "z"], ["axis": .int(1)]), [integers("s", [.max, .max])], "do not split"),
    (node("Split", ["x"], ["y", "z"], ["axis": .int(1)]), [], "does not split into 2 equal parts"),
    (node("Pad", ["x", "p"], ["y"]), [integers("p", [1])], "expected 8 numbers"),
    (node("Pad", ["x", "p"], ["y"]), [integers("p", [0, 0, 0, 0, 0, 0, 0, .min])], "the pads are"),
    (node("Pad", ["x", "p"], ["y"]), [integers("p", [0, 0, -2, 0, 0, 0, -3, 0])], "cut more than the 4 elements"),
    (
      node("Pad", ["x", "p"], ["y"]), [integers("p", [0, 0, 0, 0, 1 << 31, 1 << 31, 0, 0])],
      "beyond 2147483648 elements"
    ),
    (
      node("Pad", ["x", "p"], ["y"], ["mode": .string("wrap")]), [integers("p", [0, 0, 0, 0, 0, 0, 0, 0])],
      #"mode "wrap" is not supported; constant, reflect and edge are"#
    ),
    (node("Cast", ["x"], ["y"], ["to": .int(7)]), [], "only float32 is supported"),
    (node("Cast", ["x"], ["y"], ["to": .int(.max)]), [], "casting to"),
    (node("Softmax", ["x"], ["y"], ["axis": .int(-5)]), [], "does not exist"),
    (node("Gather", ["w", "i"], ["y"]), [floats("w", [2]), integers("i", [2])], "index 2 is outside of 2 elements"),
    (node("Gather", ["w", "i"], ["y"]), [floats("w", [2]), integers("i", [.min])], "is outside of 2 elements"),
    (node("ConstantOfShape", ["s"], ["y"]), [integers("s", [1 << 20, 1 << 20])], "too large to compute"),
    (node("ConstantOfShape", ["s"], ["y"]), [integers("s", [-1])], "too large to compute"),
    (node("ConstantOfShape", ["s"], ["y"]), [integers("s", [1 << 30, 0])], "too large to compute"),
    (node("Expand", ["w", "s"], ["y"]), [floats("w", [1]), integers("s", [1 << 30])], "too large to compute"),
    (node("Tile", ["w", "s"], ["y"]), [floats("w", [1]), integers("s", [1 << 30])], "too large to compute"),
    (
      node("Range", ["a", "b", "c"], ["y"]),
      [integers("a", [.min], dims: []), integers("b", [.max], dims: []), integers("c", [1], dims: [])], "elements"
    ),
    (node("Constant", [], ["y"]), [], "it has no value"),
    (node("Relu", ["x"], ["y"], ["": .int(1)]).twice(), [], "is given twice"),
  ]

  @Test(arguments: cases)
  func isRefused(_ example: (node: ONNXNodeProto, initializers: [ONNXTensorProto], reason: String)) {
    let text = message(model(initializers: example.initializers, [example.node]))
    let `operator` = example.node.opType
    #expect(text.hasPrefix("test.onnx: node \"\(`operator`)_0\" (\(`operator`)): "))
    #expect(text.contains(example.reason))
  }

  @Test func messagesAreOneShortLine() {
    let name = String(repeating: "long\n", count: 1000)
    let text = message(model([node("Relu", ["x", "x"], ["y"], name: name)]))
    #expect(!text.contains("\n"))
    #expect(text.utf8.count < 400)
  }
}

extension ONNXNodeProto {
  /// The node with its attributes given twice.
  fileprivate func twice() -> ONNXNodeProto {
    var node = self
    node.attribute += attribute
    return node
  }
}
