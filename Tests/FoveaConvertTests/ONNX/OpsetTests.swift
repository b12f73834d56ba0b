import FoveaConvert
import FoveaGraph
import Testing

/// One node, from x [1, 6, 4, 4] and constants to y, and what it becomes.
struct NodeCase: Sendable, CustomTestStringConvertible {
  var opset: Int64
  var node: ONNXNodeProto
  var initializers: [ONNXTensorProto]
  var operations: [Operation]

  init(
    _ opset: Int64, _ operator: String, _ attributes: [String: AttributeValue] = [:],
    constants: [ONNXTensorProto] = [], becomes operations: Operation...
  ) {
    self.opset = opset
    self.node = FoveaConvertTests.node(`operator`, ["x"] + constants.map(\.name), ["y"], attributes)
    self.initializers = constants.filter { !$0.name.isEmpty }
    self.operations = operations
  }

  var testDescription: String { "\(node.opType) of opset \(opset)" }
}

/// Versions of operators mean what their opset says.
struct OpsetTests {
  static let none = floats("", [])
  static let pads: [Int64] = [0, 0, 1, 1, 0, 0, 1, 2]
  static let pad = Operation.pad(Pad(before: [0, 0, 1, 1], after: [0, 0, 1, 2], mode: .constant(0)))
  static let half = Operation.slice(Slice(starts: [0, 3, 0, 0], steps: [1, 1, 1, 1], sizes: [1, 3, 4, 4]))
  static let mean = Operation.reduce(Reduction(.mean, axes: [2, 3], keepDimensions: false))

  static let cases: [NodeCase] = [
    NodeCase(
      7, "Clip", ["min": .float(0), "max": .float(6)], becomes: .activation(.clamp(Clamp(min: 0, max: 6)))),
    NodeCase(
      11, "Clip", constants: [none, floats("max", [], [6])], becomes: .activation(.clamp(Clamp(max: 6)))),
    NodeCase(13, "Clip", becomes: .activation(.clamp(.none))),
    NodeCase(7, "Pad", ["pads": .ints(pads)], becomes: pad),
    NodeCase(11, "Pad", constants: [integers("pads", pads)], becomes: pad),
    NodeCase(
      18, "Pad", constants: [integers("pads", [1, 1, 1, 2]), none, integers("axes", [-2, 3])], becomes: pad),
    NodeCase(
      13, "Pad", ["mode": .string("edge")], constants: [integers("pads", [0, 0, -1, 0, 0, 0, 0, 1])],
      becomes: .slice(Slice(starts: [0, 0, 1, 0], steps: [1, 1, 1, 1], sizes: [1, 6, 3, 4])),
      .pad(Pad(before: [0, 0, 0, 0], after: [0, 0, 0, 1], mode: .edge))),
    NodeCase(
      7, "Slice", ["starts": .ints([3]), "ends": .ints([.max]), "axes": .ints([1])], becomes: half),
    NodeCase(
      10, "Slice", constants: [integers("starts", [-3]), integers("ends", [9]), integers("axes", [1])], becomes: half),
    NodeCase(
      13, "Slice",
      constants: [
        integers("starts", [.max]), integers("ends", [.min]), integers("axes", [-1]), integers("steps", [-2]),
      ],
      becomes: .slice(Slice(starts: [0, 0, 0, 3], steps: [1, 1, 1, -2], sizes: [1, 6, 4, 2]))),
    NodeCase(13, "ReduceMean", ["axes": .ints([-1, 2]), "keepdims": .int(0)], becomes: mean),
    NodeCase(18, "ReduceMean", ["keepdims": .int(0)], constants: [integers("axes", [2, 3])], becomes: mean),
    NodeCase(18, "ReduceMean", ["noop_with_empty_axes": .int(1)], becomes: .identity),
    NodeCase(11, "Squeeze", ["axes": .ints([0])], becomes: .reshape([6, 4, 4])),
    NodeCase(13, "Squeeze", constants: [integers("axes", [-4])], becomes: .reshape([6, 4, 4])),
    NodeCase(13, "Squeeze", becomes: .reshape([6, 4, 4])),
    NodeCase(11, "Unsqueeze", ["axes": .ints([5, 0])], becomes: .reshape([1, 1, 6, 4, 4, 1])),
    NodeCase(13, "Unsqueeze", constants: [integers("axes", [-1, 0])], becomes: .reshape([1, 1, 6, 4, 4, 1])),
    NodeCase(
      11, "Softmax", becomes: .reshape([1, 96]), .softmax(axis: 1), .reshape([1, 6, 4, 4])),
    NodeCase(11, "Softmax", ["axis": .int(3)], becomes: .softmax(axis: 3)),
    NodeCase(13, "Softmax", becomes: .softmax(axis: 3)),
    NodeCase(13, "Softmax", ["axis": .int(1)], becomes: .softmax(axis: 1)),
    NodeCase(13, "Reshape", constants: [integers("shape", [0, -1, 2])], becomes: .reshape([1, 48, 2])),
    NodeCase(7, "Flatten", ["axis": .int(2)], becomes: .reshape([6, 16])),
    NodeCase(11, "Flatten", ["axis": .int(-3)], becomes: .reshape([1, 96])),
    NodeCase(7, "Dropout", ["ratio": .float(0.5)], becomes: .identity),
    NodeCase(12, "Dropout", constants: [floats("ratio", [], [0.5])], becomes: .identity),
    NodeCase(13, "Cast", ["to": .int(10)], becomes: .identity),
    NodeCase(13, "Expand", constants: [integers("shape", [6, 1, 4])], becomes: .identity),
    NodeCase(13, "Transpose", becomes: .transpose([3, 2, 1, 0])),
    NodeCase(13, "Concat", ["axis": .int(-1)], becomes: .identity),
    NodeCase(
      13, "MaxPool",
      ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "auto_pad": .string("SAME_UPPER")],
      becomes: .maxPool(
        Pooling(kernel: Size2D(3, 3), stride: Size2D(2, 2), padding: Padding2D(top: 0, left: 0, bottom: 1, right: 1)))),
    NodeCase(
      13, "AveragePool",
      [
        "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "auto_pad": .string("SAME_LOWER"),
        "ceil_mode": .int(1), "count_include_pad": .int(1),
      ],
      becomes: .averagePool(
        Pooling(
          kernel: Size2D(3, 3), stride: Size2D(2, 2), padding: Padding2D(top: 1, left: 1, bottom: 0, right: 0),
          countIncludesPadding: true))),
    NodeCase(
      11, "Conv",
      ["group": .int(6), "pads": .ints([0, 1, 2, 3]), "dilations": .ints([2, 1]), "strides": .ints([1, 2])],
      constants: [floats("w", [6, 1, 3, 3])],
      becomes: .convolution(
        Convolution(
          kernel: Size2D(3, 3), stride: Size2D(1, 2), dilation: Size2D(2, 1),
          padding: Padding2D(top: 0, left: 1, bottom: 2, right: 3), groups: 6))),
    NodeCase(13, "LeakyRelu", becomes: .activation(.leakyRelu(alpha: 0.01))),
    NodeCase(13, "HardSigmoid", becomes: .activation(.hardSigmoid(alpha: 0.2, beta: 0.5))),
    NodeCase(14, "HardSwish", becomes: .activation(.hardSwish)),
  ]

  @Test(arguments: cases)
  func becomes(_ example: NodeCase) throws {
    let network = try load(
      model(
        opset: example.opset, inputs: [value("x", [1, 6, 4, 4])], initializers: example.initializers, [example.node]))
    #expect(network.operations == example.operations)
    try checkSoundness(network)
  }

  @Test(
    arguments: [
      (7, ["split": AttributeValue.ints([2, 4])], nil), (13, [:], [2, 4]), (18, [:], [2, 4]),
    ] as [(Int64, [String: AttributeValue], [Int64]?)])
  func splitBecomesSlices(_ opset: Int64, _ attributes: [String: AttributeValue], _ sizes: [Int64]?) throws {
    let split = node(
      "Split", ["x"] + (sizes == nil ? [] : ["sizes"]), ["a", "b"],
      attributes.merging(["axis": .int(1)]) { old, _ in old }, name: "split")
    let network = try load(
      model(
        opset: opset, inputs: [value("x", [1, 6, 4, 4])], outputs: ["b", "a"],
        initializers: sizes.map { [integers("sizes", $0)] } ?? [], [split]))
    #expect(network.nodes.map(\.name) == ["split/0", "split/1"])
    #expect(network.outputs.map { network[$0].name } == ["b", "a"])
    #expect(network.outputs.map { network[$0].shape } == [[1, 4, 4, 4], [1, 2, 4, 4]])
  }

  @Test func lastPartOfAnUnevenSplitIsSmaller() throws {
    let split = node("Split", ["x"], ["a", "b"], ["axis": .int(1), "num_outputs": .int(2)])
    let network = try load(model(opset: 18, outputs: ["a", "b"], [split]))
    #expect(network.outputs.map { network[$0].shape[1] } == [2, 1])
  }

  @Test(arguments: [(6, "older than 7"), (29, "newer than 28"), (-1, "older"), (.max, "newer")] as [(Int64, String)])
  func otherOpsetsAreRefused(_ opset: Int64, _ reason: String) {
    #expect(message(model(opset: opset, [node("Relu", ["x"], ["y"])])).contains(reason))
  }

  @Test func domainHasAnAlias() throws {
    var model = model([node("Relu", ["x"], ["y"], domain: "ai.onnx")])
    model.opsetImport[0].domain = "ai.onnx"
    #expect(try load(model).operations == [.activation(.clamp(Clamp(min: 0)))])
    model.opsetImport = []
    #expect(message(model).contains("does not say which version"))
  }
}
