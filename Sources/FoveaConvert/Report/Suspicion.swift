/// Something about a layer in 8 bits that may have cost accuracy.
public enum Suspicion: Hashable, Sendable {
  /// The signal-to-noise ratio, in decibels, of the layer's inputs and of its output.
  case loss(before: Double, after: Double)
  /// The share of the output's values that lie outside of what its 256 steps cover.
  case clipping(share: Double)
  /// The range of the output is so wide that rounding it to 256 steps leaves only so many decibels.
  case coarseSteps(decibels: Double)
  /// One channel's largest value is this many times that of the median channel: all others share few steps.
  case wideChannel(index: Int, ratio: Double)
  /// Rounding the weights left only so many decibels.
  case coarseWeights(decibels: Double)
  /// Output channels whose weights are all zero, or that were zero for every input: they cost time for nothing.
  case deadChannels(count: Int, of: Int)
  /// A layer with weights, or a product of matrices, whose arithmetic stayed float.
  case float(macs: Int)

  /// Kinds in the order of what they usually cost.
  var kind: Int {
    switch self {
    case .loss: 0
    case .clipping: 1
    case .coarseSteps: 2
    case .wideChannel: 3
    case .coarseWeights: 4
    case .deadChannels: 5
    case .float: 6
    }
  }

  /// Larger is worse, within a kind.
  var magnitude: Double {
    switch self {
    case .loss(let before, let after): min(before, Self.good) - after
    case .clipping(let share): share
    case .coarseSteps(let decibels), .coarseWeights(let decibels): -decibels
    case .wideChannel(_, let ratio): ratio
    case .deadChannels(let count, let all): Double(count) / Double(max(1, all))
    case .float(let macs): Double(macs)
    }
  }

  /// Decibels beyond which an input counts as exact.
  private static let good = 40.0
  /// 8 bits usually leave 35 to 45 dB of weights or of an activation.
  private static let poor = 25.0
  /// Beyond as many decibels of all errors together, a layer's own loss does not matter.
  private static let fair = 30.0
  private static let loss = 6.0
  private static let clippedShare = 0.005
  private static let channelRatio = 20.0
  private static let deadShare = 0.1

  /// What is wrong with a layer, the worst first.
  static func all(of layer: LayerQuantization) -> [Suspicion] {
    var found: [Suspicion] = []
    if let output = layer.output {
      let after = output.accumulated.decibels
      if after < fair, min(layer.inputDecibels, good) - after >= loss {
        found.append(.loss(before: layer.inputDecibels, after: after))
      }
      if output.clippedShare >= clippedShare { found.append(.clipping(share: output.clippedShare)) }
      if let isolated = output.isolated?.decibels, isolated < poor { found.append(.coarseSteps(decibels: isolated)) }
      if let channels = output.channels, output.covered != nil, channels.ratio >= channelRatio {
        found.append(.wideChannel(index: channels.largest, ratio: channels.ratio))
      }
    }
    if let weights = layer.weights, weights.signalToNoise.decibels < poor {
      found.append(.coarseWeights(decibels: weights.signalToNoise.decibels))
    }
    let dead = layer.weights.flatMap { weights -> Suspicion? in
      let count = max(weights.zeroChannels, layer.output?.channels?.zeros ?? 0)
      return count > 0 && Double(count) >= deadShare * Double(weights.channels)
        ? .deadChannels(count: count, of: weights.channels) : nil
    }
    if let dead { found.append(dead) }
    if !layer.isInt8, !layer.isFloatByChoice, layer.macs > 0 { found.append(.float(macs: layer.macs)) }
    return found
  }
}
