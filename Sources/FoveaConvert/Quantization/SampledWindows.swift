/// Windows that statistics look at, of the u8 inputs that a layer had in some runs.
@unsafe
struct SampledWindows {
  let windows: LayerWindows
  /// Which of them, of each run.
  let positions: [[Int]]
  /// The runs' inputs, one after another.
  let images: UnsafePointer<UInt8>
  /// Bytes of one input.
  let imageBytes: Int
  let zeroPoint: Int32

  var count: Int { unsafe positions.reduce(0) { $0 + $1.count } }

  /// Writes a window as its elements less the zero point.
  ///
  /// - Parameters:
  ///   - row: in the order of runs. Every run has as many.
  ///   - groups: whose elements are written; all where nil.
  func gather(_ row: Int, groups: Range<Int>? = nil, into target: UnsafeMutablePointer<Float>) {
    let (run, index) = unsafe row.quotientAndRemainder(dividingBy: positions[0].count)
    let (image, zero) = unsafe (images + run * imageBytes, zeroPoint)
    let channels = groups.map {
      unsafe ($0.lowerBound * windows.channelsOfGroup)..<($0.upperBound * windows.channelsOfGroup)
    }
    unsafe windows.gather(positions[run][index], channels: channels, into: target) { offset in
      unsafe Float(Int32(image[offset]) - zero)
    }
  }
}
