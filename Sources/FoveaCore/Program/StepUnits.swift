// Steps that run together: a convolution and what is done to each element of its output alone, a residual addition or a table; or
// a float 1x1 convolution and a depthwise one behind it, where much lies between them.
//
// A few pixels of the convolution, then the second step on these while they are in a cache: the same kernels in another order,
// and so the same bits. Threads wait for each other once and not twice.

extension Program {
  /// The program's steps in the order in which they run, those together that may: each step alone, or two.
  package var units: [Range<Int>] {
    var units: [Range<Int>] = []
    let places = places
    var step = 0
    while step < steps.count {
      let count = step + 1 < steps.count && mayJoin(step, places) ? 2 : 1
      units.append(step..<(step + count))
      step += count
    }
    return units
  }

  /// Whether the step after `step` may begin before that has ended: it must not write where the first step still reads, nor read
  /// where that has yet to write, but for the elements that it waits for.
  private func mayJoin(_ step: Int, _ places: [Int]) -> Bool {
    let next = steps[step + 1].buffers
    guard let input = steps[step].inputWhileJoined(by: steps[step + 1], buffers) else { return false }
    let output = steps[step].buffers.writes[0]
    if case .convolutionF32 = steps[step], isNeeded(output, after: step + 1, places) { return false }
    return buffers[input].isDisjoint(from: buffers[next.writes[0]])
      && next.reads.allSatisfy { $0 == output || buffers[$0].isDisjoint(from: buffers[output]) }
  }

  /// For each buffer the first one that is the same memory: what is written as one may be read as another.
  private var places: [Int] {
    let order = buffers.indices.sorted { a, b in
      (buffers[a].offset, buffers[a].byteCount, a) < (buffers[b].offset, buffers[b].byteCount, b)
    }
    var places = Array(buffers.indices)
    for (first, second) in zip(order, order.dropFirst())
    where buffers[first].offset == buffers[second].offset && buffers[first].byteCount == buffers[second].byteCount {
      places[second] = places[first]
    }
    return places
  }

  /// Whether what lies in a buffer's memory is read after a step, by whatever name, or is an output of the program.
  private func isNeeded(_ buffer: Int, after step: Int, _ places: [Int]) -> Bool {
    var isWritten = [Bool](repeating: false, count: buffers.count)
    for other in steps[step].buffers.writes { isWritten[places[other]] = true }
    func isLeftOver(_ other: Int) -> Bool {
      !isWritten[places[other]] && !buffers[other].isDisjoint(from: buffers[buffer])
    }
    for later in steps[(step + 1)...] {
      if later.buffers.reads.contains(where: isLeftOver) { return true }
      for other in later.buffers.writes { isWritten[places[other]] = true }
    }
    return outputs.contains { isLeftOver($0.buffer) }
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
    case .convolutionF32(let step):
      guard case .depthwiseF32(let depthwise) = next, step.mayLeadBands(to: depthwise, buffers) else { return nil }
      return step.input
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

extension ConvolutionF32 {
  /// From this size on, running both a band at a time was faster (docs/PERFORMANCE.md): a second-level cache holds not much more.
  private static let leastBandedBytes = 1 << 20

  /// Whether a depthwise convolution can follow this one band by band, with only a band of what lies between them ever there.
  fileprivate func mayLeadBands(to next: ConvolutionF32, _ buffers: [Buffer]) -> Bool {
    let isPointwise = windowSize == inputChannels && (window.strideY, window.strideX) == (1, 1)
    let isWhole =
      inputs == inputChannels && outputs == outputChannels && outputs == next.inputs
      && next.inputs == next.inputChannels
      && (images, next.images) == (1, 1) && (height, width) == (next.height, next.width)
      && (window.outputHeight, window.outputWidth) == (height, width)
    return isPointwise && isWhole && !adds && output == next.input
      && buffers[output].byteCount >= Self.leastBandedBytes
  }
}
