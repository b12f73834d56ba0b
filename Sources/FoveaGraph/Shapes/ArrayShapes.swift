// Shape rules of the operations that treat their inputs as plain arrays.

/// NumPy's broadcasting: shapes are aligned at their last dimension, and a dimension of 1 stretches.
package func broadcastShape(_ a: [Int], _ b: [Int]) throws(ShapeError) -> [Int] {
  let rank = max(a.count, b.count)
  var output: [Int] = []
  for (x, y) in zip(aligned(a, rank: rank), aligned(b, rank: rank)) {
    try require(x == y || x == 1 || y == 1, "the shapes \(a) and \(b) do not broadcast: \(x) against \(y)")
    output.append(x == 1 ? y : x)
  }
  return output
}

/// The shape with dimensions of 1 in front, to have `rank` of them.
package func aligned(_ shape: [Int], rank: Int) -> [Int] {
  [Int](repeating: 1, count: max(0, rank - shape.count)) + shape
}

func concatShape(_ inputs: [[Int]], axis: Int) throws(ShapeError) -> [Int] {
  var output = inputs[0]
  try requireAxis(axis, of: output)
  for (index, shape) in inputs.enumerated().dropFirst() {
    var expected = inputs[0]
    if shape.indices.contains(axis) { expected[axis] = shape[axis] }
    try require(
      shape == expected,
      "input \(index) has the shape \(shape), expected \(inputs[0]) except along axis \(axis)")
    output[axis] += shape[axis]
  }
  return output
}

func reshapedShape(_ x: [Int], to shape: [Int]) throws(ShapeError) -> [Int] {
  try require(
    elementCount(of: shape) == elementCount(of: x),
    "the shape \(x) cannot become \(shape): the number of elements differs")
  return shape
}

func transposedShape(_ x: [Int], by permutation: [Int]) throws(ShapeError) -> [Int] {
  try require(
    permutation.count == x.count && permutation.sorted() == Array(x.indices),
    "\(permutation) is not a permutation of the \(x.count) dimensions of the shape \(x)")
  return permutation.map { x[$0] }
}

extension Slice {
  func outputShape(_ x: [Int]) throws(ShapeError) -> [Int] {
    try require(
      starts.count == x.count && steps.count == x.count && sizes.count == x.count,
      "\(starts.count) starts, \(steps.count) steps and \(sizes.count) sizes, expected \(x.count) of each")
    for axis in x.indices {
      let (start, step, size) = (starts[axis], steps[axis], sizes[axis])
      try require(size, atLeast: 0, "the size along axis \(axis)")
      try require(step != 0, "the step along axis \(axis) is 0")
      guard size > 0 else { continue }
      let (distance, overflow) = step.multipliedReportingOverflow(by: size - 1)
      let (last, beyond) = start.addingReportingOverflow(distance)
      let range = 0..<x[axis]
      try require(
        !overflow && !beyond && range.contains(start) && range.contains(last),
        "\(size) elements from \(start) by steps of \(step) leave axis \(axis) of the shape \(x)")
    }
    return sizes
  }
}

extension Pad {
  func outputShape(_ x: [Int]) throws(ShapeError) -> [Int] {
    try require(
      before.count == x.count && after.count == x.count,
      "\(before.count) pads before and \(after.count) after, expected \(x.count) of each")
    var output = x
    for axis in x.indices {
      try require(before[axis], atLeast: 0, "the pad before axis \(axis)")
      try require(after[axis], atLeast: 0, "the pad after axis \(axis)")
      let widest = max(before[axis], after[axis])
      switch mode {
      case .constant: break
      case .reflect:
        // The reflection does not repeat the border, so there are one fewer elements to show.
        try require(
          widest == 0 || widest < x[axis],
          "axis \(axis) has \(x[axis]) elements, too few to reflect \(widest)")
      case .edge:
        try require(widest == 0 || x[axis] > 0, "axis \(axis) has no element to repeat")
      }
      output[axis] += before[axis] + after[axis]
    }
    return output
  }
}

/// Axes of a reduction: sorted, distinct, and with elements to reduce.
private func requireReducible(_ axes: [Int], of x: [Int], _ what: String) throws(ShapeError) {
  var previous = -1
  for axis in axes {
    try requireAxis(axis, of: x)
    try require(axis > previous, "the axes \(axes) are not sorted, or not distinct")
    try require(x[axis] > 0, "axis \(axis) of the shape \(x) has no elements to \(what)")
    previous = axis
  }
}

extension Reduction {
  func outputShape(_ x: [Int]) throws(ShapeError) -> [Int] {
    try requireReducible(axes, of: x, kind == .mean ? "average" : "reduce")
    return x.indices.filter { keepDimensions || !axes.contains($0) }.map { axes.contains($0) ? 1 : x[$0] }
  }
}

extension Normalization {
  func outputShape(_ x: [Int]) throws(ShapeError) -> [Int] {
    try requireReducible(axes, of: x, "normalize")
    return x
  }
}

extension Resampling {
  func outputShape(_ x: [Int]) throws(ShapeError) -> [Int] {
    try requireAxis(axis, of: x)
    try require(taps, atLeast: 1, "the number of taps")
    try require(
      positions.count % taps == 0 && weights.count == positions.count,
      "\(positions.count) positions and \(weights.count) weights, expected as many, \(taps) each")
    if let outside = positions.first(where: { !(0..<x[axis]).contains($0) }) {
      throw ShapeError("position \(outside) is outside of the \(x[axis]) elements of axis \(axis)")
    }
    var output = x
    output[axis] = length
    return output
  }
}
