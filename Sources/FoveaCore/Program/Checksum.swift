/// A 64-bit checksum of 64-byte blocks: eight lanes, each `lane = (lane ^ word) * 129`, folded by a larger factor at the end.
///
/// Every operation is a bijection of the word that goes in, so a change confined to one word is always seen; it is a guard
/// against damage, not against intent. A factor of 2^7 + 1 is a shift and an addition, which every machine has for vectors:
/// the checksum runs at memory speed without instructions beyond SSE2 or NEON.
package struct Checksum {
  private static let prime: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var lanes = SIMD8<UInt64>(1, 2, 3, 4, 5, 6, 7, 8)

  package init() {}

  /// Adds whole blocks; bytes beyond the last whole block are not read.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    while offset + 64 <= bytes.count {
      add(unsafe Self.block(bytes, at: offset))
      offset += 64
    }
  }

  /// Adds the program's second block, in whose last word the checksum itself is kept.
  package mutating func addWithoutLastWord(_ bytes: UnsafeRawBufferPointer) {
    var block = unsafe Self.block(bytes, at: 0)
    block[7] = 0
    add(block)
  }

  // A call for each block would cost as much as its arithmetic.
  @inline(__always)
  private mutating func add(_ block: SIMD8<UInt64>) {
    lanes ^= block
    lanes &+= lanes &<< SIMD8(repeating: 7)
    // Multiplication moves differences upwards only: bring them down again.
    lanes ^= lanes &>> SIMD8(repeating: 29)
  }

  /// Eight little-endian words, as they lie: every machine that Fovea runs on is little-endian.
  private static func block(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> SIMD8<UInt64> {
    unsafe bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
  }

  package var value: UInt64 {
    var hash: UInt64 = 0
    for i in 0..<8 {
      hash = (hash ^ lanes[i]) &* Self.prime
      hash ^= hash &>> 29
    }
    return hash
  }

  /// As the header keeps it: low word, high word.
  package var words: (Int, Int) {
    (Int(Int32(truncatingIfNeeded: value)), Int(Int32(truncatingIfNeeded: value >> 32)))
  }

  /// The checksum of the JSON header and the program, which lie at the start of `file`.
  package static func ofProgram(in file: UnsafeRawBufferPointer, dataOffset: Int, byteCount: Int) -> Checksum {
    var checksum = Checksum()
    let second = dataOffset + 64
    unsafe checksum.add(UnsafeRawBufferPointer(rebasing: file[..<second]))
    unsafe checksum.addWithoutLastWord(UnsafeRawBufferPointer(rebasing: file[second..<second + 64]))
    unsafe checksum.add(UnsafeRawBufferPointer(rebasing: file[(second + 64)..<(dataOffset + byteCount)]))
    return checksum
  }

  /// The checksum of everything after the program.
  package static func ofConstants(in file: UnsafeRawBufferPointer, dataOffset: Int, byteCount: Int) -> Checksum {
    var checksum = Checksum()
    unsafe checksum.add(UnsafeRawBufferPointer(rebasing: file[(dataOffset + byteCount)...]))
    return checksum
  }
}
