/// Goes over the fields of a record in the order that the model file keeps them, reading or writing each.
///
/// A record type lists its fields once, in `visit`; decoding and encoding are two visitors, so they cannot disagree.
package protocol FieldVisitor {
  mutating func int(_ field: inout Int)
  mutating func float(_ field: inout Float)
}

/// A record of 32-bit little-endian words.
package protocol Record {
  init()
  mutating func visit<V: FieldVisitor>(_ visitor: inout V)
}

/// Fills fields from words. Missing words read as 0; `overrun` tells.
@safe
package struct FieldReader: FieldVisitor {
  private let bytes: UnsafeRawBufferPointer
  private var offset: Int
  package private(set) var overrun = false

  /// Reads from `offset`; `bytes` must outlive the reader.
  package init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    unsafe self.bytes = unsafe bytes
    self.offset = offset
  }

  private mutating func word() -> UInt32 {
    guard offset >= 0, unsafe offset <= bytes.count - 4 else {
      overrun = true
      return 0
    }
    let word = unsafe UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    offset += 4
    return word
  }

  package mutating func int(_ field: inout Int) {
    field = Int(Int32(bitPattern: word()))
  }

  package mutating func float(_ field: inout Float) {
    field = Float(bitPattern: word())
  }
}

/// Collects fields as words.
package struct FieldWriter: FieldVisitor {
  package private(set) var words: [UInt32] = []

  package init() {}

  package mutating func int(_ field: inout Int) {
    words.append(UInt32(bitPattern: Int32(truncatingIfNeeded: field)))
  }

  package mutating func float(_ field: inout Float) {
    words.append(field.bitPattern)
  }
}
