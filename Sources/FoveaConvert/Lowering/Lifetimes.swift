import FoveaCore

/// From the first to the last step that touches each buffer's memory.
package struct Lifetimes {
  /// By buffer; aliases, and buffers that no step touches, have none.
  package private(set) var ranges: [Int: ClosedRange<Int>] = [:]
  private let stepCount: Int

  /// - Parameters:
  ///   - pinned: alive before the first step and after the last.
  ///   - root: the buffer in whose memory a buffer lies; itself but for aliases.
  ///   - joined: all buffers, to keep what steps read that could run together with the next one (`Program.units`) until that has
  ///     ended.
  package init(steps: [Step], pinned: Set<Int>, root: (Int) -> Int, joined buffers: [Buffer]? = nil) {
    stepCount = steps.count
    for (index, step) in steps.enumerated() {
      for buffer in step.buffers.reads + step.buffers.writes {
        let known = ranges[root(buffer)]
        ranges[root(buffer)] = min(known?.lowerBound ?? index, index)...max(known?.upperBound ?? index, index)
      }
    }
    if let buffers {
      for (index, pair) in zip(steps, steps.dropFirst()).enumerated() {
        guard let input = pair.0.inputWhileJoined(by: pair.1, buffers), let known = ranges[root(input)] else {
          continue
        }
        ranges[root(input)] = known.lowerBound...max(known.upperBound, index + 1)
      }
    }
    for buffer in pinned { ranges[root(buffer)] = -1...steps.count }
  }

  /// Bytes of the buffers that are alive at each step, each rounded up as places are.
  package func aliveBytes(_ byteCount: (Int) -> Int) -> [Int] {
    // What begins and ends at each step, then their running sum.
    var changes = [Int](repeating: 0, count: stepCount + 1)
    for (buffer, range) in ranges {
      let bytes = roundedUpToPlace(byteCount(buffer))
      changes[max(0, range.lowerBound)] += bytes
      changes[min(stepCount, range.upperBound + 1)] -= range.upperBound < stepCount ? bytes : 0
    }
    var alive = 0
    let sums = changes.map { change in
      alive += change
      return alive
    }
    // A program without steps still holds its inputs and outputs.
    return stepCount == 0 ? sums : Array(sums.dropLast())
  }
}

/// Places are multiples of 64 bytes, so that kernels load whole cache lines.
func roundedUpToPlace(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

/// What the activations of a program need of memory.
package struct MemoryUse: Equatable, Sendable {
  /// As planned, and allocated.
  package let arenaBytes: Int
  /// Bytes of the buffers whose contents are still needed, at each step; one entry for a program without steps.
  package let aliveBytes: [Int]

  /// The most bytes that are needed at once: no placement of these buffers in one arena can do with less.
  package var lowerBoundBytes: Int { aliveBytes.max() ?? 0 }

  package init(_ program: Program) {
    // The file does not say which buffers are the memory of others under another shape. But no step writes those, and they
    // lie exactly where the buffer lies that was last written before they are read.
    var isWritten: Set<Int> = []
    var latest: [Place: Int] = [:]
    var roots: [Int: Int] = [:]
    func write(_ buffer: Int) {
      isWritten.insert(buffer)
      latest[Place(program.buffers[buffer])] = buffer
    }
    func read(_ buffer: Int) {
      if roots[buffer] == nil, !isWritten.contains(buffer) { roots[buffer] = latest[Place(program.buffers[buffer])] }
    }
    for port in program.inputs { write(port.buffer) }
    for step in program.steps {
      step.buffers.reads.forEach(read)
      step.buffers.writes.forEach(write)
    }
    for port in program.outputs { read(port.buffer) }
    let lifetimes = Lifetimes(
      steps: program.steps, pinned: Set((program.inputs + program.outputs).map(\.buffer)), root: { roots[$0] ?? $0 })
    arenaBytes = program.header.arenaBytes
    aliveBytes = lifetimes.aliveBytes { program.buffers[$0].byteCount }
  }

  /// Where a buffer lies.
  private struct Place: Hashable {
    var offset: Int
    var byteCount: Int

    init(_ buffer: Buffer) {
      offset = buffer.offset
      byteCount = buffer.byteCount
    }
  }
}
