/// How sums become 8-bit outputs; see fovea_conv.h for the rounding.
package struct OutputRange: Record, Sendable {
  package var zeroPoint = 0
  package var low = 0
  package var high = 255

  package init() {}

  package init(zeroPoint: Int, low: Int, high: Int) {
    self.zeroPoint = zeroPoint
    self.low = low
    self.high = high
  }

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&zeroPoint)
    visitor.int(&low)
    visitor.int(&high)
  }
}

/// Where a sliding window goes.
package struct Window: Record, Sendable {
  package var kernelHeight = 1
  package var kernelWidth = 1
  package var strideY = 1
  package var strideX = 1
  package var dilationY = 1
  package var dilationX = 1
  package var padTop = 0
  package var padLeft = 0
  package var outputHeight = 1
  package var outputWidth = 1

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&kernelHeight)
    visitor.int(&kernelWidth)
    visitor.int(&strideY)
    visitor.int(&strideX)
    visitor.int(&dilationY)
    visitor.int(&dilationX)
    visitor.int(&padTop)
    visitor.int(&padLeft)
    visitor.int(&outputHeight)
    visitor.int(&outputWidth)
  }
}

/// A convolution of one group over an input that is already padded (`window.padTop` and `padLeft` are 0), or a fully
/// connected layer (a 1x1 window over rows). The output is u8, or f32 where the output buffer is.
package struct ConvolutionU8: Record, Sendable {
  package var input = 0
  package var output = 0
  /// s8 [ceil(outputs / 16)][taps * run][16][4]
  package var weights = 0
  /// s32 and f32 [outputs rounded up to 16]
  package var bias = 0
  package var scale = 0
  package var images = 1
  package var height = 1
  package var width = 1
  /// Channels of the input buffer, and the run of them that this group takes.
  package var inputChannels = 1
  package var firstInput = 0
  package var inputs = 1
  /// Channels of the output buffer, and the run of them that this group makes.
  package var outputChannels = 1
  package var firstOutput = 0
  package var outputs = 1
  package var window = Window()
  package var range = OutputRange()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&weights)
    visitor.int(&bias)
    visitor.int(&scale)
    visitor.int(&images)
    visitor.int(&height)
    visitor.int(&width)
    visitor.int(&inputChannels)
    visitor.int(&firstInput)
    visitor.int(&inputs)
    visitor.int(&outputChannels)
    visitor.int(&firstOutput)
    visitor.int(&outputs)
    window.visit(&visitor)
    range.visit(&visitor)
  }

  /// Whether a kernel row is one run of contiguous bytes, rather than one run a kernel element.
  package var rowsAreRuns: Bool { window.dilationX == 1 && inputs == inputChannels }

  /// Runs of contiguous bytes under one window.
  package var taps: Int { rowsAreRuns ? window.kernelHeight : window.kernelHeight * window.kernelWidth }

  /// Bytes of one run.
  package var runBytes: Int { rowsAreRuns ? window.kernelWidth * inputs : inputs }

  /// Groups of 4 bytes that a kernel reads under one tap.
  package var run: Int { (runBytes + 3) / 4 }

  package var blocks: Int { (outputs + 15) / 16 }
}

/// A depthwise convolution with channel multiplier 1.
package struct DepthwiseU8: Record, Sendable {
  package var input = 0
  package var output = 0
  /// s8 [ceil(channels / 16)][kernelWidth][ceil(kernelHeight / 4)][16][4]
  package var weights = 0
  package var bias = 0
  package var scale = 0
  package var images = 1
  package var height = 1
  package var width = 1
  package var channels = 1
  package var inputZeroPoint = 0
  package var window = Window()
  package var range = OutputRange()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&weights)
    visitor.int(&bias)
    visitor.int(&scale)
    visitor.int(&images)
    visitor.int(&height)
    visitor.int(&width)
    visitor.int(&channels)
    visitor.int(&inputZeroPoint)
    window.visit(&visitor)
    range.visit(&visitor)
  }

  package var blocks: Int { (channels + 15) / 16 }

  /// Groups of 4 kernel rows.
  package var rowGroups: Int { (window.kernelHeight + 3) / 4 }
}

/// The two operands of an elementwise step: [rows][columns], where a stride of 0 repeats one row.
package struct Operands: Record, Sendable {
  package var rows = 1
  package var columns = 1
  package var aStride = 0
  package var bStride = 0

  package init() {}

  package init(rows: Int, columns: Int, aStride: Int, bStride: Int) {
    self.rows = rows
    self.columns = columns
    self.aStride = aStride
    self.bStride = bStride
  }

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&rows)
    visitor.int(&columns)
    visitor.int(&aStride)
    visitor.int(&bStride)
  }
}

/// u8 + u8: (a * aMultiplier + b * bMultiplier + bias) requantized.
package struct AddU8: Record, Sendable {
  package var a = 0
  package var b = 0
  package var output = 0
  package var operands = Operands()
  package var aMultiplier = 0
  package var bMultiplier = 0
  package var bias = 0
  package var scale: Float = 0
  package var range = OutputRange()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&a)
    visitor.int(&b)
    visitor.int(&output)
    operands.visit(&visitor)
    visitor.int(&aMultiplier)
    visitor.int(&bMultiplier)
    visitor.int(&bias)
    visitor.float(&scale)
    range.visit(&visitor)
  }
}

/// u8 * u8: ((a - aZeroPoint) * (b - bZeroPoint)) requantized.
package struct MultiplyU8: Record, Sendable {
  package var a = 0
  package var b = 0
  package var output = 0
  package var operands = Operands()
  package var aZeroPoint = 0
  package var bZeroPoint = 0
  package var scale: Float = 0
  package var range = OutputRange()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&a)
    visitor.int(&b)
    visitor.int(&output)
    operands.visit(&visitor)
    visitor.int(&aZeroPoint)
    visitor.int(&bZeroPoint)
    visitor.float(&scale)
    range.visit(&visitor)
  }
}

/// Every byte through a table of 256.
package struct TableU8: Record, Sendable {
  package var input = 0
  package var output = 0
  package var count = 0
  package var table = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&count)
    visitor.int(&table)
  }
}

/// Every byte through one of several tables of 256, which its channel chooses: a function of values whose channels have scales of
/// their own.
package struct ChannelTablesU8: Record, Sendable {
  package var input = 0
  package var output = 0
  /// The buffers are [rows][channels].
  package var rows = 1
  package var channels = 1
  /// How many tables there are: at most 256.
  package var count = 1
  /// u8 [count][256]
  package var tables = 0
  /// u8 [channels]: the number of each channel's table.
  package var selection = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&rows)
    visitor.int(&channels)
    visitor.int(&count)
    visitor.int(&tables)
    visitor.int(&selection)
  }
}

/// Surrounds an image with `value`: what convolution asks for before it. Works on rows of bytes.
package struct PadU8: Record, Sendable {
  package var input = 0
  package var output = 0
  package var images = 1
  package var height = 1
  /// Bytes of an input row, and bytes added around it.
  package var rowBytes = 1
  package var leftBytes = 0
  package var rightBytes = 0
  package var top = 0
  package var bottom = 0
  package var value = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&images)
    visitor.int(&height)
    visitor.int(&rowBytes)
    visitor.int(&leftBytes)
    visitor.int(&rightBytes)
    visitor.int(&top)
    visitor.int(&bottom)
    visitor.int(&value)
  }
}
