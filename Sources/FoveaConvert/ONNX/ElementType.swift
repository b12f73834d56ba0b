import FoveaGraph

/// The element types that Fovea reads, with the format's numbers for them.
enum ElementType: Int32 {
  case float = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16

  var isFloat: Bool {
    switch self {
    case .float, .float16, .double, .bfloat16: true
    default: false
    }
  }

  /// Which 8-bit integer this is, if it is one.
  var byteType: ByteType? {
    switch self {
    case .uint8: .unsigned
    case .int8: .signed
    default: nil
    }
  }

  /// Bytes an element.
  var size: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .float, .int32, .uint32: 4
    case .int64, .uint64, .double: 8
    }
  }
}

/// What messages call an element type, supported or not.
func elementTypeName(_ number: Int32) -> String {
  if let type = ElementType(rawValue: number) { return "\(type)" }
  return switch number {
  case 0: "missing"
  case 8: "string"
  case 14: "complex64"
  case 15: "complex128"
  case 17: "float8e4m3fn"
  case 18: "float8e4m3fnuz"
  case 19: "float8e5m2"
  case 20: "float8e5m2fnuz"
  case 21: "uint4"
  case 22: "int4"
  case 23: "float4e2m1"
  case 24: "float8e8m0"
  case 25: "uint2"
  case 26: "int2"
  default: "number \(number)"
  }
}
