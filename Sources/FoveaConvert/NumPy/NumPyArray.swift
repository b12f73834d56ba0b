/// A tensor of a NumPy file (.npy): its shape and its elements, row-major (C order), whatever the order in the file.
///
///     let array = try NumPyArray(path: "input.npy")
///     print(array.shape, array.values[0])
///
/// Every format version is read, with elements of any little-endian number type, which become floats; version 1.0 with
/// float32 is written. The format is described in numpy.lib.format's documentation.
package struct NumPyArray: Equatable, Sendable {
  package let shape: [Int]
  package let values: [Float]

  /// - Precondition: as many values as the shape says.
  package init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "shape and element count differ")
    self.shape = shape
    self.values = values
  }

  /// Reads a file.
  ///
  /// - Throws: `NumPyError`.
  package init(path: String) throws(NumPyError) {
    let bytes: [UInt8]
    do {
      let file = try InputFile.open(path)
      bytes = try file.read(offset: 0, count: file.size)
    } catch {
      throw .cannotRead(file: path, reason: error.reason)
    }
    try self.init(bytes: bytes, name: path)
  }

  /// Reads a file's bytes.
  ///
  /// - Parameter name: what errors call the file.
  /// - Throws: `NumPyError.malformed` or `NumPyError.unsupported`.
  package init(bytes: [UInt8], name: String) throws(NumPyError) {
    let header = try NumPyHeader(of: bytes, name: name)
    // The header has checked that its element count times their size fits an Int.
    let needed = header.count * header.element.size
    let found = bytes.count - header.dataOffset
    guard found == needed else {
      throw .malformed(
        file: name,
        reason: "\(header.shape) of \(header.element.rawValue) takes \(needed) bytes, but there are \(found)")
    }
    // `bytes` of a span of UInt8 is unsafe only for types with padding.
    let elements = unsafe header.element.floats(bytes.span.bytes.extracting(header.dataOffset...), count: header.count)
    shape = header.shape
    values = header.isColumnMajor ? rowMajor(elements, shape: header.shape) : elements
  }

  /// The bytes of a file that holds the array as float32.
  package var fileBytes: [UInt8] {
    // A tuple of one is written "(3,)".
    let sizes = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let description = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Spaces and a line feed take the header to a multiple of 64 bytes, so that the elements can be mapped.
    let length = (NumPyHeader.prefixBytes + description.utf8.count + 1 + 63) / 64 * 64 - NumPyHeader.prefixBytes
    var bytes = NumPyHeader.magic + [1, 0, UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)]
    bytes += Array(description.utf8)
    bytes += Array(repeating: UInt8(ascii: " "), count: length - description.utf8.count - 1) + [UInt8(ascii: "\n")]
    return bytes + littleEndianBytes(values.map(\.bitPattern))
  }
}

/// Why a NumPy file cannot be used. Every description is one line that names the file.
package enum NumPyError: Error, Equatable, CustomStringConvertible {
  case cannotRead(file: String, reason: String)
  /// Not a NumPy file, or a damaged one.
  case malformed(file: String, reason: String)
  /// A sound file of a kind that is not read.
  case unsupported(file: String, reason: String)

  package var description: String {
    switch self {
    case .cannotRead(let file, let reason), .malformed(let file, let reason), .unsupported(let file, let reason):
      "\(file): \(reason)"
    }
  }
}

/// Elements whose first index varies fastest (Fortran's order), rearranged so that the last one does.
private func rowMajor(_ elements: [Float], shape: [Int]) -> [Float] {
  var strides: [Int] = []
  var stride = 1
  for size in shape {
    strides.append(stride)
    stride *= size
  }
  var index = Array(repeating: 0, count: shape.count)
  var position = 0
  return elements.indices.map { _ in
    let value = elements[position]
    for axis in shape.indices.reversed() {
      index[axis] += 1
      position += strides[axis]
      if index[axis] < shape[axis] { break }
      position -= strides[axis] * shape[axis]
      index[axis] = 0
    }
    return value
  }
}
