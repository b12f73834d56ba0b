import FoveaConvert
import FoveaCore
import Testing

/// Buffers that are alive at the same time share no memory; aliases lie where their source does; inputs and outputs are alive
/// throughout.
struct PlaceBuffersTests {
  /// A program of random steps over random buffers.
  struct Plan {
    var buffers: [ProgramBuilder.PlannedBuffer] = []
    var steps: [Step] = []
    var pinned: Set<Int> = []

    init(seed: UInt64) {
      var random = Random(seed: seed)
      let count = Int.random(in: 1...24, using: &random)
      for index in 0..<count {
        let size = Int.random(in: 1...2000, using: &random)
        let isAlias = index > 0 && Int.random(in: 0..<5, using: &random) == 0
        let source = Int.random(in: 0..<max(1, index), using: &random)
        if isAlias {
          let root = buffers[source].alias ?? source
          buffers.append(.init(buffer: buffers[root].buffer, alias: root))
        } else {
          buffers.append(.init(buffer: Buffer(type: index % 2 == 0 ? .u8 : .f32, shape: [size])))
        }
      }
      for _ in 0..<Int.random(in: 0...30, using: &random) {
        var step = AddU8()
        step.a = Int.random(in: 0..<count, using: &random)
        step.b = Int.random(in: 0..<count, using: &random)
        step.output = Int.random(in: 0..<count, using: &random)
        steps.append(.addU8(step))
      }
      for _ in 0..<Int.random(in: 1...4, using: &random) { pinned.insert(Int.random(in: 0..<count, using: &random)) }
    }

    func root(_ buffer: Int) -> Int { buffers[buffer].alias ?? buffer }

    /// From the first step that touches the memory of a buffer to the last; nil where none does.
    func lifetime(_ buffer: Int) -> ClosedRange<Int>? {
      if pinned.contains(where: { root($0) == root(buffer) }) { return -1...steps.count }
      let touching = steps.indices.filter { index in
        (steps[index].buffers.reads + steps[index].buffers.writes).contains { root($0) == root(buffer) }
      }
      guard let first = touching.first, let last = touching.last else { return nil }
      return first...last
    }
  }

  @Test(arguments: UInt64(0)..<300)
  func neverOverlaps(seed: UInt64) throws {
    let plan = Plan(seed: seed)
    let (buffers, arenaBytes) = placeBuffers(plan.buffers, steps: plan.steps, pinned: plan.pinned)
    try #require(buffers.count == plan.buffers.count)
    for (index, buffer) in buffers.enumerated() {
      #expect(buffer.offset.isMultiple(of: 64))
      #expect(buffer.offset + buffer.byteCount <= arenaBytes)
      #expect(buffer.shape == plan.buffers[index].buffer.shape)
      #expect(buffer.offset == buffers[plan.root(index)].offset)
    }
    for a in buffers.indices where plan.root(a) == a {
      for b in buffers.indices where b > a && plan.root(b) == b {
        guard let first = plan.lifetime(a), let second = plan.lifetime(b), first.overlaps(second) else { continue }
        let (x, y) = (buffers[a], buffers[b])
        #expect(
          x.offset + x.byteCount <= y.offset || y.offset + y.byteCount <= x.offset, "buffers \(a) and \(b)")
      }
    }
  }

  /// Bytes alive at once, counted step by step from the plan's own lifetimes.
  private func lowerBound(_ plan: Plan) -> Int {
    (-1...plan.steps.count).map { step in
      plan.buffers.indices.reduce(0) { sum, index in
        guard plan.root(index) == index, plan.lifetime(index)?.contains(step) == true else { return sum }
        return sum + (plan.buffers[index].buffer.byteCount + 63) / 64 * 64
      }
    }.max() ?? 0
  }

  @Test(arguments: UInt64(0)..<300)
  func aliveBytesAreThoseOfThePlan(seed: UInt64) {
    let plan = Plan(seed: seed)
    let lifetimes = Lifetimes(steps: plan.steps, pinned: plan.pinned, root: plan.root)
    #expect(lifetimes.aliveBytes { plan.buffers[$0].buffer.byteCount }.max() == lowerBound(plan))
  }

  /// Over many plans, what is lost to gaps is little, and no more than by the order of size alone.
  @Test func wastesLittle() {
    var (placed, bySize, bound) = (0, 0, 0)
    for seed in UInt64(0)..<300 {
      let plan = Plan(seed: seed)
      let arena = placeBuffers(plan.buffers, steps: plan.steps, pinned: plan.pinned).arenaBytes
      placed += arena
      bySize += firstFitBySize(plan)
      bound += max(lowerBound(plan), plan.buffers.map { ($0.buffer.byteCount + 63) / 64 * 64 }.max() ?? 0)
      #expect(arena >= lowerBound(plan))
    }
    #expect(Double(placed) <= 1.005 * Double(bound), "\(placed) of \(bound) bytes")
    #expect(placed <= bySize, "\(placed), by size \(bySize), of \(bound) bytes")
  }

  /// The largest first, each at the lowest free place, tried line by line of 64 bytes.
  private func firstFitBySize(_ plan: Plan) -> Int {
    var placed: [(buffer: Int, lines: Range<Int>)] = []
    func lines(_ buffer: Int) -> Int { (plan.buffers[buffer].buffer.byteCount + 63) / 64 }
    let order = plan.buffers.indices.filter { plan.root($0) == $0 && plan.lifetime($0) != nil }
      .sorted { (-lines($0), $0) < (-lines($1), $1) }
    for buffer in order {
      let taken = placed.filter { plan.lifetime($0.buffer)?.overlaps(plan.lifetime(buffer) ?? 0...0) == true }
      var start = 0
      while taken.contains(where: { $0.lines.overlaps(start..<(start + lines(buffer))) }) { start += 1 }
      placed.append((buffer, start..<(start + lines(buffer))))
    }
    return 64 * max(placed.map(\.lines.upperBound).max() ?? 0, plan.buffers.indices.map(lines).max() ?? 0)
  }

  /// A chain of equal buffers needs two of them, wherever it begins and ends.
  @Test func chainsReuseMemory() {
    let planned = (0..<10).map { _ in ProgramBuilder.PlannedBuffer(buffer: Buffer(type: .u8, shape: [1000])) }
    let steps: [Step] = (0..<9).map { index in
      var table = TableU8()
      (table.input, table.output) = (index, index + 1)
      return .tableU8(table)
    }
    #expect(placeBuffers(planned, steps: steps, pinned: []).arenaBytes == 2 * 1024)
    #expect(placeBuffers(planned, steps: steps, pinned: [0, 9]).arenaBytes == 4 * 1024)
  }
}
