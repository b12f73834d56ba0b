import FoveaGraph

/// ReduceProd, ReduceSum, ReduceMax and ReduceMin, of constant integers. ReduceSum took its axes as an input from version 13
/// on, the others from 18.
func foldReduction(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let tensor = try node.constants(builder)[0]
  let isOld = node.operator == "ReduceSum" ? 13 : 18
  guard let axes = try node.reducedAxes(rank: tensor.shape.count, attributeBefore: isOld, builder) else {
    return builder.constant(tensor, of: node)
  }
  guard let values = tensor.integers else { throw .unsupported }
  let kept = tensor.shape.indices.map { axes.contains($0) ? 1 : tensor.shape[$0] }
  let remaining = kept.indices.filter { !axes.contains($0) }.map { kept[$0] }
  let shape = try node.flag("keepdims", default: true) ? kept : remaining
  try builder.spend(tensor.shape)
  try builder.spend(kept)
  // Where each element goes: the places of the result, broadcast over what is reduced.
  let count = kept.reduce(1, *)
  let places = Tensor(shape: kept, integers: (0..<count).map { Int64($0) }).expanded(to: tensor.shape).integers ?? []
  var result = [Int64?](repeating: nil, count: count)
  for (place, value) in zip(places, values) {
    guard let before = result[Int(place)] else {
      result[Int(place)] = value
      continue
    }
    guard let combined = reduce(node.operator, before, value) else { throw .invalid("its integers overflow") }
    result[Int(place)] = combined
  }
  // The product of nothing, as of the shape of a scalar, is 1, and the sum 0.
  let empty: Int64 = node.operator == "ReduceProd" ? 1 : 0
  return builder.constant(Tensor(shape: shape, integers: result.map { $0 ?? empty }), of: node)
}

private func reduce(_ name: String, _ a: Int64, _ b: Int64) -> Int64? {
  switch name {
  case "ReduceMax": return max(a, b)
  case "ReduceMin": return min(a, b)
  case "ReduceSum":
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : sum
  default:
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : product
  }
}
