import FoundationEssentials

/// The JSON header of a safetensors file, padded with spaces so that the data after it starts on a 64-byte boundary.
///
/// The format wants tensors to fill the data section without holes, so each one whose bytes are not a multiple of 64 is
/// followed by a small padding tensor.
func safetensorsHeader(
  programBytes: Int, constants: [ConstantTensor], metadata: ModelMetadata, file: String
) throws(ConversionError) -> [UInt8] {
  struct Entry: Encodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }
  var entries: [String: Entry] = [:]
  var offset = 0
  func add(_ name: String, _ dtype: String, _ shape: [Int], bytes: Int) {
    // Node names need not be unique in ONNX; tensor names must be here, and one name is the format's own.
    var unique = name
    var number = 2
    while entries[unique] != nil || unique == "__metadata__" {
      unique = "\(name).\(number)"
      number += 1
    }
    entries[unique] = Entry(dtype: dtype, shape: shape, offsets: [offset, offset + bytes])
    offset += bytes
  }
  add("fovea.program", "U8", [programBytes], bytes: programBytes)
  for (index, constant) in constants.enumerated() {
    add(constant.name, constant.kind.rawValue, constant.shape, bytes: constant.bytes.count)
    let padding = (64 - offset % 64) % 64
    if padding > 0 { add("fovea.padding.\(index)", "U8", [padding], bytes: padding) }
  }

  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  do {
    // Values of __metadata__ are strings by the format, so ours is JSON in a string.
    let description = String(decoding: try encoder.encode(metadata), as: UTF8.self)
    let table = try encoder.encode(entries)
    let note = try encoder.encode(["__metadata__": ["fovea": description]])
    var json = Array(note.dropLast()) + Array(",".utf8) + Array(table.dropFirst())
    json += Array(repeating: UInt8(ascii: " "), count: (64 - (json.count + 8) % 64) % 64)
    return json
  } catch {
    throw .invalidNetwork(file: file, reason: "names cannot be written as JSON: \(error)")
  }
}
