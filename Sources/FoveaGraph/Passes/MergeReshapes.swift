/// Simplifies rearrangements, of which layout conversion leaves some next to those of the network: a transposition that moves
/// only dimensions of 1 is a reshape, and two reshapes or two transpositions in a row are one.
public func mergeReshapes(_ network: Network) -> Network {
  var rewriter = Rewriter(network)
  for index in rewriter.indices {
    rewriter.mergeTranspositions(index)
    rewriter.simplifyTransposition(index)
    rewriter.mergeReshapes(index)
  }
  return rewriter.finished()
}

extension Rewriter {
  fileprivate mutating func mergeTranspositions(_ index: Int) {
    guard case .transpose(let second) = self[index].operation, let previous = producer(of: self[index].inputs[0]),
      case .transpose(let first) = self[previous].operation
    else { return }
    update(index, operation: .transpose(second.map { first[$0] }), inputs: self[previous].inputs)
  }

  fileprivate mutating func simplifyTransposition(_ index: Int) {
    let node = self[index]
    guard case .transpose(let permutation) = node.operation, keepsOrder(permutation, of: shape(node.inputs[0]))
    else { return }
    update(index, operation: .reshape(shape(node.outputs[0])))
  }

  fileprivate mutating func mergeReshapes(_ index: Int) {
    guard case .reshape = self[index].operation, let previous = producer(of: self[index].inputs[0]),
      case .reshape = self[previous].operation
    else { return }
    update(index, operation: self[index].operation, inputs: self[previous].inputs)
  }
}

/// Whether the elements lie in the same order before and after: the dimensions that are not 1 do.
func keepsOrder(_ permutation: [Int], of shape: [Int]) -> Bool {
  let moved = permutation.filter { shape[$0] != 1 }
  return moved == moved.sorted()
}
