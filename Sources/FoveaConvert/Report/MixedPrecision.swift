/// How much accuracy 8 bits may cost, on inputs that calibration did not see.
public enum AccuracyBudget: Hashable, Sendable {
  /// At most this share (0..<1) of the inputs may get another top-1 answer than in float: of those measured, and of others, as the
  /// leads of the first answers and the errors let expect.
  case otherAnswers(share: Double)
  /// Every output keeps at least this signal-to-noise ratio against float.
  case signalToNoise(decibels: Double)

  /// Whether the outputs of `comparison` are within the budget; never by answers where there are no scores.
  public func isMet(by comparison: OutputComparison) -> Bool {
    switch self {
    case .otherAnswers(let share):
      guard let agreeing = comparison.agreeing, let expected = comparison.expectedAgreeing else { return false }
      return Double(comparison.inputs) - min(Double(agreeing), expected) <= share * Double(comparison.inputs)
    case .signalToNoise(let decibels): return comparison.outputs.allSatisfy { $0.decibels >= decibels }
    }
  }
}

/// What it took to meet a budget: layers that could run in 8 bits and stay in float.
public struct MixedPrecision: Sendable {
  public var budget: AccuracyBudget
  /// With every layer in 8 bits that can be.
  public var int8: OutputComparison
  /// With `layers` in float: the model that was made.
  public var mixed: OutputComparison
  /// In the order of execution; none where 8 bits met the budget.
  public var layers: [FloatLayer]
  /// What each layer gained in float by itself, by its place in the order of execution: decibels of all outputs together. Empty
  /// where 8 bits met the budget.
  public var sensitivities: [Int: Double]
  /// Networks that ran to find out.
  public var trials: Int
  /// One run on this machine, on one thread, in milliseconds: the shortest of some, with every layer in 8 bits that can be, and with
  /// `layers` in float.
  public var int8Milliseconds: Double
  public var mixedMilliseconds: Double
}

/// A layer that stays in float for accuracy's sake.
public struct FloatLayer: Hashable, Sendable {
  /// Its place in the order of execution.
  public var index: Int
  /// The layers that were tried in float together, this one among them, for which it was chosen: their places.
  public var group: [Int]
  /// What the group gained in float by itself, in decibels of all outputs together.
  public var decibels: Double
  /// Its steps, with conversions of their inputs, on this machine and one thread: in 8 bits and as it is.
  public var int8Milliseconds: Double
  public var floatMilliseconds: Double
}
