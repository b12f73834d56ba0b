import FoveaGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A network's outputs in 8 bits beside those in float.
public struct OutputComparison: Sendable {
  /// How many inputs both computed.
  public var inputs = 0
  /// Of all values, one entry an output.
  public var outputs: [SignalToNoise] = []
  /// On how many inputs the first output's largest value is at the same place; nil where that output is no list of scores.
  public var agreeing: Int?
  /// On how many inputs the largest value would be at the same place if the errors were drawn again: the sum of each input's
  /// probability. Some dozens of inputs tell this better than the count, which close calls decide by luck; and a search that
  /// tries networks until the count is as wished picks the lucky ones. nil where `agreeing` is.
  public var expectedAgreeing: Double?

  /// Of no inputs yet.
  init(of network: Network) {
    outputs = network.outputs.map { _ in SignalToNoise() }
    let hasScores = network.outputs.first.map { network[$0].shape.filter { $0 > 1 }.count == 1 } ?? false
    (agreeing, expectedAgreeing) = hasScores ? (0, 0) : (nil, nil)
  }

  /// The errors' energy in shares of the signal's, of all outputs together.
  var relativeNoise: Double { outputs.reduce(0) { $0 + ($1.signal > 0 ? $1.noise / $1.signal : 0) } }

  /// Adds the outputs of one input.
  mutating func add(_ exact: [[Float]], _ other: [[Float]]) {
    for (index, values) in exact.enumerated() { outputs[index].add(values, other[index]) }
    inputs += 1
    guard let agreeing, let expectedAgreeing, let scores = exact.first, let noisy = other.first else { return }
    self.agreeing = agreeing + (scores.firstLargest == noisy.firstLargest ? 1 : 0)
    self.expectedAgreeing = expectedAgreeing + probabilityOfSameAnswer(scores, noisy)
  }
}

/// How probable it is that errors such as a classifier's scores have leave the largest score the largest.
///
/// Errors are taken as normal and independent, of the variance that the errors of the largest scores have about their mean (an error
/// that all scores share changes no answer). The largest score's lead m over another is then off by a normal error of twice that
/// variance s^2, and holds with probability Phi(m / (s sqrt(2))). Small scores are left out of the variance: in a thousand classes
/// nearly all are, and their errors are smaller.
///
/// - Parameters:
///   - exact: the scores, [classes].
///   - noisy: the same with errors, [classes].
private func probabilityOfSameAnswer(_ exact: [Float], _ noisy: [Float]) -> Double {
  guard let best = exact.firstLargest, exact.count > 1 else { return 1 }
  let judged = exact.indices.sorted { exact[$1] < exact[$0] }.prefix(6)
  let errors = judged.map { Double(noisy[$0]) - Double(exact[$0]) }
  let mean = errors.reduce(0, +) / Double(errors.count)
  let variance = errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count - 1)
  guard variance.isFinite else { return 0 }
  guard variance > 0 else { return 1 }
  return exact.indices.reduce(1) { product, other in
    let lead = Double(exact[best]) - Double(exact[other])
    // Phi(x) = erfc(-x / sqrt(2)) / 2, at x = lead / sqrt(2 variance).
    return other == best ? product : product * 0.5 * erfc(-lead / (2 * variance.squareRoot()))
  }
}

extension [Float] {
  /// The first place of the largest value.
  fileprivate var firstLargest: Int? { indices.max { self[$0] < self[$1] || self[$0] == self[$1] && $0 > $1 } }
}
