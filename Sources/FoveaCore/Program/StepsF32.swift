/// A float elementwise function: `operation` is a `fovea_unary_operation`.
package struct UnaryFunction: Record, Sendable {
  package var operation = 0
  package var alpha: Float = 0
  package var beta: Float = 0

  package init() {}

  package init(operation: Int, alpha: Float = 0, beta: Float = 0) {
    self.operation = operation
    self.alpha = alpha
    self.beta = beta
  }

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&operation)
    visitor.float(&alpha)
    visitor.float(&beta)
  }
}

/// A float convolution of one group, or a depthwise one (`inputs`, `outputs` and both buffers' channels equal).
package struct ConvolutionF32: Record, Sendable {
  package var input = 0
  package var output = 0
  /// [ceil(outputs / 16)][kernelHeight * kernelWidth * inputs][16], or depthwise
  /// [ceil(outputs / 16)][kernelHeight][kernelWidth][16]
  package var weights = 0
  /// [outputs rounded up to 16]
  package var bias = 0
  package var images = 1
  package var height = 1
  package var width = 1
  package var inputChannels = 1
  package var firstInput = 0
  package var inputs = 1
  package var outputChannels = 1
  package var firstOutput = 0
  package var outputs = 1
  package var window = Window()
  package var activation = UnaryFunction()
  /// A buffer laid out as the output that is added before the activation, or `ProgramHeader.none`. Not for depthwise ones.
  package var addend = ProgramHeader.none

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&weights)
    visitor.int(&bias)
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
    activation.visit(&visitor)
    // Files from before there were addends have zeros here.
    var addendPlusOne = addend - ProgramHeader.none
    visitor.int(&addendPlusOne)
    addend = addendPlusOne + ProgramHeader.none
  }

  package var adds: Bool { addend != ProgramHeader.none }

  /// Floats under one window.
  package var windowSize: Int { window.kernelHeight * window.kernelWidth * inputs }

  package var blocks: Int { (outputs + 15) / 16 }
}

/// Batches of row-major [m][k] times [k][n]. A batch stride of 0 repeats a matrix.
package struct MatMulF32: Record, Sendable {
  package var a = 0
  package var b = 0
  package var output = 0
  package var batches = 1
  package var m = 1
  package var n = 1
  package var k = 1
  package var aBatchStride = 0
  package var bBatchStride = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&a)
    visitor.int(&b)
    visitor.int(&output)
    visitor.int(&batches)
    visitor.int(&m)
    visitor.int(&n)
    visitor.int(&k)
    visitor.int(&aBatchStride)
    visitor.int(&bBatchStride)
  }
}

package struct UnaryF32: Record, Sendable {
  package var input = 0
  package var output = 0
  package var count = 0
  package var function = UnaryFunction()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&count)
    function.visit(&visitor)
  }
}

package struct BinaryF32: Record, Sendable {
  package var a = 0
  package var b = 0
  package var output = 0
  /// A `fovea_binary_operation`.
  package var operation = 0
  package var operands = Operands()
  package var activation = UnaryFunction()

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&a)
    visitor.int(&b)
    visitor.int(&output)
    visitor.int(&operation)
    operands.visit(&visitor)
    activation.visit(&visitor)
  }
}

/// Softmax or mean over the middle dimension of [outer][length][inner].
package struct ReductionF32: Record, Sendable {
  package var input = 0
  package var output = 0
  package var outer = 1
  package var length = 1
  package var inner = 1

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&outer)
    visitor.int(&length)
    visitor.int(&inner)
  }
}
