import FoveaConvert
import FoveaGraph
import Testing

/// Quantization that cannot be imported says why.
struct QuantizationErrorTests {
  private static let scale = floats("s", [], [0.5])
  private static let zero = raw("z", [], type: 2, [100])

  static let cases: [(nodes: [ONNXNodeProto], initializers: [ONNXTensorProto], reason: String)] = [
    ([node("DynamicQuantizeLinear", ["x"], ["y"])], [], "give --calibrate"),
    ([node("ConvInteger", ["x", "w"], ["y"])], [floats("w", [1])], "quantized dynamically"),
    ([node("MatMulInteger", ["x", "w"], ["y"])], [floats("w", [1])], "quantized dynamically"),
    ([node("QuantizeLinear", ["x", "x"], ["y"])], [], "the scale is not a constant of floats"),
    ([node("QuantizeLinear", ["x", "s"], ["y"])], [floats("s", [], [0])], "one positive number"),
    ([node("QuantizeLinear", ["x", "s"], ["y"])], [floats("s", [], [.nan])], "one positive number"),
    ([node("QuantizeLinear", ["x", "s"], ["y"])], [floats("s", [], [-.infinity])], "one positive number"),
    ([node("QuantizeLinear", ["x", "s"], ["y"])], [floats("s", [1, 1], [1])], "one positive number"),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["y"], ["axis": .int(1)])],
      [floats("s", [3], [1, 2, 3]), raw("z", [3], type: 2, [0, 0, 0])], "3 scales, one a channel"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["y"])], [scale, raw("z", [2], type: 2, [0, 0])],
      "1 scales and 2 zero points"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["y"])], [scale, raw("z", [], type: 5, [1, 0])],
      "int8 and uint8 are"
    ),
    ([node("QuantizeLinear", ["x", "s", "x"], ["y"])], [scale], "not a constant of integers"),
    (
      [node("QuantizeLinear", ["x", "s"], ["y"], ["output_dtype": .int(4)])], [scale], "it quantizes to uint16"
    ),
    ([node("QuantizeLinear", ["x", "s"], ["y"], ["block_size": .int(2)])], [scale], "in blocks"),
    ([node("DequantizeLinear", ["x", "s", "z"], ["y"])], [scale, zero], "expected 8-bit integers"),
    ([node("DequantizeLinear", ["w", "s"], ["y"])], [scale, floats("w", [1])], "expected integers"),
    (
      [node("DequantizeLinear", ["w", "s"], ["y"], ["axis": .int(2)])],
      [floats("s", [3], [1, 2, 3]), raw("w", [3, 1], type: 3, [1, 2, 3])], "3 scales for axis 2"
    ),
    (
      [node("DequantizeLinear", ["w", "s"], ["y"], ["axis": .int(.min)])],
      [floats("s", [3], [1, 2, 3]), raw("w", [3, 1], type: 3, [1, 2, 3])], "3 scales for axis"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("DequantizeLinear", ["q", "t", "z"], ["y"])],
      [scale, zero, floats("t", [], [0.25])], "another scale or zero point"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Relu", ["q"], ["y"])], [scale, zero],
      "put a DequantizeLinear before it"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Add", ["q", "x"], ["y"])], [scale, zero],
      "put a DequantizeLinear before it"
    ),
    (
      [
        node("QuantizeLinear", ["x", "s", "z"], ["a"]), node("QuantizeLinear", ["x", "s"], ["b"]),
        node("Concat", ["a", "b"], ["y"], ["axis": .int(1)]),
      ], [scale, zero], "put a DequantizeLinear before it"
    ),
    ([node("QuantizeLinear", ["x", "s", "z"], ["y"])], [scale, zero], "holds 8-bit integers"),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Cast", ["q"], ["y"], ["to": .int(3)])], [scale, zero],
      "casts 8-bit integers to int8"
    ),
    (
      [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Cast", ["q"], ["y"], ["to": .int(1)])], [scale, zero],
      "casts 8-bit integers to float,"
    ),
  ]

  @Test(arguments: cases)
  func isRefused(_ example: (nodes: [ONNXNodeProto], initializers: [ONNXTensorProto], reason: String)) {
    #expect(message(model(initializers: example.initializers, example.nodes)).contains(example.reason))
  }

  @Test("integers move like the numbers that they stand for, and keep their scale")
  func movedIntegers() throws {
    let network = try load(
      model(
        initializers: [Self.scale, Self.zero],
        [
          node("QuantizeLinear", ["x", "s", "z"], ["q"]),
          node("Transpose", ["q"], ["t"], ["perm": .ints([0, 1, 3, 2])]),
          node("DequantizeLinear", ["t", "s", "z"], ["y"]),
        ]))
    #expect(
      network.nodes.map(\.operation) == [
        .quantizeDequantize(AffineQuantization(scale: 0.5, zeroPoint: 100)), .transpose([0, 1, 3, 2]),
      ])
  }

  @Test("integers cast to the type that they have are left as they are", arguments: [2, 3])
  func castIntegers(_ type: Int64) throws {
    let zero = raw("z", [], type: Int32(type), [100])
    let network = try load(
      model(
        initializers: [Self.scale, zero],
        [
          node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("Cast", ["q"], ["c"], ["to": .int(type)]),
          node("DequantizeLinear", ["c", "s", "z"], ["y"]),
        ]))
    let quantization = AffineQuantization(scale: 0.5, zeroPoint: type == 2 ? 100 : 228)
    #expect(network.nodes.map(\.operation) == [.quantizeDequantize(quantization), .identity])
  }

  @Test("signed integers are counted from 0 by adding 128; a constant is rounded and known as such")
  func constants() throws {
    let nodes = [
      node("QuantizeLinear", ["w", "s", "z"], ["q"], ["axis": .int(0)]),
      node("DequantizeLinear", ["q", "s", "z"], ["y"], ["axis": .int(0)]),
    ]
    let initializers = [
      floats("w", [2, 2], [0.24, -9, 1, 1000]), floats("s", [2], [0.5, 2]), raw("z", [2], type: 3, [0, 0xFF]),
    ]
    let network = try load(model(initializers: initializers, nodes))
    let tensor = try #require(network.constants[network.outputs[0]])
    // The second row: 0.5 rounds to even, and 500 is cut at 127, which stands for 128 steps of 2.
    #expect(tensor.floats == [0, -9, 0, 256])
    #expect(tensor.grid == QuantizationGrid(axis: 0, scales: [0.5, 2], zeroPoints: [128, 127]))
  }
}
