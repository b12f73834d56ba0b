import FoveaCore
import FoveaKernels

extension Lowering {
  /// `ProgramBuilder.fuseFloatFunctions`, with what the caller reads and writes kept.
  mutating func fuseFloatFunctions() {
    let ports = network.inputs.map(inputPort) + network.outputs.map(outputPort)
    builder.fuseFloatFunctions(pinned: Set(ports).subtracting([ProgramHeader.none]))
  }
}

extension ProgramBuilder {
  /// Has float convolutions add what is added to their results, and compute the elementwise function that follows, on results
  /// still in registers or the cache, where nothing else reads those.
  ///
  /// Not for calibration, which wants to see the values in between.
  ///
  /// - Parameter pinned: buffers that are read after the last step.
  package mutating func fuseFloatFunctions(pinned: Set<Int>) {
    func root(_ buffer: Int) -> Int { buffers[buffer].alias ?? buffer }
    var readers: [Int: Int] = [:]
    for step in steps {
      for buffer in step.buffers.reads { readers[root(buffer), default: 0] += 1 }
    }
    for buffer in pinned { readers[root(buffer), default: 0] += 1 }
    var (fused, names): ([Step], [String]) = ([], [])
    for (step, name) in zip(steps, stepNames) {
      if case .unaryF32(let unary) = step, readers[root(unary.input)] == 1,
        let whole = fused.last?.computing(unary, root: root)
      {
        fused[fused.count - 1] = whole
      } else if case .binaryF32(let sum) = step, let (index, whole) = fused.adding(sum, readers, root) {
        fused[index] = .convolutionF32(whole)
      } else {
        fused.append(step)
        names.append(name)
      }
    }
    (steps, stepNames) = (fused, names)
  }
}

extension [Step] {
  /// The step that is to add two values, with its index: the last that writes one of them (before it the other one is complete),
  /// where that is a convolution whose results nothing else reads. Nil for other steps than additions of as many values.
  fileprivate func adding(
    _ sum: BinaryF32, _ readers: [Int: Int], _ root: (Int) -> Int
  ) -> (index: Int, whole: ConvolutionF32)? {
    guard sum.operation == Int(FOVEA_BINARY_ADD.rawValue), sum.operands.aStride > 0, sum.operands.bStride > 0,
      root(sum.a) != root(sum.b),
      let index = lastIndex(where: { $0.buffers.writes.contains { root($0) == root(sum.a) || root($0) == root(sum.b) } }
      ),
      case .convolutionF32(var whole) = self[index],
      whole.activation.operation == Int(FOVEA_UNARY_IDENTITY.rawValue), !whole.adds,
      readers[root(whole.output)] == 1, whole.makesAll(sum.operands.rows * sum.operands.columns)
    else { return nil }
    whole.addend = root(whole.output) == root(sum.a) ? sum.b : sum.a
    whole.output = sum.output
    whole.activation = sum.activation
    return (index, whole)
  }
}

extension Step {
  /// A convolution without a function that writes all of what `unary` reads, with that function; nil for other steps.
  fileprivate func computing(_ unary: UnaryF32, root: (Int) -> Int) -> Step? {
    switch self {
    case .convolutionF32(let step): step.computing(unary, root: root).map(Step.convolutionF32)
    case .depthwiseF32(let step): step.computing(unary, root: root).map(Step.depthwiseF32)
    default: nil
    }
  }
}

extension ConvolutionF32 {
  fileprivate func computing(_ unary: UnaryF32, root: (Int) -> Int) -> ConvolutionF32? {
    guard activation.operation == Int(FOVEA_UNARY_IDENTITY.rawValue), root(output) == root(unary.input),
      makesAll(unary.count)
    else { return nil }
    var whole = self
    whole.output = unary.output
    whole.activation = unary.function
    return whole
  }

  /// Whether the step writes all channels of its output, `count` values.
  fileprivate func makesAll(_ count: Int) -> Bool {
    outputs == outputChannels && count == images * window.outputHeight * window.outputWidth * outputChannels
  }
}
