import Glibc

/// The interval that holds a rate with 95 % confidence, where `successes` of `trials` were counted: Wilson's ("Probable Inference, the
/// Law of Succession, and Statistical Inference", 1927), which also holds near 0 and 1, where the usual one does not.
package func wilsonInterval(_ successes: Int, of trials: Int) -> ClosedRange<Double> {
  guard trials > 0 else { return 0...1 }
  let z = 1.959964
  let (n, rate) = (Double(trials), Double(successes) / Double(trials))
  let middle = (rate + z * z / (2 * n)) / (1 + z * z / n)
  let half = z * (rate * (1 - rate) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
  // At the ends the two terms cancel but for rounding.
  return (successes == 0 ? 0 : middle - half)...(successes == trials ? 1 : middle + half)
}

/// How probable a difference at least as large is if both models were equally good: McNemar's test, exact ("Note on the Sampling
/// Error of the Difference Between Correlated Proportions or Percentages", 1947; binomial form). Images on which both are right
/// or both are wrong say nothing.
///
/// - Parameters:
///   - first: images that only the first model got right.
///   - second: those that only the second did.
/// - Returns: the two-sided p-value.
package func mcNemar(_ first: Int, _ second: Int) -> Double {
  let count = first + second
  guard count > 0 else { return 1 }
  // Sums of binomial(count, k) / 2^count by logarithms: the coefficients overflow from 1,030 on.
  let logOfAll = lgamma(Double(count) + 1) - Double(count) * log(2)
  let tail = (0...min(first, second)).reduce(0.0) { sum, k in
    sum + exp(logOfAll - lgamma(Double(k) + 1) - lgamma(Double(count - k) + 1))
  }
  return min(1, 2 * tail)
}
