/// The type of a buffer's elements.
public enum BufferElement: Int, Sendable {
  case u8 = 0
  case f32 = 1

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .u8: 1
    case .f32: 4
    }
  }
}

/// A place in the arena. Its elements are dense, row-major over the physical `shape` (NHWC for images).
package struct Buffer: Equatable, Sendable {
  package static let maximumRank = 6

  package var type: BufferElement
  /// Bytes from the arena's start; a multiple of 64.
  package var offset: Int
  package var shape: [Int]
  /// Real value = (element - zeroPoint) * scale. Only for u8.
  package var scale: Float
  package var zeroPoint: Int

  package init(type: BufferElement, offset: Int = 0, shape: [Int], scale: Float = 1, zeroPoint: Int = 0) {
    self.type = type
    self.offset = offset
    self.shape = shape
    self.scale = scale
    self.zeroPoint = zeroPoint
  }

  package var count: Int { shape.reduce(1, *) }
  package var byteCount: Int { count * type.size }

  /// Whether the two have no byte of the arena in common.
  func isDisjoint(from other: Buffer) -> Bool {
    offset + byteCount <= other.offset || other.offset + other.byteCount <= offset
  }
}

/// The words of a `Buffer` in the file.
package struct BufferRecord: Record {
  package static let words = 12

  package var type = 0
  package var offset = 0
  package var rank = 0
  package var sizes = (0, 0, 0, 0, 0, 0)
  package var scale: Float = 0
  package var zeroPoint = 0
  private var reserved = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&type)
    visitor.int(&offset)
    visitor.int(&rank)
    visitor.int(&sizes.0)
    visitor.int(&sizes.1)
    visitor.int(&sizes.2)
    visitor.int(&sizes.3)
    visitor.int(&sizes.4)
    visitor.int(&sizes.5)
    visitor.float(&scale)
    visitor.int(&zeroPoint)
    visitor.int(&reserved)
  }
}

/// Read-only data of the file that steps use in place: packed weights, biases, scales, tables.
package struct Constant: Equatable, Sendable {
  /// Bytes from the start of the file's data section; a multiple of 64.
  package var offset: Int
  package var byteCount: Int

  package init(offset: Int, byteCount: Int) {
    self.offset = offset
    self.byteCount = byteCount
  }
}

/// The words of a `Constant` in the file. Both are counted in units of 64 bytes, so that 31 bits reach 128 GiB.
package struct ConstantRecord: Record {
  package static let words = 2
  package static let unit = 64

  package var offset = 0
  package var length = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&offset)
    visitor.int(&length)
  }
}

/// An input or output of the network.
package struct Port: Equatable, Sendable {
  /// Where the name's UTF-8 lies in the names constant.
  package var nameOffset: Int
  package var nameLength: Int
  package var buffer: Int
  /// Whether the caller's tensor is NCHW while the buffer is NHWC.
  package var isImage: Bool

  package init(nameOffset: Int, nameLength: Int, buffer: Int, isImage: Bool) {
    self.nameOffset = nameOffset
    self.nameLength = nameLength
    self.buffer = buffer
    self.isImage = isImage
  }
}

/// The words of a `Port` in the file.
package struct PortRecord: Record {
  package static let words = 4

  package var nameOffset = 0
  package var nameLength = 0
  package var buffer = 0
  package var isImage = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&nameOffset)
    visitor.int(&nameLength)
    visitor.int(&buffer)
    visitor.int(&isImage)
  }
}
