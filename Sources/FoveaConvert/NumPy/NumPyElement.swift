/// The element types that are read, as NumPy writes them: byte order, kind, bytes.
enum NumPyElement: String, CaseIterable {
  case float16 = "<f2"
  case float32 = "<f4"
  case float64 = "<f8"
  case bool = "|b1"
  case int8 = "|i1"
  case uint8 = "|u1"
  case int16 = "<i2"
  case uint16 = "<u2"
  case int32 = "<i4"
  case uint32 = "<u4"
  case int64 = "<i8"
  case uint64 = "<u8"

  /// Bytes an element.
  var size: Int {
    switch self {
    case .bool, .int8, .uint8: 1
    case .float16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The first `count` elements as floats; what a float cannot hold exactly is rounded.
  func floats(_ bytes: RawSpan, count: Int) -> [Float] {
    switch self {
    case .float16: load(bytes, UInt16.self, count) { float(half: $0) }
    case .float32: load(bytes, UInt32.self, count) { Float(bitPattern: $0) }
    case .float64: load(bytes, UInt64.self, count) { Float(Double(bitPattern: $0)) }
    case .bool: load(bytes, UInt8.self, count) { $0 == 0 ? 0 : 1 }
    case .int8: load(bytes, Int8.self, count) { Float($0) }
    case .uint8: load(bytes, UInt8.self, count) { Float($0) }
    case .int16: load(bytes, Int16.self, count) { Float($0) }
    case .uint16: load(bytes, UInt16.self, count) { Float($0) }
    case .int32: load(bytes, Int32.self, count) { Float($0) }
    case .uint32: load(bytes, UInt32.self, count) { Float($0) }
    case .int64: load(bytes, Int64.self, count) { Float($0) }
    case .uint64: load(bytes, UInt64.self, count) { Float($0) }
    }
  }
}
