import FoveaCore

/// Gives every buffer its place in one arena: buffers whose lifetimes meet never share memory, others may.
///
/// Greedy by size, largest first, each at the lowest place that is free for its whole lifetime: for convnets' chains within a
/// few per cent of the lower bound (Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
///
/// - Parameters:
///   - pinned: inputs and outputs, alive throughout, so that callers may set inputs once and read outputs late.
/// - Returns: the buffers with their offsets, and the arena's bytes.
package func placeBuffers(
  _ planned: [ProgramBuilder.PlannedBuffer], steps: [Step], pinned: Set<Int>
) -> (buffers: [Buffer], arenaBytes: Int) {
  /// First and last step that touch a buffer or one of its aliases.
  var lifetimes: [Int: ClosedRange<Int>] = [:]
  func root(_ buffer: Int) -> Int { planned[buffer].alias ?? buffer }
  for (index, step) in steps.enumerated() {
    for buffer in step.buffers.reads + step.buffers.writes {
      let known = lifetimes[root(buffer)]
      lifetimes[root(buffer)] = min(known?.lowerBound ?? index, index)...max(known?.upperBound ?? index, index)
    }
  }
  for buffer in pinned { lifetimes[root(buffer)] = -1...steps.count }

  var offsets: [Int: Int] = [:]
  var arenaBytes = 0
  let order = lifetimes.keys.sorted {
    let (a, b) = (planned[$0].buffer.byteCount, planned[$1].buffer.byteCount)
    return a == b ? $0 < $1 : a > b
  }
  for buffer in order {
    guard let lifetime = lifetimes[buffer] else { continue }
    let bytes = roundedUp(planned[buffer].buffer.byteCount)
    var neighbours: [Range<Int>] = []
    for (other, offset) in offsets {
      guard let others = lifetimes[other], others.overlaps(lifetime) else { continue }
      neighbours.append(offset..<(offset + roundedUp(planned[other].buffer.byteCount)))
    }
    var place = 0
    for taken in neighbours.sorted(by: { $0.lowerBound < $1.lowerBound }) where taken.upperBound > place {
      if taken.lowerBound >= place + bytes { break }
      place = taken.upperBound
    }
    offsets[buffer] = place
    arenaBytes = max(arenaBytes, place + bytes)
  }
  let buffers = planned.indices.map { index in
    var buffer = planned[index].buffer
    buffer.offset = offsets[root(index)] ?? 0
    return buffer
  }
  // A buffer that no step touches still needs room for itself at its place.
  let unused = planned.indices.filter { offsets[root($0)] == nil }.map { roundedUp(planned[$0].buffer.byteCount) }
  return (buffers, max(arenaBytes, unused.max() ?? 0))
}

private func roundedUp(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
