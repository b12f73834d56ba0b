import FoveaCore

/// Gives every buffer its place in one arena: buffers whose lifetimes meet never share memory, others may.
///
/// Greedy: one buffer after another, each where it is free for its whole lifetime. Which order is best depends on the network,
/// so several are tried, and the smallest arena is kept; the search ends where it meets the lower bound, the most bytes that
/// are alive at once. Orders by size and by breadth are those of Pisarchyk and Lee, "Efficient Memory Management for Deep
/// Neural Net Inference" (2020).
///
/// - Parameters:
///   - pinned: inputs and outputs, alive throughout, so that callers may set inputs once and read outputs late.
/// - Returns: the buffers with their offsets, and the arena's bytes.
package func placeBuffers(
  _ planned: [ProgramBuilder.PlannedBuffer], steps: [Step], pinned: Set<Int>
) -> (buffers: [Buffer], arenaBytes: Int) {
  func root(_ buffer: Int) -> Int { planned[buffer].alias ?? buffer }
  let lifetimes = Lifetimes(steps: steps, pinned: pinned, root: root, joined: planned.map(\.buffer))
  let alive = lifetimes.aliveBytes { planned[$0].buffer.byteCount }
  let blocks = lifetimes.ranges.map { buffer, lifetime in
    Block(
      buffer: buffer, bytes: roundedUpToPlace(planned[buffer].buffer.byteCount), lifetime: lifetime,
      breadth: alive[lifetime.clamped(to: 0...max(0, alive.count - 1))].max() ?? 0)
  }
  let lowerBound = alive.max() ?? 0
  var best: Placement?
  search: for order in BlockOrder.allCases {
    let sorted = blocks.sorted(by: order.precedes)
    for fit in [Fit.lowest, .tightest] {
      let placement = Placement(sorted, fit)
      if placement.arenaBytes < best?.arenaBytes ?? .max { best = placement }
      if placement.arenaBytes <= lowerBound { break search }
    }
  }
  let offsets = best?.offsets ?? [:]
  let buffers = planned.indices.map { index in
    var buffer = planned[index].buffer
    buffer.offset = offsets[root(index)] ?? 0
    return buffer
  }
  // A buffer that no step touches still needs room for itself at its place.
  let unused = planned.indices.filter { offsets[root($0)] == nil }
    .map { roundedUpToPlace(planned[$0].buffer.byteCount) }
  return (buffers, max(best?.arenaBytes ?? 0, unused.max() ?? 0))
}

/// What is placed: a buffer with its aliases.
private struct Block {
  var buffer: Int
  var bytes: Int
  var lifetime: ClosedRange<Int>
  /// The most bytes that are alive at once during its lifetime.
  var breadth: Int
}

/// Which block is placed first. Equal ones go by their number, so that every conversion gives the same file.
private enum BlockOrder: CaseIterable {
  /// The largest.
  case size
  /// The largest of those alive at the step where most is alive, then of the next step.
  case breadth
  /// The one that occupies most bytes for most steps.
  case area
  /// The first alive, as a program without a plan would allocate.
  case birth
  /// The one alive for most steps.
  case duration

  func precedes(_ a: Block, _ b: Block) -> Bool {
    func key(_ block: Block) -> (Int, Int, Int) {
      let lifetime = block.lifetime
      return switch self {
      case .size: (-block.bytes, lifetime.lowerBound, block.buffer)
      case .breadth: (-block.breadth, -block.bytes, block.buffer)
      case .area: (-(block.bytes >> 6) * lifetime.count, -block.bytes, block.buffer)
      case .birth: (lifetime.lowerBound, -block.bytes, block.buffer)
      case .duration: (-lifetime.count, -block.bytes, block.buffer)
      }
    }
    return key(a) < key(b)
  }
}

/// Which of the free places a block takes.
private enum Fit {
  case lowest
  /// The gap that it fills best; above everything only where no gap is wide enough.
  case tightest
}

/// Where blocks lie.
private struct Placement {
  private(set) var offsets: [Int: Int] = [:]
  private(set) var arenaBytes = 0

  init(_ blocks: [Block], _ fit: Fit) {
    var placed: [(block: Block, range: Range<Int>)] = []
    for block in blocks {
      let taken = placed.filter { $0.block.lifetime.overlaps(block.lifetime) }.map(\.range)
        .sorted { $0.lowerBound < $1.lowerBound }
      let place = Self.place(of: block.bytes, between: taken, fit)
      placed.append((block, place..<(place + block.bytes)))
      offsets[block.buffer] = place
      arenaBytes = max(arenaBytes, place + block.bytes)
    }
  }

  /// - Parameter taken: ascending by their beginnings; they may overlap.
  private static func place(of bytes: Int, between taken: [Range<Int>], _ fit: Fit) -> Int {
    var end = 0
    var best: (place: Int, gap: Int)?
    for range in taken {
      let gap = range.lowerBound - end
      if gap >= bytes, gap < best?.gap ?? .max {
        best = (end, gap)
        if fit == .lowest { break }
      }
      end = max(end, range.upperBound)
    }
    return best?.place ?? end
  }
}
