import FoveaRuntime

/// Rounds weights so that a layer's outputs change least, rather than the weights themselves: second-order rounding (LeCun,
/// Denker and Solla, "Optimal Brain Damage", 1990; Hassibi and Stork, "Optimal Brain Surgeon", 1993; Frantar and others,
/// "GPTQ", 2022).
///
/// The mean squared error of an output is (w - q)' H (w - q), where w are its weights, q what they are rounded to, and H = X'X
/// the products of the layer's inputs. With H = R'R (Cholesky) it is the sum over i of
///
///     (R[i,i] (w[i] - q[i]) + sum over j > i of R[i,j] (w[j] - q[j]))^2
///
/// so that, from the last weight to the first, q[i] is w[i] plus what the weights already rounded ask for, rounded. That is
/// Babai's nearest plane, and the same as GPTQ (which walks the other way, and so needs H inverted; Chen and others, "The
/// Geometry of LLM Quantization", 2025). Inputs that matter most are rounded first, when all others can still make up for them.
package struct SecondOrderRounding {
  /// Elements of a window.
  package let size: Int
  /// H's diagonal, damped, in the weights' order.
  private let importance: [Float]
  /// The weights' indices in the order of R's columns: those to round last come first.
  private let order: [Int]
  /// R, each row divided by its diagonal element; the upper triangle of [size][size].
  private let factor: [Float]

  /// Weights between two matrix products.
  private static let block = 64
  /// Of the mean of H's diagonal: what is added to all of it, so that directions which calibration hardly saw cost
  /// something too. GPTQ takes 0.01; with the few photos that people calibrate with, EfficientNet-Lite0's logits came out
  /// 0.7 dB better with 0.05.
  private static let damping: Float = 0.05

  /// - Parameter gram: H, the upper triangle of a row-major [size][size] matrix. Given away, its memory becomes the factor's: for
  ///   the widest layers of ResNet-50 that is 85 MB.
  package init(gram: consuming [Float], size: Int, algebra: LinearAlgebra = .shared) {
    self.size = size
    let diagonal = (0..<size).map { gram[$0 * size + $0] }
    let mean = diagonal.reduce(0, +) / Float(size)
    guard mean > 0, mean.isFinite else {
      // No input was ever anything but zero: nothing to choose by.
      importance = Array(repeating: 1, count: size)
      order = Array(0..<size)
      factor = []
      return
    }
    let order = (0..<size).sorted { (a: Int, b: Int) -> Bool in
      diagonal[a] == diagonal[b] ? a < b : diagonal[a] < diagonal[b]
    }
    var damping = mean * Self.damping
    Self.permute(&gram, size: size, order: order)
    var isFactored = false
    // Rounding errors of the sums can leave H indefinite; ten times the damping ends that sooner or later.
    while damping < 1e9 * mean {
      for row in 0..<size { gram[row * size + row] = diagonal[order[row]] + damping }
      isFactored = algebra.factorCholesky(&gram, order: size)
      if isFactored { break }
      Self.mirrorLower(&gram, size: size)
      damping *= 10
    }
    for row in 0..<(isFactored ? size : 0) {
      let scale = 1 / gram[row * size + row]
      for column in row..<size { gram[row * size + column] *= scale }
    }
    factor = isFactored ? gram : []
    self.order = order
    importance = diagonal.map { $0 + damping }
  }

  /// Puts the rows and columns of a symmetric matrix, of which the upper triangle is there, in another order. The lower
  /// triangle, which a factorization leaves alone, is then the upper one's mirror.
  private static func permute(_ matrix: inout [Float], size: Int, order: [Int]) {
    for row in 0..<size {
      for column in 0..<row { matrix[row * size + column] = matrix[column * size + row] }
    }
    var line = [Float](repeating: 0, count: size)
    for row in 0..<size {
      for column in 0..<size { line[column] = matrix[row * size + order[column]] }
      for column in 0..<size { matrix[row * size + column] = line[column] }
    }
    // Rows along the permutation's cycles, one row aside.
    var isPlaced = [Bool](repeating: false, count: size)
    for start in 0..<size where !isPlaced[start] {
      for column in 0..<size { line[column] = matrix[start * size + column] }
      var row = start
      while true {
        isPlaced[row] = true
        let source = order[row]
        guard source != start else { break }
        for column in 0..<size { matrix[row * size + column] = matrix[source * size + column] }
        row = source
      }
      for column in 0..<size { matrix[row * size + column] = line[column] }
    }
  }

  /// Makes the upper triangle the lower one's mirror again.
  private static func mirrorLower(_ matrix: inout [Float], size: Int) {
    for row in 0..<size {
      for column in (row + 1)..<max(row + 1, size) { matrix[row * size + column] = matrix[column * size + row] }
    }
  }

  /// The scale between `finest` and `1.02 * full` with which an output's weights, each rounded to nearest, make the smallest error, by
  /// H's diagonal alone.
  ///
  /// - Parameters:
  ///   - weights: the output's, `size` of them.
  ///   - full: the scale with which the largest magnitude becomes 127.
  package func scale(of weights: UnsafeBufferPointer<Float>, full: Float, noFinerThan finest: Float) -> Float {
    var best = (error: Float.infinity, scale: max(full, finest))
    for percent in stride(from: 102, through: 50, by: -2) {
      let scale = full * Float(percent) / 100
      guard scale >= finest else { break }
      let error = unsafe error(of: weights, scale: scale)
      if error < best.error { best = (error, scale) }
    }
    return best.scale
  }

  private func error(of weights: UnsafeBufferPointer<Float>, scale: Float) -> Float {
    let inverse = 1 / scale
    var sums = SIMD8<Float>()
    var index = 0
    unsafe importance.withUnsafeBufferPointer { importance in
      while index + 8 <= size {
        let w = unsafe UnsafeRawPointer(weights.baseAddress.unsafelyUnwrapped + index).loadUnaligned(
          as: SIMD8<Float>.self)
        let h = unsafe UnsafeRawPointer(importance.baseAddress.unsafelyUnwrapped + index)
          .loadUnaligned(as: SIMD8<Float>.self)
        let e = w - roundToStep(w * inverse) * scale
        sums += e * e * h
        index += 8
      }
    }
    var sum = sums.sum()
    while index < size {
      let e = unsafe weights[index] - roundToStep(SIMD8(repeating: weights[index] * inverse))[0] * scale
      sum += e * e * importance[index]
      index += 1
    }
    return sum
  }

  /// Rounds the weights of some outputs.
  ///
  /// - Parameters:
  ///   - weights: [outputs][size].
  ///   - scales: [outputs].
  /// - Returns: [outputs][size] of -127...127.
  package func round(_ weights: ArraySlice<Float>, scales: [Float]) -> [Int8] {
    let outputs = scales.count
    let first = weights.startIndex
    var rounded = [Int8](repeating: 0, count: outputs * size)
    guard !factor.isEmpty else {
      for index in 0..<(outputs * size) {
        rounded[index] = Int8(roundToStep(SIMD8(repeating: weights[first + index] / scales[index / size]))[0])
      }
      return rounded
    }
    // By input, so that each step of the walk works on a row of outputs.
    var errors = [Float](repeating: 0, count: size * outputs)
    var pending = [Float](repeating: 0, count: min(Self.block, size) * outputs)
    let sgemm = unsafe BLAS.sgemm
    for end in stride(from: size, to: 0, by: -Self.block) {
      let begin = max(0, end - Self.block)
      if end < size {
        unsafe factor.withUnsafeBufferPointer { factor in
          unsafe errors.withUnsafeBufferPointer { errors in
            unsafe sgemm(
              Int32(end - begin), Int32(outputs), Int32(size - end),
              factor.baseAddress.unsafelyUnwrapped + begin * size + end, Int32(size),
              errors.baseAddress.unsafelyUnwrapped + end * outputs, Int32(outputs), &pending, Int32(outputs))
          }
        }
      }
      for row in (begin..<end).reversed() {
        let target = (row - begin) * outputs
        for later in (row + 1)..<max(row + 1, end) {
          let share = factor[row * size + later]
          for output in 0..<outputs { pending[target + output] += share * errors[later * outputs + output] }
        }
        let input = order[row]
        for output in 0..<outputs {
          let weight = weights[first + output * size + input]
          let scale = scales[output]
          let wanted = weight + pending[target + output]
          // What has left the range of floats asks for nothing.
          let q = roundToStep(SIMD8(repeating: (wanted.isFinite ? wanted : weight) / scale))[0]
          errors[row * outputs + output] = weight - q * scale
          rounded[output * size + input] = Int8(q)
        }
      }
    }
    return rounded
  }
}

/// Rounds half to even and cuts to -127...127.
@inline(__always)
private func roundToStep(_ x: SIMD8<Float>) -> SIMD8<Float> {
  // Adding 1.5 * 2^23 leaves no bits for fractions; x86 has no instruction to round before SSE4.1.
  let shift = SIMD8<Float>(repeating: 12_582_912)
  return (x.clamped(lowerBound: SIMD8(repeating: -127), upperBound: SIMD8(repeating: 127)) + shift) - shift
}
