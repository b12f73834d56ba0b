import FoveaGraph

/// Slice. Version 10 turned its attributes into inputs and added steps.
func importSlice(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let isOld = node.opset < 10
  let starts = isOld ? try node.integers("starts") : try node.constantIntegers(1, "the list of starts", builder)
  let ends = isOld ? try node.integers("ends") : try node.constantIntegers(2, "the list of ends", builder)
  guard let starts, let ends else { throw .invalid("the starts or the ends are missing") }
  let givenAxes = isOld ? try node.integers("axes") : try node.constantIntegers(3, "the list of axes", builder)
  let givenSteps = isOld ? nil : try node.constantIntegers(4, "the list of steps", builder)
  let axes = givenAxes ?? Array(starts.indices)
  let steps = givenSteps ?? starts.map { _ in 1 }
  guard starts.count == ends.count, starts.count == axes.count, starts.count == steps.count else {
    throw .invalid("the lists of starts, ends, axes and steps differ in length")
  }
  _ = try node.normalized(axes: axes, rank: shape.count)
  var slice = Slice(starts: shape.map { _ in 0 }, steps: shape.map { _ in 1 }, sizes: shape)
  for (index, given) in axes.enumerated() {
    let axis = try node.normalized(axis: given, rank: shape.count)
    guard steps[index] != 0 else { throw .invalid("the step along axis \(axis) is 0") }
    let range = clampedSlice(start: starts[index], end: ends[index], step: steps[index], size: shape[axis])
    slice.starts[axis] = range.start
    slice.steps[axis] = range.step
    slice.sizes[axis] = range.count
  }
  return try builder.apply(.slice(slice), to: [input], of: node)
}

/// Python's slice of a dimension: negative positions count from the end, and what lies outside is cut off.
private func clampedSlice(start: Int, end: Int, step: Int, size: Int) -> (start: Int, step: Int, count: Int) {
  // A step beyond the size takes one element, whatever its size: then it cannot overflow.
  let step = min(max(step, -size - 1), size + 1)
  // Walking backward starts at the last element at most, and may end before the first, at -1.
  let bounds = step > 0 ? 0...size : -1...size - 1
  func clamp(_ position: Int) -> Int {
    // Counted from the end only once it is known to be negative: the sum cannot overflow.
    min(max(position < 0 ? position + size : position, bounds.lowerBound), bounds.upperBound)
  }
  let first = clamp(start)
  let last = clamp(end)
  let distance = step > 0 ? last - first : first - last
  guard distance > 0 else { return (0, 1, 0) }
  let count = (distance + abs(step) - 1) / abs(step)
  return (first, step, count)
}
