/// Maximum or average pooling; u8 or f32 by the buffers' type. An f32 step ignores everything from `inputZeroPoint` on.
package struct PoolStep: Record, Sendable {
  package var input = 0
  package var output = 0
  package var images = 1
  package var height = 1
  package var width = 1
  package var channels = 1
  package var window = Window()
  package var padBottom = 0
  package var padRight = 0
  package var countsPadding = 0
  package var inputZeroPoint = 0
  package var scale: Float = 1
  package var range = OutputRange()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&images)
    visitor.int(&height)
    visitor.int(&width)
    visitor.int(&channels)
    window.visit(&visitor)
    visitor.int(&padBottom)
    visitor.int(&padRight)
    visitor.int(&countsPadding)
    visitor.int(&inputZeroPoint)
    visitor.float(&scale)
    range.visit(&visitor)
  }
}

/// Six numbers, one a dimension, outermost first.
package struct Six: Record, Sendable {
  package var values = (0, 0, 0, 0, 0, 0)

  package init() {}

  /// The last entries are `array`'s; the ones before it are `filler`. At most 6.
  package init(_ array: [Int], filler: Int) {
    var padded = Array(repeating: filler, count: Swift.max(0, 6 - array.count)) + array
    padded.removeLast(padded.count - 6)
    values = (padded[0], padded[1], padded[2], padded[3], padded[4], padded[5])
  }

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&values.0)
    visitor.int(&values.1)
    visitor.int(&values.2)
    visitor.int(&values.3)
    visitor.int(&values.4)
    visitor.int(&values.5)
  }

  package var array: [Int] { [values.0, values.1, values.2, values.3, values.4, values.5] }
}

/// Moves a box between strided places; see `fovea_copy`. Strides and offsets are in elements.
package struct CopyStep: Record, Sendable {
  package var input = 0
  package var output = 0
  package var sizes = Six()
  package var inputStrides = Six()
  package var outputStrides = Six()
  package var inputOffset = 0
  package var outputOffset = 0
  /// A table for the bytes to pass through, or `ProgramHeader.none`.
  package var table = ProgramHeader.none

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    sizes.visit(&visitor)
    inputStrides.visit(&visitor)
    outputStrides.visit(&visitor)
    visitor.int(&inputOffset)
    visitor.int(&outputOffset)
    visitor.int(&table)
  }
}

/// Fills a whole buffer: with a constant of the buffer's own size, or with one value where there is none.
package struct FillStep: Record, Sendable {
  package var output = 0
  package var constant = ProgramHeader.none
  /// The value for f32 buffers, and for u8 ones.
  package var value: Float = 0
  package var byte = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&output)
    visitor.int(&constant)
    visitor.float(&value)
    visitor.int(&byte)
  }
}

/// Between f32 and u8, with the scale and zero point of the u8 buffer.
package struct ConversionStep: Record, Sendable {
  package var input = 0
  package var output = 0
  package var count = 0

  package init() {}

  package init(input: Int, output: Int, count: Int) {
    self.input = input
    self.output = output
    self.count = count
  }

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&count)
  }
}
