import FoveaGraph

/// A network's outputs in 8 bits beside those in float.
public struct OutputComparison: Sendable {
  /// How many inputs both computed.
  public var inputs = 0
  /// Of all values, one entry an output.
  public var outputs: [SignalToNoise] = []
  /// On how many inputs the first output's largest value is at the same place; nil where that output is no list of scores.
  public var agreeing: Int?

  /// Of no inputs yet.
  init(of network: Network) {
    outputs = network.outputs.map { _ in SignalToNoise() }
    let hasScores = network.outputs.first.map { network[$0].shape.filter { $0 > 1 }.count == 1 } ?? false
    agreeing = hasScores ? 0 : nil
  }

  /// The errors' energy in shares of the signal's, of all outputs together.
  var relativeNoise: Double { outputs.reduce(0) { $0 + ($1.signal > 0 ? $1.noise / $1.signal : 0) } }

  /// Adds the outputs of one input.
  mutating func add(_ exact: [[Float]], _ other: [[Float]]) {
    for (index, values) in exact.enumerated() { outputs[index].add(values, other[index]) }
    if let count = agreeing, exact[0].firstLargest == other[0].firstLargest { agreeing = count + 1 }
    inputs += 1
  }
}

extension [Float] {
  /// The first place of the largest value.
  fileprivate var firstLargest: Int? { indices.max { self[$0] < self[$1] || self[$0] == self[$1] && $0 > $1 } }
}
