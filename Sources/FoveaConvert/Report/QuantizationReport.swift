/// What rounding a network to 8 bits did to it.
public struct QuantizationReport: Sendable {
  /// In the order of execution, after the passes.
  public var layers: [LayerQuantization]
  /// The weights and other constants in 32-bit floats.
  public var floatBytes: Int
  /// Float and 8 bits side by side, on inputs that calibration did not see; nil where there were none.
  public var comparison: OutputComparison?
  /// What equalizing channels came to; nil where it was not tried.
  public var equalization: EqualizationReport?
  /// What a budget of accuracy came to; nil where there was none.
  public var mixedPrecision: MixedPrecision?

  /// The places in `layers` of those that deserve a look, the worst first.
  public var suspicious: [Int] {
    layers.indices.filter { !layers[$0].suspicions.isEmpty }.sorted { a, b in
      let (first, second) = (layers[a].suspicions[0], layers[b].suspicions[0])
      guard first.kind == second.kind else { return first.kind < second.kind }
      return first.magnitude == second.magnitude ? a < b : first.magnitude > second.magnitude
    }
  }
}

/// A node of a network that runs in 8 bits.
public struct LayerQuantization: Sendable {
  public var name: String
  /// ONNX's name of the operation.
  public var operation: String
  /// NHWC where it has four dimensions.
  public var outputShape: [Int]
  public var macs: Int
  /// Whether its arithmetic is 8-bit.
  public var isInt8: Bool
  /// Whether it could run in 8 bits, and a budget of accuracy keeps it in float.
  public var isFloatByChoice = false
  /// Nil for layers without 8-bit weights.
  public var weights: WeightQuantization?
  /// Nil where nothing was measured.
  public var output: ActivationQuantization?
  /// The worst of its inputs by `ActivationQuantization.accumulated`, in decibels: infinite for the network's own inputs.
  public var inputDecibels = Double.infinity
  /// What it gained in float; nil where that was not tried: by reports, for suspicious layers.
  public var inFloat: FloatTrial?
  /// What is wrong with it, the worst first.
  public var suspicions: [Suspicion] = []
}

/// A layer's weights in 8 bits.
public struct WeightQuantization: Sendable {
  public var count: Int
  /// The 8-bit weights against those in float.
  public var signalToNoise: SignalToNoise
  /// Output channels, and those of them whose weights are all zero.
  public var channels: Int
  public var zeroChannels: Int

  /// - Parameter weights: in float, in the order of the layer's.
  init(_ layer: QuantizedLayer, of weights: [Float]) {
    count = weights.count
    channels = layer.scales.count
    let size = weights.count / max(1, channels)
    var signalToNoise = SignalToNoise()
    var zeroChannels = 0
    for (channel, scale) in layer.scales.enumerated() {
      let row = (channel * size)..<((channel + 1) * size)
      signalToNoise.add(weights[row], layer.weights[row].lazy.map { Float($0) * scale })
      if weights[row].allSatisfy({ $0 == 0 }) { zeroChannels += 1 }
    }
    (self.signalToNoise, self.zeroChannels) = (signalToNoise, zeroChannels)
  }
}

/// A layer's output in 8 bits beside what the float network computes, on inputs that calibration did not see.
public struct ActivationQuantization: Sendable {
  /// The float values against themselves rounded to the output's 256 steps; nil where the output stays float.
  public var isolated: SignalToNoise?
  /// The float network's values against the 8-bit network's: all that went wrong up to here.
  public var accumulated = SignalToNoise()
  /// What the 256 steps cover; nil where the output stays float.
  public var covered: ClosedRange<Float>?
  /// The smallest and the largest float value; nil where none was finite.
  public var seen: ClosedRange<Float>?
  /// The share of float values that lie half a step and more outside of what is covered.
  public var clippedShare = 0.0
  /// Channels, for images; those among them that were zero everywhere; the one with the largest value, and that value over the
  /// median of the living channels' largest ones.
  public var channels: Channels?

  public struct Channels: Hashable, Sendable {
    public var count: Int
    public var zeros: Int
    public var largest: Int
    public var ratio: Double

    public init(count: Int, zeros: Int, largest: Int, ratio: Double) {
      self.count = count
      self.zeros = zeros
      self.largest = largest
      self.ratio = ratio
    }
  }

  public init() {}
}
