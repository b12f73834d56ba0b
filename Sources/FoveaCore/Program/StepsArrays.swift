/// A reduction or a normalization over the middle dimension of [outer][length][inner].
package struct StatisticF32: Record, Sendable {
  package var input = 0
  package var output = 0
  package var outer = 1
  package var length = 1
  package var inner = 1
  /// Reductions: a `fovea_reduction_operation`.
  package var operation = 0
  /// Normalizations: added to the variance.
  package var epsilon: Float = 0

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&outer)
    visitor.int(&length)
    visitor.int(&inner)
    visitor.int(&operation)
    visitor.float(&epsilon)
  }
}

/// Resampling of the middle dimension of [outer][inputLength][inner]; u8 or f32 by the buffers' type.
package struct ResampleStep: Record, Sendable {
  /// The sum of the weights of one output position in an 8-bit step.
  package static let unit = 1 << 14
  /// The most taps a position may have: sums of bytes then fit 32 bits whatever the weights.
  package static let maximumTaps = 1 << 16

  package var input = 0
  package var output = 0
  /// s32 [outputLength][taps]
  package var positions = 0
  /// [outputLength][taps]: f32, or for u8 s32 in units of 1 / `unit`.
  package var weights = 0
  package var outer = 1
  package var inputLength = 1
  package var outputLength = 1
  package var inner = 1
  package var taps = 1

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&input)
    visitor.int(&output)
    visitor.int(&positions)
    visitor.int(&weights)
    visitor.int(&outer)
    visitor.int(&inputLength)
    visitor.int(&outputLength)
    visitor.int(&inner)
    visitor.int(&taps)
  }
}
