import FoveaConvert
import FoveaGraph
import Testing

/// What a user gets to know at once: every problem of a file, and what to do about it.
struct ProblemListTests {
  @Test func everyProblemIsListed() {
    let text = message(
      model(
        outputs: ["a", "b", "c"],
        [
          node("NonMaxSuppression", ["x", "x"], ["a"], name: "nms"),
          node("MaxPool", ["x"], ["b"], name: "pool"),
          node("Clip", ["x", "x"], ["c"], name: "clip"),
        ]))
    #expect(text.hasPrefix("test.onnx: "))
    #expect(!text.dropFirst(11).contains("test.onnx"))
    #expect(text.contains("\"nms\" (NonMaxSuppression, opset 17)"))
    #expect(text.contains("raw boxes and scores"))
    #expect(text.contains("node \"pool\" (MaxPool): kernel_shape is missing"))
    #expect(text.contains("node \"clip\" (Clip): the lower bound is computed when the network runs"))
  }

  @Test func oneProblemIsItself() {
    let error = #expect(throws: ConversionError.self) {
      try load(model([node("MaxPool", ["x"], ["y"], name: "pool")]))
    }
    guard case .invalidNode(_, "pool", "MaxPool", _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}

/// `--shape`.
struct FixedShapeTests {
  private func imported(_ dims: [Int64?], _ shapes: [String: [Int]]) throws -> [Int] {
    let relu = model(inputs: [value("x", dims)], [node("Relu", ["x"], ["y"])])
    let network = try importONNX(model: relu, source: "test.onnx", shapes: shapes)
    return network[network.outputs[0]].shape
  }

  @Test func openDimensionsAreFixed() throws {
    #expect(try imported([nil, 3, nil, nil], ["x": [1, 3, 320, 256]]) == [1, 3, 320, 256])
    #expect(try imported([nil, 3, nil, nil], ["": [2, 3, 8, 8]]) == [2, 3, 8, 8])
    #expect(try imported([nil, 3, 4, 4], [:]) == [1, 3, 4, 4])
  }

  @Test(
    arguments: [
      (["x": [1, 4, 8, 8]], "the file says [?, 3, ?, ?]"), (["x": [3, 8, 8]], "cannot be fixed"),
      (["x": [1, 3, 0, 8]], "cannot be fixed"), (["x": [1, 3, 8, 8], "z": [1, 3, 8, 8]], "no input \"z\""),
      ([:], "fix it with --shape"),
    ] as [([String: [Int]], String)])
  func whatDoesNotFitIsRefused(_ shapes: [String: [Int]], _ reason: String) {
    let error = #expect(throws: ConversionError.self) { try imported([nil, 3, nil, nil], shapes) }
    #expect(error?.description.contains(reason) == true)
  }
}
