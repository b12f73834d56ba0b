import FoveaCore
import FoveaGraph

/// Ranges of values that only 8-bit elementwise functions read, narrowed to where these functions change.
///
/// Hard-swish is 0 below -3, however far below the values go: steps down there would tell apart what the function does not, and all
/// other steps would be coarser for it.
///
/// - Parameters:
///   - int8Nodes: indices into the network's nodes.
///   - ranges: what calibration saw.
/// - Returns: those alone that became narrower.
func narrowedRanges(
  in network: Network, int8Nodes: Set<Int>, _ ranges: [ValueID: ValueRange]
) -> [ValueID: ValueRange] {
  var needed: [ValueID: ValueRange] = [:]
  var readByOthers = Set(network.outputs)
  for (index, node) in network.nodes.enumerated() {
    guard case .activation(let activation) = node.operation, int8Nodes.contains(index),
      let seen = ranges[node.inputs[0]], let output = ranges[node.outputs[0]]
    else {
      readByOthers.formUnion(node.inputs)
      continue
    }
    // The results of a function whose channels have factors count for most where the factor is largest.
    let factor = node.inputs.count > 1 ? network.constants[node.inputs[1]]?.floats?.max() ?? 1 : 1
    let step = (max(output.max, 0) - min(output.min, 0)) / 255 / factor
    let found = activation.changingRange(within: seen, tolerance: step * lostShare)
    let known = needed[node.inputs[0]] ?? found
    needed[node.inputs[0]] = ValueRange(min: min(known.min, found.min), max: max(known.max, found.max))
  }
  return needed.filter { !readByOthers.contains($0.key) && $0.value != ranges[$0.key] }
}

/// Of a step of the function's output: what values outside of the narrowed range may be off by, beside the half step of rounding.
private let lostShare: Float = 0.25

extension Activation {
  /// The part of a range, with 0, outside of which the function differs from its value at the part's end by no more than
  /// `tolerance`.
  fileprivate func changingRange(within seen: ValueRange, tolerance: Float) -> ValueRange {
    ValueRange(
      min: flatEnd(from: seen.min, to: min(0, seen.max), tolerance),
      max: flatEnd(from: seen.max, to: max(0, seen.min), tolerance))
  }

  /// How far from `start` towards `end` the function stays within `tolerance` of its value where it has got to.
  private func flatEnd(from start: Float, to end: Float, _ tolerance: Float) -> Float {
    var (reached, low, high) = (start, apply(start), apply(start))
    guard low.isFinite else { return start }
    for sample in 1...Self.samples {
      let x = start + (end - start) * Float(sample) / Float(Self.samples)
      let y = apply(x)
      (low, high) = (min(low, y), max(high, y))
      guard high - y <= tolerance, y - low <= tolerance else { break }
      reached = x
    }
    return reached
  }

  private static let samples = 1024
}
