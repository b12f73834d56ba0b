import FoveaKernels

/// What a step's validation asks of the program, with the step's number for the error.
package struct StepCheck {
  let program: Program
  let index: Int

  /// The largest count or extent that a step may have: what C kernels' 32-bit indices hold with room to spare.
  static let limit = 1 << 30

  func fail(_ reason: ModelError.Reason, _ found: Int = 0) -> ModelError {
    ModelError(reason, in: .step, index: index, found: found)
  }

  func require(_ condition: Bool, _ found: Int) throws(ModelError) {
    guard condition else { throw fail(.invalidValue, found) }
  }

  /// The product of factors that must all be at least 1, and the product at most `limit`.
  func product(_ factors: Int...) throws(ModelError) -> Int {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard factor >= 1, !overflow, next <= Self.limit else { throw fail(.invalidValue, factor) }
      product = next
    }
    return product
  }

  /// The buffer at `index`, of `type` if that is given, which must have at least `count` elements.
  @discardableResult
  func buffer(_ index: Int, _ type: BufferElement?, holds count: Int) throws(ModelError) -> Buffer {
    guard program.buffers.indices.contains(index) else { throw fail(.noSuchEntry, index) }
    let buffer = program.buffers[index]
    guard type == nil || buffer.type == type else { throw fail(.invalidValue, index) }
    guard count <= buffer.count else { throw fail(.outOfBounds, count) }
    return buffer
  }

  /// The constant at `index` must have at least `bytes`.
  func constant(_ index: Int, holds bytes: Int) throws(ModelError) {
    guard program.constants.indices.contains(index) else { throw fail(.noSuchEntry, index) }
    guard bytes <= program.constants[index].byteCount else { throw fail(.outOfBounds, bytes) }
  }

  /// No buffer that a step writes shares memory with one that it reads or writes besides.
  func disjoint(_ step: Step) throws(ModelError) {
    let (reads, writes) = step.buffers
    for index in reads + writes where !program.buffers.indices.contains(index) { throw fail(.noSuchEntry, index) }
    for (i, write) in writes.enumerated() {
      for other in reads + writes[(i + 1)...] {
        guard program.buffers[write].isDisjoint(from: program.buffers[other]) else { throw fail(.overlap, other) }
      }
    }
  }

  func range(_ range: OutputRange) throws(ModelError) {
    try require((0...255).contains(range.zeroPoint), range.zeroPoint)
    try require(range.low >= 0 && range.low <= range.high && range.high <= 255, range.low)
  }

  /// One factor for sums of at most `bound` in absolute value.
  func scale(_ scale: Float, sumsTo bound: Int) throws(ModelError) {
    guard scale >= 0, scale.isFinite, bound <= Int(Int32.max), Double(bound) * Double(scale) < Self.productLimit else {
      throw fail(.unboundedScale)
    }
  }

  /// A bias and a scale for every channel, rounded up to 16, where sums without the bias are at most `bound`.
  func requantization(bias: Int, scale: Int, channels: Int, sumsTo bound: Int) throws(ModelError) {
    let count = (channels + 15) / 16 * 16
    try constant(bias, holds: count * 4)
    try constant(scale, holds: count * 4)
    let biases = unsafe program.bytes(of: bias)
    let scales = unsafe program.bytes(of: scale)
    for i in 0..<count {
      let bias = unsafe Int32(littleEndian: biases.load(fromByteOffset: i * 4, as: Int32.self))
      let scale = unsafe Float(
        bitPattern: UInt32(littleEndian: scales.load(fromByteOffset: i * 4, as: UInt32.self)))
      let (sum, overflow) = bound.addingReportingOverflow(Int(bias.magnitude))
      guard !overflow, sum < Int(Int32.max), scale >= 0, Double(sum) * Double(scale) < Self.productLimit else {
        throw fail(.unboundedScale, i)
      }
    }
  }

  /// fovea_conv.h: |sum * scale| < 2^31 - 256.
  package static let productLimit = 2147483392.0

  /// A run of `count` channels from `first` on, among `total`.
  func channels(_ count: Int, from first: Int, of total: Int) throws(ModelError) {
    try require(count >= 1 && first >= 0 && count <= total && first <= total - count, first)
  }

  /// A window whose every position over an input of `height` x `width` is a number that 32 bits hold.
  func window(_ window: Window, height: Int, width: Int) throws(ModelError) {
    for value in [
      window.kernelHeight, window.kernelWidth, window.strideY, window.strideX, window.dilationY, window.dilationX,
      window.outputHeight, window.outputWidth, height, width,
    ] {
      try require(value >= 1 && value <= 1 << 24, value)
    }
    for pad in [window.padTop, window.padLeft] { try require(pad >= 0 && pad <= 1 << 24, pad) }
    // Kernels number positions as output * stride + tap * dilation, and round kernel rows up to groups of 4.
    let down = try product(window.outputHeight, window.strideY)
    try require(try product(window.kernelHeight + 3, window.dilationY) <= Self.limit - down, window.dilationY)
    let across = try product(window.outputWidth, window.strideX)
    try require(try product(window.kernelWidth + 3, window.dilationX) <= Self.limit - across, window.dilationX)
  }

  func unary(_ function: UnaryFunction) throws(ModelError) {
    try require(
      function.operation >= 0 && function.operation < Int(FOVEA_UNARY_OPERATION_COUNT.rawValue), function.operation)
  }
}
