/// How the stored pixels are to be turned to be seen upright: the eight values of EXIF's tag 0x0112.
package enum Orientation: Int, CaseIterable, Sendable {
  case upright = 1
  case mirrored = 2
  case turnedAround = 3
  case flipped = 4
  /// Mirrored at the diagonal from the top left.
  case transposed = 5
  /// To be turned a quarter clockwise.
  case quarterClockwise = 6
  /// Mirrored at the diagonal from the top right.
  case transversed = 7
  /// To be turned a quarter counter-clockwise.
  case quarterCounterclockwise = 8

  /// Whether width and height change places.
  var swapsSides: Bool { rawValue >= 5 }

  /// Where the source pixel of the first output pixel lies, and how far apart, in pixels, the sources of horizontal
  /// and vertical neighbours are, in a source of `width` x `height`.
  func walk(width: Int, height: Int) -> (start: Int, right: Int, down: Int) {
    let last = width * height - 1
    let lastRow = width * (height - 1)
    return switch self {
    case .upright: (0, 1, width)
    case .mirrored: (width - 1, -1, width)
    case .turnedAround: (last, -1, -width)
    case .flipped: (lastRow, 1, -width)
    case .transposed: (0, width, 1)
    case .quarterClockwise: (lastRow, -width, 1)
    case .transversed: (last, -width, -1)
    case .quarterCounterclockwise: (width - 1, width, -1)
    }
  }
}

extension Image {
  /// The image turned as `orientation` asks, as Pillow's `ImageOps.exif_transpose` does.
  package func turned(_ orientation: Orientation) -> Image {
    if orientation == .upright { return self }
    let (outWidth, outHeight) = orientation.swapsSides ? (height, width) : (width, height)
    let walk = orientation.walk(width: width, height: height)
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: pixels.count) { out, count in
      unsafe pixels.withUnsafeBufferPointer { source in
        // In tiles, because a quarter turn walks down the source's columns: what a tile touches stays in the cache
        // until all of it is used. 35 ms for 12 megapixels, where a plain copy takes 19 (new memory is most of both).
        let tile = 32
        for top in stride(from: 0, to: outHeight, by: tile) {
          for left in stride(from: 0, to: outWidth, by: tile) {
            for y in top..<min(top + tile, outHeight) {
              var from = 3 * (walk.start + walk.down * y + walk.right * left)
              var to = 3 * (outWidth * y + left)
              for _ in left..<min(left + tile, outWidth) {
                unsafe out[to] = source[from]
                unsafe out[to + 1] = source[from + 1]
                unsafe out[to + 2] = source[from + 2]
                from += 3 * walk.right
                to += 3
              }
            }
          }
        }
      }
      count = pixels.count
    }
    return Image(sound: outWidth, outHeight, bytes)
  }
}
