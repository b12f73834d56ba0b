/// An image in memory: 8-bit RGB, in the orientation in which it is meant to be seen.
public struct Image: Equatable, Sendable {
  /// The most pixels that are decoded: 2^29 / 3, so that the RGB bytes stay below 512 MiB. Pillow refuses at the same
  /// number.
  public static let pixelLimit = 178_956_970

  /// Pixels in a row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// `height * width * 3` bytes: rows from the top, pixels from the left, red, green, blue.
  public let pixels: [UInt8]

  /// An image of pixels that are already decoded, or nil if `pixels` has not `width * height * 3` bytes.
  public init?(width: Int, height: Int, pixels: [UInt8]) {
    guard width > 0, height > 0, width <= pixels.count, height <= pixels.count,
      width.multipliedReportingOverflow(by: height) == (pixels.count / 3, false), pixels.count % 3 == 0
    else { return nil }
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// For code that made the pixels to measure.
  init(sound width: Int, _ height: Int, _ pixels: [UInt8]) {
    assert(width > 0 && height > 0 && pixels.count == width * height * 3)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  /// The shorter of width and height, in pixels.
  public var shorterSide: Int { min(width, height) }
}
