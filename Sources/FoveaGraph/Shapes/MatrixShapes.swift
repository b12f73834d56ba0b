// Shape rules of matrix products.

extension Gemm {
  func outputShape(_ a: [Int], _ b: [Int], _ c: [Int]?) throws(ShapeError) -> [Int] {
    try requireRank(a, 2, "A")
    try requireRank(b, 2, "B")
    let (rows, depth) = transposeA ? (a[1], a[0]) : (a[0], a[1])
    let (depthOfB, columns) = transposeB ? (b[1], b[0]) : (b[0], b[1])
    try require(depth == depthOfB, "A sums over \(depth) elements and B over \(depthOfB): A is \(a), B is \(b)")
    let output = [rows, columns]
    if let c {
      // One way only: C stretches to the product, never the product to C.
      try require(
        (try? broadcastShape(c, output)) == output, "C has the shape \(c), which does not broadcast to \(output)")
    }
    return output
  }
}

extension FullyConnected {
  static func outputShape(_ x: [Int], weights: [Int], bias: [Int]?) throws(ShapeError) -> [Int] {
    try requireRank(weights, 2, "the weights")
    try require(!x.isEmpty, "the input is a single number, expected at least 1 dimension")
    try requireShape(weights, [weights[0], x[x.count - 1]], "the weights")
    if let bias { try requireShape(bias, [weights[0]], "the bias") }
    return x.dropLast() + [weights[0]]
  }
}

/// NumPy's matmul: the last two dimensions multiply, the others broadcast. A vector on the left is a row, one on the right a
/// column, and the dimension of 1 that makes them so does not appear in the output.
func matMulShape(_ a: [Int], _ b: [Int]) throws(ShapeError) -> [Int] {
  try require(!a.isEmpty && !b.isEmpty, "the shapes are \(a) and \(b), expected at least 1 dimension each")
  let left = a.count == 1 ? [1] + a : a
  let right = b.count == 1 ? b + [1] : b
  let (depth, depthOfB) = (left[left.count - 1], right[right.count - 2])
  try require(depth == depthOfB, "the shapes \(a) and \(b) do not multiply: \(depth) against \(depthOfB)")
  var output = try broadcastShape(Array(left.dropLast(2)), Array(right.dropLast(2)))
  if a.count > 1 { output.append(left[left.count - 2]) }
  if b.count > 1 { output.append(right[right.count - 1]) }
  return output
}
