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
  /// Has float convolutions compute the elementwise function that follows them, on results still in the cache, where nothing
  /// else reads those.
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
      } else {
        fused.append(step)
        names.append(name)
      }
    }
    (steps, stepNames) = (fused, names)
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
    guard activation.operation == Int(FOVEA_UNARY_IDENTITY.rawValue), outputs == outputChannels,
      root(output) == root(unary.input),
      unary.count == images * window.outputHeight * window.outputWidth * outputChannels
    else { return nil }
    var whole = self
    whole.output = unary.output
    whole.activation = unary.function
    return whole
  }
}
