import Fovea

/// Parts of photos, drawn at random, from which a few photos make many calibration inputs: the same seed, the same part.
struct RandomCrop {
  /// The share of the largest window of the network's shape that a part covers.
  private static let areas = 0.35...1.0

  private var random: SplitMix64

  init(seed: Int) {
    random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
  }

  /// A window of the shape `width` : `height` at a random place, every other one mirrored.
  mutating func callAsFunction(_ image: Image, width: Int, height: Int) -> Image {
    let largest = min(Double(image.width) / Double(width), Double(image.height) / Double(height))
    let scale = largest * Double.random(in: Self.areas, using: &random).squareRoot()
    let columns = max(1, min(image.width, Int((Double(width) * scale).rounded())))
    let rows = max(1, min(image.height, Int((Double(height) * scale).rounded())))
    let left = Int.random(in: 0...(image.width - columns), using: &random)
    let top = Int.random(in: 0...(image.height - rows), using: &random)
    let isMirrored = Bool.random(using: &random)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(rows * columns * 3)
    for y in top..<(top + rows) {
      for x in 0..<columns {
        let pixel = (y * image.width + (isMirrored ? left + columns - 1 - x : left + x)) * 3
        pixels += image.pixels[pixel..<(pixel + 3)]
      }
    }
    return Image(width: columns, height: rows, pixels: pixels) ?? image
  }
}
