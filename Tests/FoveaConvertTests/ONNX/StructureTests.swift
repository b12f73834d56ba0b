import FoveaConvert
import FoveaGraph
import Testing

/// Names, order, inputs and outputs of a graph.
struct StructureTests {
  @Test func unsortedNodesAreSorted() throws {
    let network = try load(
      model([node("Tanh", ["b"], ["y"]), node("Sigmoid", ["a"], ["b"]), node("Relu", ["x"], ["a"])]))
    #expect(network.operations == [.activation(.clamp(Clamp(min: 0))), .activation(.sigmoid), .activation(.tanh)])
    try checkSoundness(network)
  }

  @Test func deadNodesAreDropped() throws {
    let network = try load(
      model(
        initializers: [floats("w", [1]), floats("unread", [1])],
        [node("Relu", ["x"], ["y"]), node("Mul", ["x", "w"], ["z"]), node("Nonsense", ["z"], ["zz"])]))
    #expect(network.nodes.count == 1)
    #expect(network.constants.isEmpty)
    #expect(network.values.count == 2)
  }

  @Test func initializersMayBeInputs() throws {
    let inputs = [value("x", [1, 3, 4, 4]), value("w", [1], type: 7)]
    let network = try load(model(inputs: inputs, initializers: [floats("w", [1])], [node("Mul", ["x", "w"], ["y"])]))
    #expect(network.inputs.map { network[$0].name } == ["x"])
    #expect(network.constants.count == 1)
  }

  @Test func unnamedNodesGetNames() throws {
    let network = try load(model([node("Relu", ["x"], ["a"]), node("Tanh", ["a"], ["y"], name: "last")]))
    #expect(network.nodes.map(\.name) == ["Relu_0", "last"])
    #expect(network.values.map(\.name) == ["x", "a", "y"])
  }

  @Test func aConstantMayBeAnOutput() throws {
    let network = try load(
      model(outputs: ["w", "y", "x"], initializers: [floats("w", [2])], [node("Relu", ["x"], ["y"])]))
    #expect(network.outputs.map { network[$0].name } == ["w", "y", "x"])
    try checkSoundness(network)
  }

  @Test func missingBatchIsOne() throws {
    for dims in [[nil, 3, 4, 4], [1, 3, 4, 4]] as [[Int64?]] {
      let network = try load(model(inputs: [value("x", dims)], [node("Relu", ["x"], ["y"])]))
      #expect(network[network.inputs[0]].shape == [1, 3, 4, 4])
    }
    var anonymous = value("x", [1, 3, 4, 4])
    anonymous.type.tensorType.shape.dim[0].value = nil
    #expect(message(model(inputs: [anonymous], [node("Relu", ["x"], ["y"])])) == "imported")
  }

  static let relu = node("Relu", ["x"], ["y"])
  static let refusals: [(model: ONNXModelProto, reason: String)] = [
    (
      model(inputs: [value("x", [1, 3, nil, 4])], [relu]),
      #"input "x": dimension 2 has no number, only the name "n"; fix it with --shape"#
    ),
    (model(inputs: [value("x", [1, -3])], [relu]), #"input "x": dimension 1 is -3"#),
    (model(inputs: [value("x", [0, 3])], [relu]), #"input "x": dimension 0 is 0"#),
    (model(inputs: [value("x", [.max, .max])], [relu]), "is too large"),
    (model(inputs: [value("x", [Int64](repeating: 1, count: 9))], [relu]), "it has 9 dimensions"),
    (model(inputs: [value("x", [1], type: 7)], [relu]), "its element type is int64; only float is supported"),
    (model(inputs: [value("x", [1], type: 10)], [relu]), "its element type is float16; only float is supported"),
    (model(inputs: [ONNXValueInfoProto.with { $0.name = "x" }], [relu]), "it is not a tensor"),
    (model(inputs: [value("x", [1]), value("x", [1])], [relu]), #"two things make the value "x""#),
    (model([relu, relu]), #"two things make the value "y""#),
    (model([node("Relu", ["x"], ["x"])]), #"two things make the value "x""#),
    (model(initializers: [floats("w", [1]), floats("w", [1])], [relu]), #"two initializers are named "w""#),
    (model(outputs: ["y", "z"], [relu]), #"nothing makes the output "z""#),
    (model(outputs: ["y", "y"], [relu]), #"the output "y" is listed twice"#),
    (model(outputs: [], [relu]), "the graph has no outputs"),
    (
      model([node("Relu", ["w"], ["y"])]),
      #"node "Relu_0" (Relu) reads "w", which is neither an input, an initializer nor another node's output"#
    ),
    (model([node("Add", ["x", "y"], ["y"], name: "self")]), #"nodes form a cycle: "self""#),
    (
      model([node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Relu", ["b"], ["y"])]),
      #"nodes form a cycle: "Add_0", "Relu_1""#
    ),
    (model([node("Shape", ["x"], ["y"])]), #"the output "y" holds integers"#),
    (declared([1, 3, 4, 5]), #"the output "y" is declared with the shape [1, 3, 4, 5], and has [1, 3, 4, 4]"#),
    (ONNXModelProto(), "not an ONNX model: it has no graph"),
  ]

  private static func declared(_ dims: [Int64?]) -> ONNXModelProto {
    var model = model([relu])
    model.graph.output = [value("y", dims)]
    return model
  }

  @Test(arguments: refusals)
  func isRefused(_ example: (model: ONNXModelProto, reason: String)) {
    let text = message(example.model)
    #expect(text.hasPrefix("test.onnx: "))
    #expect(text.contains(example.reason))
  }

  @Test func partlyDeclaredOutputsAreNotCompared() throws {
    #expect(message(Self.declared([nil, 3, 4, 4])) == "imported")
    #expect(message(Self.declared([1, 3, 4, 4])) == "imported")
  }

  @Test func everyUnsupportedNodeIsListed() {
    var example = model([
      node("Einsum", ["x", "x"], ["a"], ["equation": .string("a,b->ab")]),
      node("Relu", ["a"], ["b"]),
      node("Sqrt", ["x"], ["c"], name: "root"),
      node("Mystery", ["b"], ["d"], ["k": .ints([1, 2]), "t": .tensor(floats("", [2]))], domain: "org.example"),
      node("Block", ["c"], ["e"], domain: "pkg.torch"),
      // Wrong as well, and listed behind what is unsupported.
      node("Concat", ["x"], ["f"]),
      node("Cast", ["words"], ["g"], ["to": .int(1)]),
      node("Sum", ["d", "e", "f", "g"], ["y"]),
    ])
    var function = ONNXFunctionProto()
    (function.domain, function.name) = ("pkg.torch", "Block")
    example.functions = [function]
    example.graph.initializer = [raw("words", [2], type: 8, [])]
    #expect(
      message(example) == """
        test.onnx: 3 unsupported nodes: "Einsum_0" (Einsum, opset 17) [equation="a,b->ab"]; \
        "Mystery_3" (org.example.Mystery, opset 0) [k=[1, 2], t=tensor of shape [2]]; "Block_4" (pkg.torch.Block, opset 0) \
        [a function that the file defines: export the model with functions inlined]; node "Concat_5" (Concat): \
        the axis is missing; initializer "words": its element type is string, which is not supported
        """)
  }

  @Test func progressCountsNodes() throws {
    var seen: [[Int]] = []
    let example = model([node("Relu", ["x"], ["a"]), node("Tanh", ["a"], ["y"])])
    _ = try importONNX(model: example, source: "test.onnx", progress: { seen.append([$0, $1]) })
    #expect(seen == [[1, 2], [2, 2]])
  }

  @Test func efficientNetLite0() throws {
    let network = try importONNX(path: repository + "/models/efficientnet_lite0.onnx")
    #expect(network.inputs.map { network[$0].shape } == [[1, 3, 224, 224]])
    #expect(network.outputs.map { network[$0].shape } == [[1, 1000]])
    try checkSoundness(network)
  }
}
