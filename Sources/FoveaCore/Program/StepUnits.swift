// Steps that run together: a convolution and what is done to each element of its output alone, a residual addition or a table.
//
// A few pixels of the convolution, then the second step on these while they are in the first cache: the same kernels in another
// order, and so the same bits. Threads wait for each other once and not twice.

extension Program {
  /// The program's steps in the order in which they run, those together that may: each step alone, or two.
  package var units: [Range<Int>] {
    var units: [Range<Int>] = []
    var step = 0
    while step < steps.count {
      let count = step + 1 < steps.count && mayJoin(step) ? 2 : 1
      units.append(step..<(step + count))
      step += count
    }
    return units
  }

  /// Whether the step after `step` may begin before that has ended: it must not write where the first step still reads, nor read
  /// where that has yet to write, but for the elements that it waits for.
  private func mayJoin(_ step: Int) -> Bool {
    let next = steps[step + 1].buffers
    guard let input = steps[step].inputWhileJoined(by: steps[step + 1], buffers) else { return false }
    let output = steps[step].buffers.writes[0]
    return buffers[input].isDisjoint(from: buffers[next.writes[0]])
      && next.reads.allSatisfy { $0 == output || buffers[$0].isDisjoint(from: buffers[output]) }
  }
}

extension Step {
  /// The buffer that this step reads, which must keep what it holds until `next` has ended if the two are to run together; nil if
  /// they cannot, wherever buffers lie. Placement does what this asks for, `Program.units` sees whether it did.
  package func inputWhileJoined(by next: Step, _ buffers: [Buffer]) -> Int? {
    let input: Int
    let output: Int
    let channels: Int
    let count: Int
    switch self {
    case .convolutionU8(let step):
      guard step.outputs == step.outputChannels else { return nil }
      (input, output, channels) = (step.input, step.output, step.outputs)
      count = saturatingProduct(step.images, step.window.outputHeight, step.window.outputWidth, channels)
    case .depthwiseU8(let step):
      (input, output, channels) = (step.input, step.output, step.channels)
      count = saturatingProduct(step.images, step.window.outputHeight, step.window.outputWidth, channels)
    default: return nil
    }
    // Of all elements of the buffer, or something would be left out.
    guard count == buffers[output].count else { return nil }
    switch next {
    case .addU8(let add):
      guard case .convolutionU8 = self, add.a == output || add.b == output else { return nil }
      return add.operands.isDense && add.operands.rows * add.operands.columns == count ? input : nil
    case .tableU8(let table): return table.input == output && table.count == count ? input : nil
    case .channelTablesU8(let tables):
      guard tables.input == output, tables.channels == channels else { return nil }
      return saturatingProduct(tables.rows, channels) == count ? input : nil
    default: return nil
    }
  }
}

extension Operands {
  /// Whether neither operand repeats or skips anything: row follows row.
  fileprivate var isDense: Bool { rows == 1 || (aStride == columns && bStride == columns) }
}
