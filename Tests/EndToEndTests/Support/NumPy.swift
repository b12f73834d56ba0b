import Foundation
import FoveaConvert

/// The tensor of a NumPy file.
func array(_ path: String) throws -> NumPyArray { try NumPyArray(path: path) }

/// A NumPy file's bytes with any header dictionary, so that tests can say what NumPy would not.
func numPyFile(_ dictionary: String, _ elements: [UInt8], version: UInt8 = 1) -> [UInt8] {
  let text = Array(dictionary.utf8) + [0x0A]
  let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + elements
}

/// The same for an element type, an order and a shape in Python's words.
func numPyFile(
  type: String, order: String = "False", shape: String, _ elements: [UInt8], version: UInt8 = 1
) -> [UInt8] {
  numPyFile("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }", elements, version: version)
}

/// A number's little-endian bytes.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  (0..<(value.bitWidth / 8)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
}

/// max |a - b| / max |b|, and infinity where the shapes differ.
func relativeDifference(_ a: NumPyArray, _ b: NumPyArray) -> Float {
  guard a.shape == b.shape, let largest = b.values.map(abs).max(), largest > 0 else { return .infinity }
  return (zip(a.values, b.values).map { abs($0 - $1) }.max() ?? .infinity) / largest
}
