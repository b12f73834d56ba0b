import FoveaRuntime

/// One class that a classifier believes in.
public struct Prediction: Hashable, Sendable {
  /// The class's number, from 0.
  public var index: Int
  /// The class's name; its number where the model has no labels.
  public var label: String
  /// In 0...1; over all classes these add up to 1.
  public var probability: Float
}

/// The softmax of `logits`: exp(x - max) over their sum, computed in double precision.
///
/// Values that already are probabilities (all in 0...1 and adding up to 1 within a thousandth) are returned as they are: such
/// networks end in a softmax of their own. A NaN counts as minus infinity.
public func probabilities(ofLogits logits: [Float]) -> [Float] {
  let sum = logits.reduce(0.0) { $0 + Double($1) }
  if logits.allSatisfy({ (0...1).contains($0) }), abs(sum - 1) < 1e-3 { return logits }
  let logits = logits.map { $0.isNaN ? -.infinity : Double($0) }
  guard let largest = logits.max() else { return [] }
  // Infinities less themselves are no number: the largest are 1 by definition.
  let exponentials = logits.map { $0 == largest ? 1 : exponential($0 - largest) }
  let total = exponentials.reduce(0, +)
  return exponentials.map { Float($0 / total) }
}

/// The `count` largest probabilities, largest first; of equal ones the lower class first.
package func topPredictions(_ probabilities: [Float], labels: [String], count: Int) -> [Prediction] {
  let order = probabilities.indices.sorted {
    probabilities[$0] == probabilities[$1] ? $0 < $1 : probabilities[$0] > probabilities[$1]
  }
  return order.prefix(max(0, count)).map { index in
    Prediction(
      index: index, label: labels.indices.contains(index) ? labels[index] : String(index),
      probability: probabilities[index])
  }
}
