import FoveaCore

/// Where the network's input lies in the resized image: torchvision's `Resize(side)` and `CenterCrop((height, width))`.
package struct CropGeometry: Equatable {
  /// Size of the whole resized image, in pixels.
  package var resizedWidth: Int
  package var resizedHeight: Int
  /// The part of the resized image that is used.
  package var columns: Range<Int>
  package var rows: Range<Int>
  /// Where that part begins in the network's input. Above 0 only if the resized image is smaller than the input; what
  /// the part does not cover is black.
  package var left: Int
  package var top: Int

  /// - Parameters:
  ///   - imageWidth: At least 1, as is `imageHeight`; their product at most 2^31.
  ///   - side: Length of the shorter side after resizing, from `resizedSide(for:)`.
  package init(imageWidth: Int, imageHeight: Int, side: Int, width: Int, height: Int) {
    let (short, long) = (min(imageWidth, imageHeight), max(imageWidth, imageHeight))
    // int(side * long / short) in Python: a correctly rounded quotient, cut off.
    let longSide = Int(Double(side * long) / Double(short))
    (resizedWidth, resizedHeight) = imageWidth <= imageHeight ? (side, longSide) : (longSide, side)
    (columns, left) = Self.centre(width, of: resizedWidth)
    (rows, top) = Self.centre(height, of: resizedHeight)
  }

  /// The length to which the shorter side is resized: min(width, height) / crop, rounded half to even like Python's
  /// `round`.
  package static func resizedSide(for preprocessing: Preprocessing) -> Double {
    (Double(min(preprocessing.width, preprocessing.height)) / Double(preprocessing.crop)).rounded(.toNearestOrEven)
  }

  private static func centre(_ wanted: Int, of length: Int) -> (part: Range<Int>, offset: Int) {
    if wanted > length { return (0..<length, (wanted - length) / 2) }
    let start = Int((Double(length - wanted) / 2).rounded(.toNearestOrEven))
    return (start..<(start + wanted), 0)
  }
}
