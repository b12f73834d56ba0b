import Fovea
import Testing

/// Logits to probabilities, and probabilities to the few that are shown.
struct PredictionTests {
  @Test(
    arguments: [
      [0, 0], [1, 2, 3], [-1000, 0, 1000], [3e38, -3e38, 3e38], [1e30], [-1e-30, 1e-30], [5, .nan, 6],
      [.infinity, 1, .infinity], [-.infinity, -.infinity], [.nan, .nan, .nan], [-.infinity, 2], [-2, -1],
    ] as [[Float]])
  func sumToOne(_ logits: [Float]) {
    let result = probabilities(ofLogits: logits)
    #expect(result.count == logits.count)
    #expect(result.allSatisfy { (0...1).contains($0) })
    #expect((result.reduce(0, +) - 1).magnitude < 1e-6)
  }

  @Test func areTheSoftmax() {
    let result = probabilities(ofLogits: [1, 2, 4])
    // exp(1), exp(2), exp(4) over their sum, by a pocket calculator.
    for (x, y) in zip(result, [0.042010, 0.114195, 0.843795] as [Float]) { #expect((x - y).magnitude < 1e-6) }
    #expect(probabilities(ofLogits: []) == [])
  }

  @Test func notANumberIsImprobable() {
    #expect(probabilities(ofLogits: [1, .nan, 1]) == [0.5, 0, 0.5])
    #expect(probabilities(ofLogits: [.infinity, 1, .nan]) == [1, 0, 0])
  }

  /// Networks that end in a softmax are not softened twice.
  @Test(arguments: [[0.25, 0.75], [1], [0, 1, 0], [0.3335, 0.3335, 0.3335]] as [[Float]])
  func probabilitiesStay(_ values: [Float]) {
    #expect(probabilities(ofLogits: values) == values)
  }

  @Test func topIsSorted() {
    let top = topPredictions([0.1, 0.4, 0.1, 0.3, 0.1], labels: ["a", "b", "c", "d", "e"], count: 4)
    #expect(top.map(\.label) == ["b", "d", "a", "c"])
    #expect(top.map(\.index) == [1, 3, 0, 2])
    #expect(top.map(\.probability) == [0.4, 0.3, 0.1, 0.1])
  }

  @Test(arguments: [(-1, 0), (0, 0), (1, 1), (3, 3), (100, 3)])
  func topCounts(_ count: Int, _ expected: Int) {
    #expect(topPredictions([0.2, 0.3, 0.5], labels: [], count: count).count == expected)
  }

  @Test func numbersStandForMissingLabels() {
    #expect(topPredictions([0.2, 0.8], labels: ["only"], count: 2).map(\.label) == ["1", "only"])
  }
}
