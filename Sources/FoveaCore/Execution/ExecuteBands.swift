import FoveaKernels

/// A float 1x1 convolution and the depthwise one that reads what it makes, a band of rows at a time, in memory of the thread's own:
/// a whole image of that would leave the second-level cache before it is read.
@safe
struct BoundBandsF32 {
  var first: BoundConvolutionF32
  var second: BoundDepthwiseF32

  /// Of what lies between the two. From 200 to 900 thousand were equally good (docs/PERFORMANCE.md).
  private static let bandBytes = 384 << 10

  private var window: fovea_window { unsafe second.depthwise.window }

  /// Floats in a row of what lies between.
  private var rowCount: Int { Int(window.width) * Int(window.channels) }

  /// Rows of the output that are made at once.
  private var rowsAtOnce: Int {
    let rows = Self.bandBytes / (4 * rowCount)
    return max(1, (rows - span(of: 1)) / Int(window.stride_y) + 1)
  }

  /// How many rows of input so many rows of output need, those in the padding included.
  private func span(of rows: Int) -> Int {
    (rows - 1) * Int(window.stride_y) + (Int(window.kernel_height) - 1) * Int(window.dilation_y) + 1
  }

  /// What a thread needs for a band, with what kernels may read past its end.
  var byteCount: Int { 4 * rowCount * min(span(of: rowsAtOnce), Int(window.height)) + 64 }

  /// - Parameter band: `byteCount` bytes.
  func run(_ share: Share, _ kernels: fovea_f32_kernels, band: UnsafeMutablePointer<Float>) {
    let (width, height) = (Int(window.width), Int(window.height))
    let rows = share.range(of: Int(window.out_height))
    var conv = unsafe first.conv
    var depthwise = unsafe second.depthwise
    var held = 0..<0
    for begin in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsAtOnce) {
      let end = min(begin + rowsAtOnce, rows.upperBound)
      let top = begin * Int(window.stride_y) - Int(window.pad_top)
      let first = min(height, max(0, top))
      let needed = first..<max(first, min(height, top + span(of: end - begin)))
      // The last rows of one band are the first of the next.
      let kept = max(0, held.upperBound - needed.lowerBound)
      if kept > 0 {
        unsafe band.update(from: band + (needed.lowerBound - held.lowerBound) * rowCount, count: kept * rowCount)
      }
      let origin = unsafe band - needed.lowerBound * rowCount
      unsafe conv.output = origin
      let new = (needed.lowerBound + kept) * width..<needed.upperBound * width
      if !new.isEmpty {
        unsafe kernels.conv(
          &conv, Int32(new.lowerBound), Int32(new.upperBound), 0, Int32(self.first.blocks), share.scratch)
      }
      unsafe depthwise.input = UnsafePointer(origin)
      unsafe kernels.depthwise(&depthwise, Int32(begin), Int32(end), 0, Int32(second.blocks))
      if let sums = unsafe share.rowSums { unsafe second.sumRows(begin..<end, 0..<second.blocks, to: sums) }
      held = needed
    }
  }
}
