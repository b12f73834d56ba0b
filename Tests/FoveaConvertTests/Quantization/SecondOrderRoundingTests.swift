import FoveaConvert
import FoveaRuntime
import Testing

/// Second-order rounding against its definition, on layers small enough to compute it all the long way.
struct SecondOrderRoundingTests {
  /// Of the mean of the diagonal of X'X.
  private static let damping = 0.05

  /// [rows][size] inputs whose elements depend on each other, as those of a convnet do.
  private func inputs(_ rows: Int, _ size: Int, seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    let mixing = random.floats(size * size)
    return (0..<rows).flatMap { _ -> [Float] in
      let independent = random.floats(size, 0, 40)
      return (0..<size).map { column in
        (0..<size).reduce(Float(0)) { $0 + mixing[column * size + $1] * independent[$1] } + 3 * independent[0]
      }
    }
  }

  /// X'X, the upper triangle; what lies below must not matter.
  private func gram(_ rows: [Float], _ size: Int) -> [Float] {
    var gram = [Float](repeating: .nan, count: size * size)
    for i in 0..<size {
      for j in i..<size {
        gram[i * size + j] = Float(
          stride(from: 0, to: rows.count, by: size).reduce(0.0) { $0 + Double(rows[$1 + i]) * Double(rows[$1 + j]) })
      }
    }
    return gram
  }

  private func rounding(_ gram: [Float], _ size: Int, _ algebra: LinearAlgebra = .shared) -> SecondOrderRounding {
    SecondOrderRounding(gram: gram, size: size, algebra: algebra)
  }

  private func outputError(_ rows: [Float], _ weights: [Float], _ rounded: [Int8], _ scale: Float) -> Double {
    let size = weights.count
    return stride(from: 0, to: rows.count, by: size).reduce(0.0) { sum, row in
      let error = (0..<size).reduce(0.0) {
        $0 + Double(rows[row + $1]) * (Double(weights[$1]) - Double(rounded[$1]) * Double(scale))
      }
      return sum + error * error
    }
  }

  /// GPTQ as its paper writes it: H damped and inverted, then weight by weight the optimal update of all that follow
  /// (Optimal Brain Quantization's formula), the inverse shrinking by one row and column each time. In Double, O(n^3).
  private func reference(_ gram: [Float], _ weights: [Float], _ scale: Float) -> [Int8] {
    let size = weights.count
    let mean = (0..<size).reduce(0.0) { $0 + Double(gram[$1 * size + $1]) } / Double(size)
    var h = (0..<size).map { i in
      (0..<size).map { j in
        Double(gram[min(i, j) * size + max(i, j)]) + (i == j ? SecondOrderRoundingTests.damping * mean : 0)
      }
    }
    // Gauss-Jordan.
    var inverse = (0..<size).map { i in (0..<size).map { $0 == i ? 1.0 : 0 } }
    for i in 0..<size {
      let pivot = h[i][i]
      for j in 0..<size {
        h[i][j] /= pivot
        inverse[i][j] /= pivot
      }
      for k in 0..<size where k != i {
        let factor = h[k][i]
        for j in 0..<size {
          h[k][j] -= factor * h[i][j]
          inverse[k][j] -= factor * inverse[i][j]
        }
      }
    }
    var w = weights.map(Double.init)
    var rounded = [Int8](repeating: 0, count: size)
    // The most important inputs first.
    for i in (0..<size).sorted(by: { gram[$0 * size + $0] > gram[$1 * size + $1] }) {
      let q = max(-127, min(127, (w[i] / Double(scale)).rounded(.toNearestOrEven)))
      rounded[i] = Int8(q)
      let error = (w[i] - q * Double(scale)) / inverse[i][i]
      for j in 0..<size { w[j] -= error * inverse[i][j] }
      let (row, pivot) = (inverse[i], inverse[i][i])
      for j in 0..<size {
        for k in 0..<size { inverse[j][k] -= row[j] * row[k] / pivot }
      }
    }
    return rounded
  }

  /// Sizes on both sides of a block, several outputs at once.
  @Test(arguments: [1, 2, 9, 25, 63, 64, 65, 150])
  func equalsItsDefinition(_ size: Int) {
    let rows = inputs(4 * size + 8, size, seed: UInt64(size))
    let gram = gram(rows, size)
    var random = Random(seed: 5)
    let weights = random.floats(3 * size)
    let scales: [Float] = [0.11, 0.05, 0.013]  // coarse, so that roundings matter and few are close to a half
    let rounded = rounding(gram, size).round(weights[...], scales: scales)
    for output in 0..<3 {
      let own = (output * size)..<((output + 1) * size)
      let expected = reference(gram, Array(weights[own]), scales[output])
      let differing = zip(rounded[own], expected).count { $0 != $1 }
      // A sum in Float may fall on the other side of a half.
      #expect(differing <= size / 50, "output \(output)")
      let (found, wanted) = (
        outputError(rows, Array(weights[own]), Array(rounded[own]), scales[output]),
        outputError(rows, Array(weights[own]), expected, scales[output])
      )
      #expect(found <= 1.02 * wanted + 1e-9)
    }
  }

  @Test(arguments: [64, 130, 200])
  func outputsChangeLessThanByNearest(_ size: Int) {
    let rows = inputs(8 * size, size, seed: 7)
    var random = Random(seed: 11)
    let weights = random.floats(size)
    let scale: Float = 1 / 20
    let rounded = rounding(gram(rows, size), size).round(weights[...], scales: [scale])
    let nearest = weights.map { Int8(($0 / scale).rounded(.toNearestOrEven)) }
    #expect(outputError(rows, weights, rounded, scale) < 0.8 * outputError(rows, weights, nearest, scale))
  }

  /// Inputs that were always zero: their weights go to nearest, and disturb no other.
  @Test func deadInputs() {
    let (size, live) = (12, 8)
    let some = inputs(100, live, seed: 3)
    let rows = (0..<100).flatMap { row -> [Float] in
      Array(some[(row * live)..<((row + 1) * live)]) + [Float](repeating: 0, count: size - live)
    }
    var random = Random(seed: 2)
    let weights = random.floats(size)
    let rounded = rounding(gram(rows, size), size).round(weights[...], scales: [0.07])
    for dead in live..<size {
      #expect(rounded[dead] == Int8((weights[dead] / 0.07).rounded(.toNearestOrEven)))
    }
    let none = rounding([Float](repeating: 0, count: size * size), size).round(weights[...], scales: [0.07])
    #expect(none == weights.map { Int8(($0 / 0.07).rounded(.toNearestOrEven)) })
  }

  /// Fewer inputs than weights, all of them the same, or such as no matrix of numbers gives.
  @Test func degenerateInputsStayInRange() {
    let size = 40
    var random = Random(seed: 4)
    let weights = random.floats(size, -100, 100)
    for gram in [
      gram(inputs(3, size, seed: 1), size), [Float](repeating: 1e30, count: size * size),
      [Float](repeating: -1, count: size * size), [Float](repeating: .infinity, count: size * size),
    ] {
      let rounded = rounding(gram, size).round(weights[...], scales: [0.5])
      #expect(rounded.allSatisfy { $0 >= -127 })
    }
  }

  /// A channel with one huge weight whose input is next to nothing gets a scale for the others.
  @Test func scaleFollowsImportance() {
    let size = 512
    var gram = [Float](repeating: 0, count: size * size)
    for i in 0..<size { gram[i * size + i] = 1000 }
    var random = Random(seed: 6)
    var weights = random.floats(size)
    weights[5] = 1.2
    let full = Float(1.2) / 127
    func scale(finest: Float = 0) -> Float {
      let rounding = rounding(gram, size)
      return unsafe weights.withUnsafeBufferPointer { unsafe rounding.scale(of: $0, full: full, noFinerThan: finest) }
    }
    let before = scale()
    #expect(before > 0.97 * full)
    gram[5 * size + 5] = 0
    #expect(scale() < before)
    #expect(scale(finest: 2 * full) == 2 * full)
  }

  @Test(arguments: [1, 2, 7, 64, 130])
  func portableAlgebraAgrees(_ size: Int) {
    let rows = inputs(2 * size + 3, size, seed: 9)
    var grams: [[Float]] = []
    for algebra in [LinearAlgebra.shared, .portable] {
      var gram = [Float](repeating: 0, count: size * size)
      unsafe rows.withUnsafeBufferPointer { rows in
        guard let rows = rows.baseAddress else { return }
        unsafe algebra.addProduct(
          transposing: rows, stride: size, by: rows, stride: size, m: size, n: size, k: 2 * size + 3, to: &gram,
          stride: size)
      }
      for i in 0..<size { gram[i * size + i] *= 1.01 }
      var factor = gram
      #expect(algebra.factorCholesky(&factor, order: size))
      // R'R gives the matrix back.
      for i in 0..<size {
        for j in i..<size {
          let sum = (0...i).reduce(0.0) { $0 + Double(factor[$1 * size + i]) * Double(factor[$1 * size + j]) }
          let bound = 1e-4 * Double((gram[i * size + i] * gram[j * size + j]).squareRoot())
          #expect((sum - Double(gram[i * size + j])).magnitude <= bound)
        }
      }
      var indefinite = gram
      indefinite[0] = -1
      #expect(!algebra.factorCholesky(&indefinite, order: size))
      grams.append(gram)
    }
    let largest = grams[0].max() ?? 0
    for (a, b) in zip(grams[0], grams[1]) { #expect((a - b).magnitude <= 1e-5 * largest) }
  }
}
