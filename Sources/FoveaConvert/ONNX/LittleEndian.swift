/// Reads `count` little-endian numbers that may lie at any address, as the file has them, and converts each.
///
/// - Precondition: `bytes` holds at least `count` of them.
@inline(__always)
func load<Bits: FixedWidthInteger & BitwiseCopyable, Element>(
  _ bytes: RawSpan, _ type: Bits.Type, _ count: Int, _ convert: (Bits) -> Element
) -> [Element] {
  let size = MemoryLayout<Bits>.size
  precondition(bytes.byteCount >= count * size)
  // In bounds by the check above; every bit pattern is a valid integer.
  return unsafe bytes.withUnsafeBytes { source in
    unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      for i in 0..<count {
        let bits = unsafe source.loadUnaligned(fromByteOffset: i * size, as: Bits.self)
        unsafe buffer.initializeElement(at: i, to: convert(Bits(littleEndian: bits)))
      }
      initialized = count
    }
  }
}

/// The value of IEEE 754 half-precision bits. (Float16 does not exist on every host, so it is computed.)
func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10) & 0x1f
  let fraction = UInt32(bits & 0x3ff)
  switch exponent {
  case 0:
    // Zero or subnormal: fraction * 2^-24, which a float holds exactly.
    let magnitude = Float(fraction) * 0x1p-24
    return sign == 0 ? magnitude : -magnitude
  case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
