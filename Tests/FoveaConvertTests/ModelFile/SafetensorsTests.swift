import FoundationEssentials
import FoveaConvert
import FoveaCore
import FoveaRuntime
import Testing

/// A model file is a safetensors file: any tool that knows the format can open it.
struct SafetensorsTests {
  struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// A header's tensors; `__metadata__` alone is a table of strings.
  struct Header: Decodable {
    var tensors: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Entry.self, forKey: key)
        }
      }
    }
  }

  private static let sizes = ["U8": 1, "I8": 1, "I32": 4, "F32": 4]

  @Test(arguments: SmallModels.all)
  func isASafetensorsFile(_ name: String, _ precision: Precision) throws {
    let bytes = try SmallModels.bytes(name, precision)
    let model = try Model(bytes: bytes)
    let offset = ModelBytes(bytes).dataOffset
    #expect(offset.isMultiple(of: 64))
    #expect(model.json.utf8.count == offset - 8)
    #expect(model.json.hasPrefix("{"))
    let header = try JSONDecoder().decode(Header.self, from: Data(model.json.utf8))

    // The format asks for no holes and no overlaps; Fovea for 64-byte boundaries.
    var position = 0
    for (tensor, entry) in header.tensors.sorted(by: {
      ($0.value.offsets[0], $0.value.offsets[1]) < ($1.value.offsets[0], $1.value.offsets[1])
    }) {
      let size = try #require(Self.sizes[entry.dtype])
      #expect(entry.offsets.count == 2)
      #expect(entry.offsets[0] == position, "\(tensor)")
      #expect(entry.offsets[1] - entry.offsets[0] == entry.shape.reduce(size, *), "\(tensor)")
      #expect(tensor.hasPrefix("fovea.padding.") || entry.offsets[0].isMultiple(of: 64), "\(tensor)")
      position = entry.offsets[1]
    }
    #expect(position == bytes.count - offset)
    #expect(header.tensors["fovea.program"]?.offsets == [0, Int(ModelBytes(bytes).programBytes)])

    let metadata = try JSONDecoder().decode(ModelMetadata.self, from: Data((header.metadata["fovea"] ?? "").utf8))
    #expect(metadata.precision == (precision == .int8 ? "int8" : "float"))
    #expect(metadata.steps.count == model.program.steps.count)
  }
}
