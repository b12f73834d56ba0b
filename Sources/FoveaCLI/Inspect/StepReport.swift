import FoveaCore

extension Program {
  /// What a step does, in the words of `inspect`.
  func layer(_ index: Int, name: String) -> LayerReport {
    let step = steps[index]
    let output = step.buffers.writes.first.map { buffers[$0].shape } ?? []
    return LayerReport(
      name: name, operation: ([String(describing: step.kind)] + step.details).joined(separator: " "), shape: output,
      macs: step.multiplyAccumulates,
      weightBytes: step.constants.reduce(0) { $0 + constants[$1].byteCount })
  }
}

extension Step {
  /// The constants that the step uses.
  fileprivate var constants: [Int] {
    let all: [Int] =
      switch self {
      case .convolutionU8(let step): [step.weights, step.bias, step.scale]
      case .depthwiseU8(let step): [step.weights, step.bias, step.scale]
      case .convolutionF32(let step), .depthwiseF32(let step): [step.weights, step.bias]
      case .tableU8(let step): [step.table]
      case .channelTablesU8(let step): [step.tables, step.selection]
      case .copy(let step): [step.table]
      case .fill(let step): [step.constant]
      case .resample(let step): [step.positions, step.weights]
      case .addU8, .multiplyU8, .maxPool, .averagePool, .padU8, .quantize, .dequantize, .matMulF32, .unaryF32,
        .binaryF32, .softmaxF32, .meanF32, .reduceF32, .normalizeF32:
        []
      }
    return all.filter { $0 != ProgramHeader.none }
  }

  /// What sets the step apart from others of its kind.
  fileprivate var details: [String] {
    switch self {
    case .convolutionU8(let step): step.window.details
    case .depthwiseU8(let step): step.window.details
    case .convolutionF32(let step), .depthwiseF32(let step): step.window.details
    case .maxPool(let step), .averagePool(let step): step.window.details
    default: []
    }
  }
}

extension Window {
  fileprivate var details: [String] {
    ["\(kernelHeight)x\(kernelWidth)"]
      + (strideY == 1 && strideX == 1 ? [] : ["stride \(strideY)x\(strideX)"])
      + (dilationY == 1 && dilationX == 1 ? [] : ["dilation \(dilationY)x\(dilationX)"])
  }
}
