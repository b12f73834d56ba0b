import FoveaConvert
import Testing

/// Reading and writing NumPy files. Expected values are what NumPy's documentation of the format says.
@Suite struct NumPyTests {
  @Test(arguments: [[], [3], [2, 3], [1, 3, 2, 2], [0, 4]])
  func roundTrip(shape: [Int]) throws {
    let values = (0..<shape.reduce(1, *)).map { Float($0) - 2.5 }
    let array = NumPyArray(shape: shape, values: values)
    let bytes = array.fileBytes
    #expect(try NumPyArray(bytes: bytes, name: "x") == array)
    #expect((bytes.count - values.count * 4).isMultiple(of: 64), "elements begin on a multiple of 64")
  }

  @Test(
    arguments: [
      ("<f2", [0x00, 0x3C, 0x00, 0xC0], [1, -2]), ("<f4", [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], [1, -2]),
      ("<f8", [0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0], [1, -2]), ("|b1", [0, 1], [0, 1]),
      ("|u1", [7, 255], [7, 255]), ("|i1", [7, 255], [7, -1]), ("<i2", [1, 0, 0xFE, 0xFF], [1, -2]),
      ("<u2", [1, 0, 0, 1], [1, 256]), ("<i4", [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF], [1, -2]),
      ("<u4", [1, 0, 0, 0, 0, 0, 0, 0x80], [1, 0x1p31]),
      ("<i8", [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8), [1, -1]),
      ("<u8", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80], [1, 0x1p63]),
    ] as [(String, [UInt8], [Float])])
  func elementTypes(type: String, bytes: [UInt8], expected: [Float]) throws {
    #expect(try NumPyArray(bytes: numPyFile(type: type, shape: "(2,)", bytes), name: "x").values == expected)
  }

  @Test(arguments: [1, 2, 3] as [UInt8])
  func versions(version: UInt8) throws {
    let array = try NumPyArray(bytes: numPyFile(type: "|u1", shape: "(1, 2)", [4, 5], version: version), name: "x")
    #expect(array == NumPyArray(shape: [1, 2], values: [4, 5]))
  }

  @Test func columnMajorOrder() throws {
    // numpy.asfortranarray(numpy.arange(6).reshape(1, 2, 3)) has these elements in memory.
    let bytes = numPyFile(type: "|u1", order: "True", shape: "(1, 2, 3)", [0, 3, 1, 4, 2, 5])
    #expect(try NumPyArray(bytes: bytes, name: "x") == NumPyArray(shape: [1, 2, 3], values: [0, 1, 2, 3, 4, 5]))
  }

  @Test(
    arguments: [
      ("not NumPy", Array("hello, world".utf8)), ("empty", []), ("magic alone", [0x93] + Array("NUMPY".utf8)),
      ("too few elements", numPyFile(type: "<f4", shape: "(2,)", [0, 0, 0, 0])),
      ("too many elements", numPyFile(type: "|u1", shape: "(2,)", [0, 0, 0])),
      ("big-endian", numPyFile(type: ">f4", shape: "(1,)", [0, 0, 0, 0])),
      ("complex", numPyFile(type: "<c8", shape: "(1,)", [UInt8](repeating: 0, count: 8))),
      ("version 9", numPyFile(type: "|u1", shape: "(1,)", [0], version: 9)),
      ("overflow", numPyFile(type: "|u1", shape: "(4294967296, 4294967296)", [])),
      ("hidden overflow", numPyFile(type: "|u1", shape: "(0, 4294967296, 4294967296)", [])),
      ("huge number", numPyFile(type: "|u1", shape: "(99999999999999999999,)", [])),
      ("negative", numPyFile(type: "|u1", shape: "(-1,)", [])),
      ("no shape", numPyFile("{'descr': '|u1', 'fortran_order': False}", [])),
      ("not a tuple", numPyFile(type: "|u1", shape: "3", [0, 0, 0])),
      ("unclosed", numPyFile("{'descr': '|u1", [])), ("no dictionary", numPyFile("", [])),
      ("twice", numPyFile("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': ()}", [0])),
      ("a header longer than the file", [0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255, 0x7B, 0x7D]),
    ] as [(String, [UInt8])])
  func refusals(what: String, bytes: [UInt8]) {
    #expect(throws: NumPyError.self, "\(what)") { try NumPyArray(bytes: bytes, name: "x.npy") }
  }

  /// Whatever a damaged file says, reading it gives an array or an error.
  @Test func damagedBytes() {
    let sound = numPyFile(type: "<f4", shape: "(2, 2)", [UInt8](repeating: 1, count: 16))
    var random = Random(state: 1)
    for _ in 0..<20_000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let array = try? NumPyArray(bytes: bytes, name: "x") {
        #expect(array.shape.reduce(1, *) == array.values.count)
      }
    }
  }
}
