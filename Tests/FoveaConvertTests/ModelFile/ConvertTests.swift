import FoveaConvert
import FoveaCore
import FoveaGraph
import FoveaRuntime
import Testing

/// What `convert` refuses, in words, and that it makes the same file of the same network each time.
struct ConvertTests {
  private func message(
    _ name: String = "conv_1x1_13", _ precision: Precision = .float, preprocessing: Preprocessing? = nil,
    labels: [String] = [], method: CalibrationMethod = .minMax, calibration: CalibrationInputs? = nil
  ) throws -> String {
    var network = try Fixture(name).network
    network.source = "net.onnx"
    let options = ConversionOptions(
      precision: precision, preprocessing: preprocessing, labels: labels, calibrationMethod: method)
    do throws(ConversionError) {
      _ = try convert(network, options: options, calibration: calibration)
      return "converted"
    } catch {
      return error.description
    }
  }

  @Test func calibrationThatCannotWork() throws {
    let count = try Fixture("conv_1x1_13").inputs[0].count
    let good = [Float](repeating: 1, count: count)
    func message(_ inputs: [[[Float]]]) throws -> String {
      try self.message(
        "conv_1x1_13", .int8, calibration: CalibrationInputs(count: inputs.count) { inputs[$0] })
    }
    #expect(
      try self.message("conv_1x1_13", .int8)
        == "calibration: int8 needs inputs to measure activations with: give a folder of photos")
    #expect(try message([]) == "calibration: there are no calibration inputs")
    #expect(try message([[good, good]]) == "calibration: the network has 1 inputs, but calibration gives 2")
    #expect(try message([[[1]]]).hasPrefix("calibration: input \""))
    #expect(try message([[good]]) == "converted")
    // Nothing to measure: everything stays float.
    #expect(try message([[Array(repeating: .nan, count: count)]]) == "converted")
    let failing = CalibrationInputs(count: 1) { _ throws(ConversionError) in throw .calibration(reason: "no photo") }
    #expect(try self.message("conv_1x1_13", .int8, calibration: failing) == "calibration: no photo")
  }

  @Test(arguments: [
    CalibrationMethod.minMax, .percentile(0.999), .percentile(1), .percentile(0), .meanSquaredError, .entropy,
    .automatic,
  ])
  func everyMethodConverts(_ method: CalibrationMethod) throws {
    let inputs = try Fixture("inverted_residual_13").variants(3)
    let calibration = CalibrationInputs(count: inputs.count) { inputs[$0] }
    #expect(try message("inverted_residual_13", .int8, method: method, calibration: calibration) == "converted")
  }

  @Test func photosAndLabelsThatDoNotFit() throws {
    let preprocessing = Preprocessing(
      width: 224, height: 200, crop: 1, filter: .bicubic, channelOrder: .rgb, mean: .init(0, 0, 0),
      standardDeviation: .init(1, 1, 1))
    let network = try Fixture("conv_1x1_13").network
    let (input, output) = (network[network.inputs[0]], network[network.outputs[0]])
    #expect(
      try message(preprocessing: preprocessing)
        == "net.onnx: input \"\(input.name)\" is \(input.shape), which does not take a 224x200 colour photo")
    #expect(
      try message(labels: ["one", "two"])
        == "net.onnx: there are 2 labels, but output \"\(output.name)\" has \(output.shape.reduce(1, *)) classes")
  }

  @Test(arguments: SmallModels.all)
  func theSameBytesEachTime(_ name: String, _ precision: Precision) throws {
    let bytes = try SmallModels.bytes(name, precision)
    for _ in 0..<3 { #expect(try SmallModels.bytes(name, precision) == bytes) }
  }

  private func hasDigest(_ model: ONNXModelProto) throws -> Bool {
    let network = try importONNX(model: model, source: "test.onnx")
    let precision = network.isQuantized ? Precision.int8 : .float
    let bytes = try convert(network, options: ConversionOptions(precision: precision)).bytes
    return try Model(bytes: bytes).json.contains("verification")
  }

  /// A file of a few hundred bytes can ask for outputs of 256 MB: it is converted, but not run for the digest of its outputs.
  /// Outputs of 128 MB need little memory, and too much time.
  @Test(arguments: [(4, true), (23, false), (24, false)])
  func noDigestOfHugeOutputs(doublings: Int, hasDigest expected: Bool) throws {
    let nodes = (0..<doublings).map { node("Concat", ["v\($0)", "v\($0)"], ["v\($0 + 1)"], ["axis": .int(1)]) }
    let digest = try hasDigest(model(inputs: [value("v0", [1, 4])], outputs: ["v\(doublings)"], nodes))
    #expect(digest == expected)
  }

  /// Nor does it get weeks to compare 10^14 bytes of windows.
  @Test(arguments: [(5, true), (3001, false)])
  func noDigestOfHugeWindows(size: Int64, hasDigest expected: Bool) throws {
    let padding = (size - 1) / 2
    let digest = try hasDigest(
      model(
        inputs: [value("x", [1, 1, size, size])],
        initializers: [floats("scale", [], [0.1]), raw("zero", [], type: 2, [0])],
        [
          node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
          node("DequantizeLinear", ["q", "scale", "zero"], ["d"]),
          node(
            "MaxPool", ["d"], ["m"],
            ["kernel_shape": .ints([size, size]), "pads": .ints([padding, padding, padding, padding])]),
          node("QuantizeLinear", ["m", "scale", "zero"], ["r"]),
          node("DequantizeLinear", ["r", "scale", "zero"], ["y"]),
        ]))
    #expect(digest == expected)
  }
}
