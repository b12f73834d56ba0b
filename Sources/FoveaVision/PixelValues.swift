import FoveaCore

extension ImagePreprocessor {
  /// Writes `(pixel / 255 - mean) / standardDeviation` for every byte, in single precision and in this order of
  /// operations, as torchvision's `ToTensor` and `Normalize` compute it.
  ///
  /// - Parameters:
  ///   - pixels: [height, width, 3] bytes in the network's channel order, from `pixels(of:)`.
  ///   - out: As many values as `pixels`, in the same order (NHWC).
  @unsafe
  public func normalize(_ pixels: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<Float>) {
    precondition(pixels.count == out.count && pixels.count % 3 == 0, "three values a pixel, as many floats as bytes")
    unsafe normalized.withUnsafeBufferPointer { tables in
      for index in stride(from: 0, to: pixels.count, by: 3) {
        unsafe out[index] = tables[Int(pixels[index])]
        unsafe out[index + 1] = tables[256 + Int(pixels[index + 1])]
        unsafe out[index + 2] = tables[512 + Int(pixels[index + 2])]
      }
    }
  }

  /// The normalized values of an array of pixels; see `normalize(_:into:)`.
  public func normalize(_ pixels: [UInt8]) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: pixels.count) { out, used in
      let target = unsafe UnsafeMutableBufferPointer(rebasing: out[..<pixels.count])
      unsafe pixels.withUnsafeBufferPointer { unsafe normalize($0, into: target) }
      used = pixels.count
    }
  }

  /// The tables that take a pixel's byte to the network's quantized input:
  /// `q = clamp(roundHalfToEven(((pixel / 255 - mean) / standardDeviation) / scale) + zeroPoint, 0, 255)`.
  ///
  /// - Parameters:
  ///   - scale: The step of the quantized input, a finite number above 0.
  ///   - zeroPoint: The byte that stands for 0.
  public func quantizationTables(scale: Float, zeroPoint: Int32) -> QuantizationTables {
    QuantizationTables(
      bytes: normalized.map { value in
        let steps = (value / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
        // Written so that a NaN (a scale of 0) is 0 and not a trap.
        return steps > 0 ? steps < 255 ? UInt8(steps) : 255 : 0
      })
  }
}

/// For each of the network's input channels, the quantized value of each pixel byte.
public struct QuantizationTables: Equatable, Sendable {
  /// 3 * 256 bytes: the table of channel c begins at 256 * c.
  public let bytes: [UInt8]

  /// Writes the quantized value of every byte.
  ///
  /// - Parameters:
  ///   - pixels: [height, width, 3] bytes in the network's channel order, from `ImagePreprocessor.pixels(of:)`.
  ///   - out: As many bytes as `pixels`, in the same order (NHWC). May be the same memory as `pixels`.
  @unsafe
  public func apply(to pixels: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) {
    precondition(pixels.count == out.count && pixels.count % 3 == 0, "three bytes a pixel, as many out as in")
    unsafe bytes.withUnsafeBufferPointer { tables in
      for index in stride(from: 0, to: pixels.count, by: 3) {
        unsafe out[index] = tables[Int(pixels[index])]
        unsafe out[index + 1] = tables[256 + Int(pixels[index + 1])]
        unsafe out[index + 2] = tables[512 + Int(pixels[index + 2])]
      }
    }
  }

  /// The quantized values of an array of pixels; see `apply(to:into:)`.
  public func apply(to pixels: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: pixels.count) { out, used in
      let target = unsafe UnsafeMutableBufferPointer(rebasing: out[..<pixels.count])
      unsafe pixels.withUnsafeBufferPointer { unsafe apply(to: $0, into: target) }
      used = pixels.count
    }
  }
}
