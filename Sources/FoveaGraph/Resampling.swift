/// Each position along one axis as a weighted sum of positions of the input: what resizing in any mode and any of ONNX's ways to
/// count coordinates comes to, and, with one position of weight 1 each, gathering, tiling and broadcasting.
///
/// Output position i is the sum of `weights[i * taps + t] * input[positions[i * taps + t]]` over t in 0 ..< taps.
public struct Resampling: Hashable, Sendable {
  public var axis: Int
  public var taps: Int
  public var positions: [Int]
  public var weights: [Float]

  public init(axis: Int, taps: Int, positions: [Int], weights: [Float]) {
    self.axis = axis
    self.taps = taps
    self.positions = positions
    self.weights = weights
  }

  /// Copies of the input at the given positions.
  public init(axis: Int, gathering positions: [Int]) {
    self.init(
      axis: axis, taps: 1, positions: positions, weights: [Float](repeating: 1, count: positions.count))
  }

  /// The output's length along the axis.
  public var length: Int { taps > 0 ? positions.count / taps : 0 }

  /// Whether every output element is one of the input's.
  public var isGather: Bool { taps == 1 && weights.allSatisfy { $0 == 1 } }

  /// Whether every output element lies between elements of the input: no weight is negative and each position's add up to 1.
  public var isInterpolation: Bool {
    (0..<length).allSatisfy { place in
      let own = weights[place * taps..<(place + 1) * taps]
      return own.allSatisfy { $0 >= 0 } && abs(own.reduce(0, +) - 1) < 1e-5
    }
  }
}

/// Statistics over `axes` (each in 0 ..< rank, sorted) that are taken away.
public struct Normalization: Hashable, Sendable {
  public var axes: [Int]
  /// Added to the variance.
  public var epsilon: Float

  public init(axes: [Int], epsilon: Float) {
    self.axes = axes
    self.epsilon = epsilon
  }
}

/// Blocks of `height` x `width` pixels, each from a group of channels (or the other way round).
public struct DepthToSpace: Hashable, Sendable {
  public enum Order: Hashable, Sendable {
    /// Channels are [block height][block width][depth]: ONNX's DCR, and SpaceToDepth.
    case blockFirst
    /// Channels are [depth][block height][block width]: ONNX's CRD.
    case depthFirst
  }

  public var block: Size2D
  public var order: Order

  public init(block: Size2D, order: Order) {
    self.block = block
    self.order = order
  }
}
