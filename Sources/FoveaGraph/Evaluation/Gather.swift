/// Which element of an input each element of an output is, for every operation that only moves elements (transpose, slice, pad,
/// broadcast): the output index of each dimension on its own adds an offset to the position in the input.
struct Gather {
  /// `offsets[d][i]` is what index i of output dimension d adds to the position in the input.
  var offsets: [[Int]]

  /// An offset of an element that is in no input. Sums of up to 32 offsets with this among them stay negative.
  static let outside = -1 << 40

  var shape: [Int] { offsets.map(\.count) }

  /// Calls `body` with the position in the input of each output element, in the output's order; negative for none.
  func forEachPosition(_ body: (Int) -> Void) {
    func visit(_ dimension: Int, _ base: Int) {
      if dimension == offsets.count { return body(base) }
      for offset in offsets[dimension] { visit(dimension + 1, base + offset) }
    }
    visit(0, 0)
  }

  func callAsFunction<Element>(_ elements: [Element], fill: Element) -> [Element] {
    var output: [Element] = []
    output.reserveCapacity(shape.reduce(1, *))
    forEachPosition { output.append($0 < 0 ? fill : elements[$0]) }
    return output
  }

  static func transpose(_ x: [Int], _ permutation: [Int]) -> Gather {
    let strides = rowMajorStrides(of: x)
    return Gather(offsets: permutation.map { axis in (0..<x[axis]).map { $0 * strides[axis] } })
  }

  static func slice(_ x: [Int], _ slice: Slice) -> Gather {
    let strides = rowMajorStrides(of: x)
    return Gather(
      offsets: x.indices.map { axis in
        (0..<slice.sizes[axis]).map { (slice.starts[axis] + $0 * slice.steps[axis]) * strides[axis] }
      })
  }

  static func pad(_ x: [Int], _ pad: Pad) -> Gather {
    let strides = rowMajorStrides(of: x)
    return Gather(
      offsets: x.indices.map { axis in
        (-pad.before[axis]..<x[axis] + pad.after[axis]).map { index in
          let last = x[axis] - 1
          if (0...max(0, last)).contains(index) && last >= 0 { return index * strides[axis] }
          switch pad.mode {
          case .constant: return outside
          case .reflect: return (index < 0 ? -index : 2 * last - index) * strides[axis]
          case .edge: return (index < 0 ? 0 : last) * strides[axis]
          }
        }
      })
  }

  static func broadcast(_ x: [Int], to shape: [Int]) -> Gather {
    let x = aligned(x, rank: shape.count)
    let strides = rowMajorStrides(of: x)
    return Gather(
      offsets: shape.indices.map { axis in
        x[axis] == 1 ? [Int](repeating: 0, count: shape[axis]) : (0..<shape[axis]).map { $0 * strides[axis] }
      })
  }
}

extension Tensor {
  /// - Returns: nil when the fill is no integer and the tensor holds integers.
  func gathered(_ gather: Gather, fill: Float = 0) -> Tensor? {
    switch elements {
    case .floats(let values): return Tensor(shape: gather.shape, floats: gather(values, fill: fill))
    case .integers(let values):
      guard let fill = Int64(exactly: fill) else { return nil }
      return Tensor(shape: gather.shape, integers: gather(values, fill: fill))
    }
  }

  /// The dimensions in another order: dimension i of the result is dimension `permutation[i]`.
  package func transposed(_ permutation: [Int]) -> Tensor? {
    var result = Operation.transpose(permutation).evaluate([self])
    result?.grid = grid?.transposed(permutation)
    return result
  }

  /// The caller has checked that the shapes broadcast.
  func broadcast(to shape: [Int]) -> Tensor? {
    self.shape == shape ? self : gathered(.broadcast(self.shape, to: shape))
  }
}

/// - Returns: nil when some tensors hold floats and some integers.
func concatenate(_ tensors: [Tensor], axis: Int, shape: [Int]) -> Tensor? {
  func joined<Element>(_ parts: [[Element]]) -> [Element] {
    let runs = tensors.map { $0.shape[axis...].reduce(1, *) }
    var output: [Element] = []
    for block in 0..<shape[..<axis].reduce(1, *) {
      for (part, run) in zip(parts, runs) { output += part[block * run..<(block + 1) * run] }
    }
    return output
  }
  let floats = tensors.compactMap(\.floats)
  let integers = tensors.compactMap(\.integers)
  if floats.count == tensors.count { return Tensor(shape: shape, floats: joined(floats)) }
  if integers.count == tensors.count { return Tensor(shape: shape, integers: joined(integers)) }
  return nil
}
