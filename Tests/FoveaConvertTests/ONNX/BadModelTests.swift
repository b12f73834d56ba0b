import FoveaConvert
import Testing

/// Networks that must be refused, each with its one line.
struct BadModelTests {
  static let expectations: [(name: String, reason: String)] = [
    ("cycle", #"nodes form a cycle: "first", "second""#),
    (
      "external_outside",
      #"initializer "w": its data lies outside of the model's folder ("../../../../../../../../etc/passwd"), which is refused"#
    ),
    (
      "missing_initializer",
      #"node "/features/0/Conv" (Conv) reads "features.0.weight", which is neither an input, an initializer nor "#
        + "another node's output"
    ),
    (
      "unsupported",
      #"3 unsupported nodes: "/block1/gate" (com.example.research.SpectralGate, opset 1) [sharpness=3.5]; "#
        + #""/block2/gate" (com.example.research.SpectralGate, opset 1) [sharpness=1.0]; "/head/det" (Det, opset 17)"#
    ),
  ]

  @Test(arguments: expectations)
  func isRefused(_ expected: (name: String, reason: String)) {
    let path = "\(OperatorFixtureTests.folder)/bad/\(expected.name).onnx"
    let error = #expect(throws: ConversionError.self) { try importONNX(path: path) }
    #expect(error?.description == "\(path): \(expected.reason)")
  }

  @Test func namesTheNodeOfAWrongShape() {
    let path = "\(OperatorFixtureTests.folder)/bad/wrong_shape.onnx"
    let error = #expect(throws: ConversionError.self) { try importONNX(path: path) }
    guard case .invalidNode(path, "/features/0/Conv", "Conv", let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("[4, 5, 3, 3]"))
  }

  @Test(arguments: ["/nowhere/net.onnx", "/dev/null", "/"])
  func cannotBeRead(_ path: String) {
    let error = #expect(throws: ConversionError.self) { try importONNX(path: path) }
    guard case .cannotRead(path, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
