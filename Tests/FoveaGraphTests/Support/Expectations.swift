import FoveaGraph
import Testing

extension Network {
  /// What the nodes do, in order.
  var operations: [String] { nodes.map(\.operation.name) }
}

/// Expects that both networks answer alike to random inputs, within what rounding in another order makes, and returns the second.
/// The second may be in the other layout: rank-4 inputs and outputs are then rearranged.
@discardableResult
func expectSameOutputs(
  _ before: Network, _ after: Network, at location: SourceLocation = #_sourceLocation
) throws -> Network {
  func isRearranged(_ value: ValueID) -> Bool {
    before.layout == .nchw && after.layout == .nhwc && after[value].shape.count == 4 && !after[value].keepsSourceOrder
  }
  var random = SplitMix64(state: 2)
  let inputs = before.inputs.map { random.tensor(before[$0].shape) }
  let expected = try ReferenceInterpreter.run(before, inputs)
  let actual = try ReferenceInterpreter.run(
    after, zip(inputs, after.inputs).map { isRearranged($1) ? $0.permuted([0, 2, 3, 1]) : $0 })
  #expect(actual.count == expected.count, sourceLocation: location)
  for (index, (x, y)) in zip(expected, actual).enumerated() {
    let y = isRearranged(after.outputs[index]) ? y.permuted([0, 3, 1, 2]) : y
    #expect(y.shape == x.shape, "output \(index)", sourceLocation: location)
    let differences = zip(x.floats ?? [], y.floats ?? []).filter { a, b in
      a != b && !(a.isNaN && b.isNaN) && !(abs(a - b) <= 1e-5 * (1 + abs(a)))
    }
    #expect(differences.isEmpty, "output \(index)", sourceLocation: location)
  }
  // A pass leaves a network whose shapes are what they say.
  let checked = try inferShapes(after)
  #expect(checked.values == after.values, sourceLocation: location)
  return after
}
