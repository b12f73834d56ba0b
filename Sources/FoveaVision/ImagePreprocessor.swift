import FoveaCore

/// Turns images into what a network expects: resized, cropped, in its channel order, and as floats or quantized
/// bytes.
///
/// The result equals torchvision's on PIL images, byte for byte:
///
///     transforms.Resize(round(min(width, height) / crop), interpolation), transforms.CenterCrop((height, width))
///
/// If the resized image is smaller than the crop in one dimension (possible where width and height differ), it is
/// centred on black.
///
///     let preprocessor = try ImagePreprocessor(model.preprocessing)
///     let image = try Image(path: "cat.jpg", atLeast: preprocessor.resizedShorterSide)
///     let pixels = preprocessor.pixels(of: image)
public struct ImagePreprocessor: Sendable {
  public let preprocessing: Preprocessing
  /// The length to which an image's shorter side is resized, in pixels.
  public let resizedShorterSide: Int
  /// `(pixel / 255 - mean) / standardDeviation` of each byte: 256 values for each of the network's channels.
  let normalized: [Float]

  /// The longest sides that are accepted, so that no size can overflow: an input of 2^14, a resized shorter side of
  /// 2^20.
  private static let longestInput = 1 << 14
  private static let longestSide = 1 << 20

  /// - Throws: `invalidPreprocessing` unless width and height are 1...16384, crop is in (0, 1] and makes the shorter
  ///   side at most 2^20, means are finite and standard deviations finite and above 0.
  public init(_ preprocessing: Preprocessing) throws(ImageError) {
    guard (1...Self.longestInput).contains(preprocessing.width), (1...Self.longestInput).contains(preprocessing.height)
    else {
      throw .invalidPreprocessing(
        reason: "an input of \(preprocessing.width) x \(preprocessing.height); each side is 1...\(Self.longestInput)")
    }
    let side = CropGeometry.resizedSide(for: preprocessing)
    guard preprocessing.crop > 0, preprocessing.crop <= 1, side <= Double(Self.longestSide) else {
      throw .invalidPreprocessing(reason: "a crop of \(preprocessing.crop); it is a share in (0, 1]")
    }
    let (mean, deviation) = (preprocessing.mean, preprocessing.standardDeviation)
    let channels = [(mean.c0, deviation.c0), (mean.c1, deviation.c1), (mean.c2, deviation.c2)]
    guard channels.allSatisfy({ $0.0.isFinite && $0.1.isFinite && $0.1 > 0 }) else {
      throw .invalidPreprocessing(reason: "means must be finite, standard deviations finite and above 0")
    }
    self.preprocessing = preprocessing
    resizedShorterSide = Int(side)
    normalized = channels.flatMap { mean, deviation in (0..<256).map { (Float($0) / 255 - mean) / deviation } }
  }

  /// Bytes in `pixels(of:)`'s result, and values in the network's input: height * width * 3.
  public var count: Int { preprocessing.height * preprocessing.width * 3 }

  /// The network's view of an image: [height, width, 3] bytes in the network's channel order.
  public func pixels(of image: Image) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { out, used in
      unsafe pixels(of: image, into: out)
      used = count
    }
  }

  /// Writes the network's view of an image: [height, width, 3] bytes in the network's channel order.
  ///
  /// - Parameter out: Must have exactly `count` bytes.
  @unsafe
  public func pixels(of image: Image, into out: UnsafeMutableBufferPointer<UInt8>) {
    precondition(out.count == count, "the buffer must have height * width * 3 bytes")
    let geometry = CropGeometry(
      imageWidth: image.width, imageHeight: image.height, side: resizedShorterSide,
      width: preprocessing.width, height: preprocessing.height)
    if geometry.columns.count < preprocessing.width || geometry.rows.count < preprocessing.height {
      unsafe out.initialize(repeating: 0)
    }
    let rowBytes = preprocessing.width * 3
    let start = geometry.top * rowBytes + geometry.left * 3
    unsafe image.resample(
      width: geometry.resizedWidth, height: geometry.resizedHeight, filter: preprocessing.filter,
      columns: geometry.columns, rows: geometry.rows,
      into: UnsafeMutableBufferPointer(rebasing: out[start...]), stride: rowBytes)
    if preprocessing.channelOrder == .bgr {
      for index in stride(from: 0, to: count, by: 3) {
        unsafe out.swapAt(index, index + 2)
      }
    }
  }
}
