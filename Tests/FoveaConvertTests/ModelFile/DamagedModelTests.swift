import FoveaConvert
import FoveaCore
import FoveaRuntime
import Testing

/// A model file that is not as it was written is refused with a typed error, wherever the damage is.
struct DamagedModelTests {
  private func small() throws -> [UInt8] { try SmallModels.bytes("conv_depthwise_3x3_13", .int8) }

  @Test func sealingChangesNothingOfAGoodFile() throws {
    for (name, precision) in SmallModels.all {
      var model = ModelBytes(try SmallModels.bytes(name, precision))
      let before = model.bytes
      model.seal()
      #expect(model.bytes == before, "\(name)")
      #expect(try refusal(before) == nil, "\(name)")
    }
  }

  @Test(arguments: [0x01, 0x80, 0xFF, 0x20, 0x5A] as [UInt8])
  func everyFlippedByteIsSeen(mask: UInt8) throws {
    var bytes = try small()
    var accepted: [Int] = []
    for position in bytes.indices {
      bytes[position] ^= mask
      if try refusal(bytes) == nil { accepted.append(position) }
      bytes[position] ^= mask
    }
    #expect(accepted.isEmpty)
    #expect(try refusal(bytes) == nil)
  }

  @Test func everyTruncationIsSeen() throws {
    let bytes = try small()
    var accepted: [Int] = []
    for count in bytes.indices where try refusal(Array(bytes.prefix(count))) == nil { accepted.append(count) }
    #expect(accepted.isEmpty)
    #expect(try refusal(bytes + Array(repeating: 0, count: 64)) == ModelError(.checksumMismatch, in: .constant))
    #expect(try refusal(bytes + [0]) == ModelError(.misaligned, in: .file))
  }

  @Test func otherFilesAreNoModels() throws {
    #expect(try refusal([]) == ModelError(.notAModel, in: .file))
    #expect(
      try refusal(Array("not a model at all, but a text of some length".utf8)) == ModelError(.notAModel, in: .file))
    #expect(try refusal(Array(repeating: 0, count: 4096)) == ModelError(.notAModel, in: .file))
    #expect(try refusal(Array(repeating: 0xFF, count: 4096)) == ModelError(.notAModel, in: .file))
    // Another safetensors file.
    let json = Array(#"{"x":{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}}    "#.utf8)
    #expect(
      try refusal([UInt8(json.count)] + Array(repeating: 0, count: 7) + json + Array(repeating: 1, count: 4000))
        == ModelError(.notAModel, in: .file))
  }

  @Test(arguments: [0, 1, 8, 63, 64, 1 << 20, 1 << 32, 1 << 40, 1 << 62, -1, -8, -129, .max, .min])
  func hostileHeaderLengths(length: Int) throws {
    var bytes = try small()
    for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: length >> (i * 8)) }
    #expect(try refusal(bytes) != nil)
    // The same where the length ends within the file's last bytes.
    for short in stride(from: 0, to: 300, by: 4) {
      let length = bytes.count - 8 - short
      for i in 0..<8 { bytes[i] = UInt8(truncatingIfNeeded: length >> (i * 8)) }
      #expect(try refusal(bytes) != nil)
    }
  }

  @Test func otherVersionsAreNamed() throws {
    for version in [0, 2, 3, -1] as [Int32] {
      var model = ModelBytes(try small())
      model[2] = version
      model.seal()
      #expect(try refusal(model.bytes) == ModelError(.unsupportedVersion, in: .header, found: Int(version)))
    }
    let error = FoveaError.invalidModel(
      file: "net.fovea", ModelError(.unsupportedVersion, in: .header, found: 2))
    #expect(
      error.description
        == "net.fovea: model format version 2 is not supported (this is version 1); convert the network again")
  }

  /// Data that a header of another length moves off the 64-byte boundaries.
  @Test func misalignedDataIsRefused() throws {
    let bytes = try small()
    let offset = ModelBytes(bytes).dataOffset
    for shift in [4, 8, 32] {
      let length = offset - 8 + shift
      var moved = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
      moved += bytes[8..<offset]
      moved += Array(repeating: UInt8(ascii: " "), count: shift)
      moved += bytes[offset...]
      moved += Array(repeating: 0, count: 64 - shift)
      #expect(try refusal(moved) == ModelError(.misaligned, in: .file))
    }
  }
}
