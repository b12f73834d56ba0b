import FoveaGraph

/// Pad. Version 11 turned the attributes into inputs, 18 added axes. What a negative pad cuts away becomes a slice.
func importPad(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  let (before, after) = try pads(node, rank: shape.count, builder)
  let mode = try padMode(node, builder)
  var slice = Slice(starts: shape.map { _ in 0 }, steps: shape.map { _ in 1 }, sizes: shape)
  for axis in shape.indices {
    let cutBefore = max(0, -before[axis])
    let cutAfter = max(0, -after[axis])
    guard cutBefore + cutAfter <= shape[axis] else {
      throw .invalid("the pads cut more than the \(shape[axis]) elements of dimension \(axis)")
    }
    slice.sizes[axis] -= cutBefore + cutAfter
    slice.starts[axis] = slice.sizes[axis] == 0 ? 0 : cutBefore
  }
  let pad = Pad(before: before.map { max(0, $0) }, after: after.map { max(0, $0) }, mode: mode)
  let isWidened = (pad.before + pad.after).contains { $0 != 0 }
  guard slice.sizes != shape else {
    return try builder.apply(isWidened ? .pad(pad) : .identity, to: [input], of: node)
  }
  guard isWidened else { return try builder.apply(.slice(slice), to: [input], of: node) }
  let cut = try builder.apply(.slice(slice), to: input, of: node, step: "cut")
  return try builder.apply(.pad(pad), to: [cut], of: node)
}

/// How many elements each dimension gets before and after.
private func pads(
  _ node: ONNXNode, rank: Int, _ builder: GraphBuilder
) throws(NodeProblem) -> (before: [Int], after: [Int]) {
  let list = node.opset < 11 ? try node.integers("pads") : try node.constantIntegers(1, "the list of pads", builder)
  guard let list else { throw .invalid("the list of pads is missing") }
  let axes = node.opset < 18 ? nil : try node.constantIntegers(3, "the list of axes", builder)
  let count = axes?.count ?? rank
  guard count <= rank, list.count == 2 * count, list.allSatisfy({ (-padLimit...padLimit).contains($0) }) else {
    throw .invalid("the pads are \(list.prefix(2 * maximumRank)), expected \(2 * count) numbers")
  }
  var before = [Int](repeating: 0, count: rank)
  var after = before
  _ = try node.normalized(axes: axes ?? [], rank: rank)
  for (index, given) in (axes ?? Array(0..<rank)).enumerated() {
    let axis = try node.normalized(axis: given, rank: rank)
    before[axis] = list[index]
    after[axis] = list[index + count]
  }
  return (before, after)
}

/// No padding of an image network is wider; sums of such numbers are far from overflowing.
private let padLimit = 1 << 31

private func padMode(_ node: ONNXNode, _ builder: GraphBuilder) throws(NodeProblem) -> Pad.Mode {
  switch try node.string("mode", default: "constant") {
  case "constant":
    let value =
      node.opset < 11 ? try node.float("value") : try node.constantFloat(2, "the value of the padding", builder)
    return .constant(value ?? 0)
  case "reflect": return .reflect
  case "edge": return .edge
  case let mode:
    throw .invalid("mode \"\(printable(mode))\" is not supported; constant, reflect and edge are")
  }
}
