/// The bytes with checksums that are right, so that changes get past them. Written from docs/MODEL_FORMAT.md, not with Fovea's own
/// code.
func sealed(_ bytes: [UInt8]) -> [UInt8] {
  var file = SealedFile(bytes: bytes)
  file.seal()
  return file.bytes
}

private struct SealedFile {
  var bytes: [UInt8]

  mutating func seal() {
    guard bytes.count >= 8 else { return }
    let header = word64(at: 0)
    guard header < UInt64(bytes.count) else { return }
    // Where the data section begins, and the program in it.
    let start = 8 + Int(header)
    guard start.isMultiple(of: 64), bytes.count - start >= 128, bytes.count.isMultiple(of: 64) else { return }
    let length = Int(word64(at: start + 12) & 0xffff_ffff)
    guard length >= 128, length.isMultiple(of: 64), length <= bytes.count - start else { return }
    set(checksum(of: start + length..<bytes.count), at: start + 27 * 4)
    set(0, at: start + 30 * 4)
    set(checksum(of: 0..<start + length), at: start + 30 * 4)
  }

  private func checksum(of range: Range<Int>) -> UInt64 {
    var lanes: [UInt64] = [1, 2, 3, 4, 5, 6, 7, 8]
    for block in stride(from: range.lowerBound, to: range.upperBound, by: 64) {
      for lane in 0..<8 {
        let mixed = (lanes[lane] ^ word64(at: block + 8 * lane)) &* 129
        lanes[lane] = mixed ^ (mixed >> 29)
      }
    }
    return lanes.reduce(0) { hash, lane in
      let mixed = (hash ^ lane) &* 0x9E37_79B9_7F4A_7C15
      return mixed ^ (mixed >> 29)
    }
  }

  private func word64(at place: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  private mutating func set(_ word: UInt64, at place: Int) {
    for i in 0..<8 { bytes[place + i] = UInt8(truncatingIfNeeded: word >> UInt64(8 * i)) }
  }
}
