import FoveaCodecs
import FoveaCore

extension Image {
  /// Resizes with antialiasing and keeps only a window of the result. Bytes equal those of Pillow 13's
  /// `Image.resize`.
  ///
  /// Two passes with 8-bit pixels in between, as in Pillow: rows to their new width, columns to their new height.
  /// Only rows and columns on which the window depends are computed.
  ///
  /// - Parameters:
  ///   - width: Width of the whole resized image, at least 1.
  ///   - height: Height of the whole resized image, at least 1.
  ///   - columns: The window within 0..<width, not empty.
  ///   - rows: The window within 0..<height, not empty.
  ///   - out: Gets `columns.count * 3` bytes for each of the rows.
  ///   - stride: Bytes from one row of `out` to the next.
  @unsafe
  package func resample(
    width: Int, height: Int, filter: Preprocessing.Filter, columns: Range<Int>, rows: Range<Int>,
    into out: UnsafeMutableBufferPointer<UInt8>, stride: Int
  ) {
    let rowBytes = columns.count * 3
    precondition(stride >= rowBytes && out.count >= stride * (rows.count - 1) + rowBytes)
    let across = ResampleWeights(source: self.width, target: width, positions: columns, filter: filter)
    let down = ResampleWeights(source: self.height, target: height, positions: rows, filter: filter)
    guard let target = out.baseAddress else { return }
    if isShortenedFirst(toWidth: width, height: height) {
      let short = shortened(columns: across.sourceRange, by: down)
      unsafe short.withUnsafeBufferPointer { short in
        guard let source = short.baseAddress else { return }
        for line in 0..<rows.count {
          unsafe fovea_resample_row(
            source + line * across.sourceRange.count * 3, across.taps, across.pairs, columns.count,
            target + line * stride)
        }
      }
    } else {
      let narrow = narrowed(rows: down.sourceRange, by: across)
      unsafe narrow.withUnsafeBufferPointer { narrow in
        guard let source = narrow.baseAddress else { return }
        for (line, taps) in down.taps.enumerated() {
          unsafe fovea_resample_column(source, rowBytes, taps, down.pairs, rowBytes, target + line * stride)
        }
      }
    }
  }

  /// Whether the vertical pass is the first, which changes roundings between the passes.
  ///
  /// Pillow's rule since version 13 (pull request 9549), found by comparing 4,000 random sizes. Where the aspect
  /// ratio is kept, it concerns images that shrink and are more than twice as high as wide; before, the horizontal
  /// pass was the first.
  private func isShortenedFirst(toWidth width: Int, height: Int) -> Bool {
    height < self.height && self.height - height > 2 * (self.width - width)
  }

  /// The horizontal pass: these rows of the source, each with as many pixels as there are weights.
  private func narrowed(rows: Range<Int>, by weights: ResampleWeights) -> [UInt8] {
    let rowBytes = weights.taps.count * 3
    let sourceBytes = width * 3
    let skip = weights.sourceRange.lowerBound * 3
    // Of the image's last row a copy: the kernel reads 1 byte past the last pixel, and there the pixels end.
    let lastRow = Array(pixels[(pixels.count - sourceBytes)...]) + [0]
    return unsafe [UInt8](unsafeUninitializedCapacity: rows.count * rowBytes) { out, used in
      unsafe pixels.withUnsafeBufferPointer { pixels in
        unsafe lastRow.withUnsafeBufferPointer { lastRow in
          guard let base = pixels.baseAddress, let last = lastRow.baseAddress, let target = out.baseAddress
          else { return }
          for (line, row) in rows.enumerated() {
            let source = unsafe row == height - 1 ? last : base + row * sourceBytes
            unsafe fovea_resample_row(
              source + skip, weights.taps, weights.pairs, weights.taps.count, target + line * rowBytes)
          }
          used = rows.count * rowBytes
        }
      }
    }
  }

  /// The vertical pass: these columns of the source, with as many rows as there are weights, and 1 byte that the
  /// horizontal kernel reads past the end.
  private func shortened(columns: Range<Int>, by weights: ResampleWeights) -> [UInt8] {
    let rowBytes = columns.count * 3
    let sourceBytes = width * 3
    let skip = weights.sourceRange.lowerBound * sourceBytes + columns.lowerBound * 3
    let count = weights.taps.count * rowBytes + 1
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { out, used in
      unsafe pixels.withUnsafeBufferPointer { pixels in
        guard let source = pixels.baseAddress, let target = out.baseAddress else { return }
        for (line, taps) in weights.taps.enumerated() {
          unsafe fovea_resample_column(
            source + skip, sourceBytes, taps, weights.pairs, rowBytes, target + line * rowBytes)
        }
        unsafe target[count - 1] = 0
        used = count
      }
    }
  }
}
