import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

/// Constants in every way that the format can store them.
struct EncodingTests {
  /// What x + w reads as w when w is stored so.
  private func decoded(_ tensor: ONNXTensorProto) throws -> Tensor {
    var tensor = tensor
    tensor.name = "w"
    let network = try load(
      model(
        inputs: [value("x", [2, 2])], initializers: [tensor], [node("Cast", ["w"], ["f"], ["to": .int(1)]), add]))
    return try #require(network.constants.first { network[$0.key].name == "f" }?.value)
  }

  private var add: ONNXNodeProto { node("Add", ["x", "f"], ["y"]) }

  /// Little-endian bytes of integers.
  private static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in
      (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
  }

  static let numbers: [Float] = [0, 1, -2.5, 1024]

  static let encodings: [(name: String, ONNXTensorProto, [Float])] = [
    ("float raw", raw("", [2, 2], type: 1, bytes(numbers.map(\.bitPattern))), numbers),
    ("double raw", raw("", [2, 2], type: 11, bytes(numbers.map { Double($0).bitPattern })), numbers),
    ("half raw", raw("", [2, 2], type: 10, bytes([0, 0x3c00, 0xc100, 0x6400] as [UInt16])), numbers),
    ("bfloat raw", raw("", [2, 2], type: 16, bytes([0, 0x3f80, 0xc020, 0x4480] as [UInt16])), numbers),
    (
      "half extremes", raw("", [2, 2], type: 10, bytes([0x8000, 1, 0x83ff, 0xfc00] as [UInt16])),
      [-0.0, 0x1p-24, -0x1.ff8p-15, -.infinity]
    ),
    ("int8 raw", raw("", [2, 2], type: 3, [0, 1, 255, 128]), [0, 1, -1, -128]),
    ("uint8 raw", raw("", [2, 2], type: 2, [0, 1, 255, 128]), [0, 1, 255, 128]),
    ("bool raw", raw("", [2, 2], type: 9, [0, 1, 255, 128]), [0, 1, 1, 1]),
    ("int16 raw", raw("", [2, 2], type: 5, bytes([0, 1, -1, -300] as [Int16])), [0, 1, -1, -300]),
    ("uint16 raw", raw("", [2, 2], type: 4, bytes([0, 1, 65535, 300] as [UInt16])), [0, 1, 65535, 300]),
    ("int32 raw", raw("", [2, 2], type: 6, bytes([0, 1, -1, 70000] as [Int32])), [0, 1, -1, 70000]),
    ("uint32 raw", raw("", [2, 2], type: 12, bytes([0, 1, 1 << 31, 7] as [UInt32])), [0, 1, 0x1p31, 7]),
    ("int64 raw", raw("", [2, 2], type: 7, bytes([0, 1, -1, 1 << 40] as [Int64])), [0, 1, -1, 0x1p40]),
    ("uint64 raw", raw("", [2, 2], type: 13, bytes([0, 1, 2, 1 << 40] as [UInt64])), [0, 1, 2, 0x1p40]),
    ("float list", FoveaConvertTests.floats("", [2, 2], numbers), numbers),
    ("double list", list(11) { $0.doubleData = numbers.map { Double($0) } }, numbers),
    ("half list", list(10) { $0.int32Data = [0, 0x3c00, 0xc100, 0x6400] }, numbers),
    ("bfloat list", list(16) { $0.int32Data = [0, 0x3f80, 0xc020, 0x4480] }, numbers),
    ("int8 list", list(3) { $0.int32Data = [0, 1, -1, -128] }, [0, 1, -1, -128]),
    ("bool list", list(9) { $0.int32Data = [0, 1, 1, 0] }, [0, 1, 1, 0]),
    ("int32 list", list(6) { $0.int32Data = [0, 1, -1, 70000] }, [0, 1, -1, 70000]),
    ("int64 list", list(7) { $0.int64Data = [0, 1, -1, 1 << 40] }, [0, 1, -1, 0x1p40]),
    ("uint32 list", list(12) { $0.uint64Data = [0, 1, 2, 1 << 31] }, [0, 1, 2, 0x1p31]),
  ]

  private static func list(_ type: Int32, _ fill: (inout ONNXTensorProto) -> Void) -> ONNXTensorProto {
    var tensor = ONNXTensorProto()
    tensor.dims = [2, 2]
    tensor.dataType = type
    fill(&tensor)
    return tensor
  }

  @Test(arguments: encodings)
  func isDecoded(_ encoding: (name: String, tensor: ONNXTensorProto, expected: [Float])) throws {
    let tensor = try decoded(encoding.tensor)
    #expect(tensor.shape == [2, 2])
    #expect(tensor.floats == encoding.expected)
  }

  static let damaged: [(name: String, ONNXTensorProto, reason: String)] = [
    ("too few bytes", raw("", [2, 2], type: 1, [0, 0, 0, 0]), "it has 4 bytes of data, its shape [2, 2] needs 16"),
    (
      "too few floats", FoveaConvertTests.floats("", [2, 2], [1]),
      "it has 1 elements of type float, its shape [2, 2] needs 4"
    ),
    ("another list", list(1) { $0.int32Data = [1, 2, 3, 4] }, "it has 0 elements"),
    ("huge", raw("", [.max, .max], type: 1, [0]), "which no value can have"),
    ("product that wraps to 0", raw("", [1 << 32, 1 << 32], type: 1, []), "which no value can have"),
    ("large", raw("", [1 << 31], type: 11, []), "its shape [2147483648] needs 17179869184"),
    ("negative", raw("", [-1, -4], type: 1, [0, 0, 0, 0]), "its shape is [-1, -4]"),
    ("many dimensions", raw("", [Int64](repeating: 1, count: 1000), type: 1, [0, 0, 0, 0]), "it has 1000 dimensions"),
    ("string", raw("", [2, 2], type: 8, []), "its element type is string, which is not supported"),
    ("float8", raw("", [2, 2], type: 17, [0, 0, 0, 0]), "its element type is float8e4m3fn, which is not supported"),
    ("unknown type", raw("", [2, 2], type: 12345, []), "its element type is number 12345"),
    ("segment", list(1) { $0.segment.end = 4 }, "it is stored in segments"),
    ("unknown place", list(1) { $0.dataLocation = 7 }, "its data location is 7"),
    ("external", list(1) { $0.dataLocation = 1 }, "its data lies in another file that is not named"),
  ]

  @Test(arguments: damaged)
  func isRefused(_ example: (name: String, tensor: ONNXTensorProto, reason: String)) {
    var tensor = example.tensor
    tensor.name = "w"
    let text = message(model(inputs: [value("x", [2, 2])], initializers: [tensor], [node("Add", ["x", "w"], ["y"])]))
    #expect(text.hasPrefix("test.onnx: initializer \"w\": "))
    #expect(text.contains(example.reason))
    // The same as an attribute.
    let constant = node("Constant", [], ["w"], ["value": .tensor(tensor)])
    let other = message(model(inputs: [value("x", [2, 2])], [constant, node("Add", ["x", "w"], ["y"])]))
    #expect(other.hasPrefix("test.onnx: node \"Constant_0\" (Constant): the attribute \"value\": "))
    #expect(other.contains(example.reason))
  }

  /// Nobody decodes what nobody reads.
  @Test func unreadConstantsDoNotMatter() throws {
    let string = raw("unread", [2], type: 8, [])
    #expect(try load(model(initializers: [string], [node("Relu", ["x"], ["y"])])).nodes.count == 1)
  }
}
