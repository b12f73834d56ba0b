import FoveaGraph

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What is wrong with a tensor of the file; the caller names the tensor.
enum TensorProblem: Error {
  case malformed(String)
  case unsupported(String)
  case unreadable(file: String, reason: String)

  var reason: String {
    switch self {
    case .malformed(let reason), .unsupported(let reason): reason
    case .unreadable(let file, let reason): "\(file): \(reason)"
    }
  }

  /// The error for a tensor that messages call `subject`.
  func conversionError(file: String, subject: String) -> ConversionError {
    switch self {
    case .malformed(let reason): .malformed(file: file, reason: "\(subject): \(reason)")
    case .unsupported(let reason): .invalidNetwork(file: file, reason: "\(subject): \(reason)")
    case .unreadable(let other, let reason):
      .cannotRead(file: other, reason: "\(reason) (needed by \(subject) of \(file))")
    }
  }
}

/// The most dimensions that a tensor may have. Networks use up to six (pixel shuffle); work on shapes stays cheap.
let maximumRank = 8

/// Widens a tensor of the file to Fovea's floats or integers, whichever way the file stores it. The data decides how much
/// memory is taken: a shape that claims other than what is there is refused first.
func decodeTensor(_ tensor: ONNXTensorProto, _ external: inout ExternalData) throws(TensorProblem) -> Tensor {
  var decoded = try decodeElements(tensor, &external)
  decoded.byteType = ElementType(rawValue: tensor.dataType)?.byteType
  return decoded
}

private func decodeElements(
  _ tensor: ONNXTensorProto, _ external: inout ExternalData
) throws(TensorProblem) -> Tensor {
  guard !tensor.hasSegment else { throw .unsupported("it is stored in segments, which is not supported") }
  guard tensor.dims.count <= maximumRank else {
    throw .unsupported("it has \(tensor.dims.count) dimensions; up to \(maximumRank) are supported")
  }
  let shape = tensor.dims.map { Int($0) }
  guard let count = elementCount(of: shape) else { throw .malformed("its shape is \(shape), which no value can have") }
  guard let type = ElementType(rawValue: tensor.dataType) else {
    throw .unsupported("its element type is \(elementTypeName(tensor.dataType)), which is not supported")
  }
  if tensor.dataLocation == 1 {
    let bytes = try external.read(tensor, byteCount: try byteCount(count, type))
    // Bytes have no padding, which is what makes this property unsafe for other elements.
    return try unsafe decodeRaw(bytes.span.bytes, type, shape: shape, count: count)
  }
  guard tensor.dataLocation == 0 else { throw .malformed("its data location is \(tensor.dataLocation)") }
  if tensor.hasRawData {
    return try decodeRaw(tensor.rawData.bytes, type, shape: shape, count: count)
  }
  return try decodeFields(tensor, type, shape: shape, count: count)
}

private func byteCount(_ count: Int, _ type: ElementType) throws(TensorProblem) -> Int {
  let (bytes, overflow) = count.multipliedReportingOverflow(by: type.size)
  guard !overflow else { throw .malformed("its shape needs more bytes than exist") }
  return bytes
}

private func decodeRaw(
  _ bytes: RawSpan, _ type: ElementType, shape: [Int], count: Int
) throws(TensorProblem) -> Tensor {
  let needed = try byteCount(count, type)
  guard bytes.byteCount == needed else {
    throw .malformed("it has \(bytes.byteCount) bytes of data, its shape \(shape) needs \(needed)")
  }
  switch type {
  case .float: return Tensor(shape: shape, floats: load(bytes, UInt32.self, count) { Float(bitPattern: $0) })
  case .double: return Tensor(shape: shape, floats: load(bytes, UInt64.self, count) { Float(Double(bitPattern: $0)) })
  case .float16: return Tensor(shape: shape, floats: load(bytes, UInt16.self, count) { float(half: $0) })
  case .bfloat16:
    return Tensor(shape: shape, floats: load(bytes, UInt16.self, count) { Float(bitPattern: UInt32($0) << 16) })
  case .int8: return Tensor(shape: shape, integers: load(bytes, UInt8.self, count) { Int64(Int8(bitPattern: $0)) })
  case .uint8: return Tensor(shape: shape, integers: load(bytes, UInt8.self, count) { Int64($0) })
  case .bool: return Tensor(shape: shape, integers: load(bytes, UInt8.self, count) { $0 == 0 ? 0 : 1 })
  case .int16: return Tensor(shape: shape, integers: load(bytes, UInt16.self, count) { Int64(Int16(bitPattern: $0)) })
  case .uint16: return Tensor(shape: shape, integers: load(bytes, UInt16.self, count) { Int64($0) })
  case .int32: return Tensor(shape: shape, integers: load(bytes, UInt32.self, count) { Int64(Int32(bitPattern: $0)) })
  case .uint32: return Tensor(shape: shape, integers: load(bytes, UInt32.self, count) { Int64($0) })
  case .int64, .uint64:
    return Tensor(shape: shape, integers: load(bytes, UInt64.self, count) { Int64(bitPattern: $0) })
  }
}

/// The typed arrays: each holds certain element types, the 32-bit one everything narrow.
private func decodeFields(
  _ tensor: ONNXTensorProto, _ type: ElementType, shape: [Int], count: Int
) throws(TensorProblem) -> Tensor {
  func check(_ found: Int) throws(TensorProblem) {
    guard found == count else {
      throw .malformed("it has \(found) elements of type \(type), its shape \(shape) needs \(count)")
    }
  }
  switch type {
  case .float:
    try check(tensor.floatData.count)
    return Tensor(shape: shape, floats: tensor.floatData)
  case .double:
    try check(tensor.doubleData.count)
    return Tensor(shape: shape, floats: tensor.doubleData.map { Float($0) })
  case .float16, .bfloat16:
    try check(tensor.int32Data.count)
    let bits = tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) }
    return Tensor(
      shape: shape, floats: type == .float16 ? bits.map(float(half:)) : bits.map { Float(bitPattern: UInt32($0) << 16) }
    )
  case .int64:
    try check(tensor.int64Data.count)
    return Tensor(shape: shape, integers: tensor.int64Data)
  case .uint32, .uint64:
    try check(tensor.uint64Data.count)
    return Tensor(shape: shape, integers: tensor.uint64Data.map { Int64(bitPattern: $0) })
  case .int8, .uint8, .int16, .uint16, .int32, .bool:
    try check(tensor.int32Data.count)
    return Tensor(shape: shape, integers: tensor.int32Data.map { Int64($0) })
  }
}
