/// The two orders of a rank-4 value's dimensions.
enum ImageOrder {
  /// Transposes [N, C, H, W] to [N, H, W, C]: physical dimension j is logical dimension `toNHWC[j]`.
  static let toNHWC = [0, 2, 3, 1]
  /// Transposes [N, H, W, C] to [N, C, H, W].
  static let toNCHW = [0, 3, 1, 2]

  /// Height and width in [N, H, W, C].
  static let nhwcImageAxes = [1, 2]

  /// Where dimension `axis` of [N, C, H, W] lies in [N, H, W, C].
  static func nhwcAxis(of axis: Int) -> Int { toNCHW[axis] }

  /// One entry a dimension, reordered.
  static func nhwc(_ entries: [Int]) -> [Int] { toNHWC.map { entries[$0] } }
}
