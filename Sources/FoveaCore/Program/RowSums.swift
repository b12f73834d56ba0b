// A depthwise convolution and the global average behind it (squeeze-and-excite): threads add up each row that they make while it is
// in their cache, and the average is made of these sums. By itself it would read the whole image, half of it from another core.

extension Program {
  /// Whether a unit averages each channel of the whole image that the unit before it makes, rows of which are added up as they come.
  package func averagesRows(of unit: Range<Int>, in next: Range<Int>) -> Bool {
    guard next.count == 1, case .averagePool(let pool) = steps[next.lowerBound], pool.isGlobal,
      let output = steps[unit.upperBound - 1].buffers.writes.first, output == pool.input
    else { return false }
    switch (steps[unit.lowerBound], steps[unit.upperBound - 1]) {
    // The second step of two, a table, has an element for each of the first's.
    case (.depthwiseU8(let step), _):
      return step.images == 1 && pool.isOf(step.window, channels: step.channels)
    // Itself, or in bands with the convolution before it.
    case (_, .depthwiseF32(let step)):
      return step.images == 1 && step.outputs == step.outputChannels
        && pool.isOf(step.window, channels: step.outputs)
    default: return false
    }
  }
}

extension PoolStep {
  /// Whether the window is the one image.
  fileprivate var isGlobal: Bool {
    images == 1 && (window.outputHeight, window.outputWidth) == (1, 1)
      && (window.kernelHeight, window.kernelWidth) == (height, width) && (window.dilationY, window.dilationX) == (1, 1)
      && (window.padTop, window.padLeft, padBottom, padRight) == (0, 0, 0, 0)
  }

  /// Whether it reads what a convolution makes.
  fileprivate func isOf(_ window: Window, channels: Int) -> Bool {
    (window.outputHeight, window.outputWidth, channels) == (height, width, self.channels)
  }

  /// Bytes of its rows' sums.
  package var rowSumBytes: Int { saturatingProduct(4, height, channels) }
}
