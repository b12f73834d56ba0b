import FoveaCore
import Testing

/// The checksum sees every change that is confined to one 64-bit word, and the order of words and blocks.
struct ChecksumTests {
  private func checksum(_ bytes: [UInt8]) -> UInt64 {
    var checksum = Checksum()
    unsafe bytes.withUnsafeBytes { unsafe checksum.add($0) }
    return checksum.value
  }

  private let bytes = (0..<512).map { UInt8(truncatingIfNeeded: $0 * 31 + $0 >> 3) }

  @Test func everyChangedByteIsSeen() {
    let original = checksum(bytes)
    for position in bytes.indices {
      for mask in 1...255 {
        var changed = bytes
        changed[position] ^= UInt8(mask)
        #expect(checksum(changed) != original)
      }
    }
  }

  @Test func orderMatters() {
    let original = checksum(bytes)
    for word in 0..<63 {
      var changed = bytes
      for i in 0..<8 { changed.swapAt(word * 8 + i, word * 8 + 8 + i) }
      #expect(checksum(changed) != original)
    }
    for block in 0..<7 {
      var changed = bytes
      for i in 0..<64 { changed.swapAt(block * 64 + i, block * 64 + 64 + i) }
      #expect(checksum(changed) != original)
    }
    #expect(checksum(bytes + Array(repeating: 0, count: 64)) != original)
    #expect(checksum([]) != checksum(Array(repeating: 0, count: 64)))
  }

  /// Written down so that another version of Fovea, or another machine, computes the same: by a few lines of Python that
  /// follow docs/MODEL_FORMAT.md.
  @Test func valuesAreFixed() {
    #expect(checksum([]) == 0x0904_5ADF_6C54_F0D4)
    #expect(checksum(bytes) == 0x53DB_1813_B20C_8A7D)
  }

  /// The program's own checksum is kept in its second block, whose last 8 bytes count as 0.
  @Test func itsOwnPlaceDoesNotCount() {
    func value(_ bytes: [UInt8]) -> UInt64 {
      unsafe bytes.withUnsafeBytes { unsafe Checksum.ofProgram(in: $0, dataOffset: 64, byteCount: 192).value }
    }
    let original = value(bytes)
    for position in 0..<256 {
      var changed = bytes
      changed[position] ^= 1
      #expect((value(changed) == original) == (184..<192).contains(position), "\(position)")
    }
    var changed = bytes
    changed[256] ^= 1
    #expect(value(changed) == original, "constants have a checksum of their own")
  }
}
