extension Step {
  /// Counting those with padding, as for ONNX files.
  package var multiplyAccumulates: Int {
    func count(_ window: Window, images: Int, inputs: Int, outputs: Int) -> Int {
      saturatingProduct(
        window.kernelHeight, window.kernelWidth, inputs, outputs, images, window.outputHeight, window.outputWidth)
    }
    return switch self {
    case .convolutionU8(let step): count(step.window, images: step.images, inputs: step.inputs, outputs: step.outputs)
    case .depthwiseU8(let step): count(step.window, images: step.images, inputs: 1, outputs: step.channels)
    case .convolutionF32(let step): count(step.window, images: step.images, inputs: step.inputs, outputs: step.outputs)
    case .depthwiseF32(let step): count(step.window, images: step.images, inputs: 1, outputs: step.outputs)
    case .matMulF32(let step): saturatingProduct(step.batches, step.m, step.n, step.k)
    case .addU8, .multiplyU8, .tableU8, .maxPool, .averagePool, .padU8, .copy, .fill, .quantize, .dequantize, .unaryF32,
      .binaryF32, .softmaxF32, .meanF32, .reduceF32, .normalizeF32, .resample, .channelTablesU8:
      0
    }
  }

  /// Values that come together in sums and in greatest ones: multiply-accumulates, and the elements of pooling windows.
  fileprivate var windowElements: Int {
    switch self {
    case .maxPool(let step), .averagePool(let step):
      saturatingProduct(
        step.window.kernelHeight, step.window.kernelWidth, step.channels, step.images, step.window.outputHeight,
        step.window.outputWidth)
    default: multiplyAccumulates
    }
  }

  /// What a multiply-accumulate costs, in units of an 8-bit convolution's.
  fileprivate var costOfMultiplication: Int {
    switch self {
    case .depthwiseU8, .convolutionF32, .matMulF32: 4
    case .depthwiseF32: 8
    default: 1
    }
  }
}

extension ConvolutionF32 {
  /// Whether it is one of those to which Winograd's F(4x4, 3x3) applies, and has more weights for it than inputs.
  fileprivate var transformsMoreWeightsThanInputs: Bool {
    let window = window
    return (window.kernelHeight, window.kernelWidth, window.strideY, window.strideX) == (3, 3, 1, 1)
      && saturatingProduct(36, outputs) > saturatingProduct(height, width)
  }
}

extension Program {
  /// What a run adds up or compares, which a file of a few bytes can ask for more of than anyone waits for.
  package var windowElements: Int { steps.reduce(0) { saturatingSum($0, $1.windowElements) } }

  /// How long a step takes, in multiply-accumulates of an 8-bit convolution: its own, and its bytes of activations, each of which
  /// takes as long as four of them. (A core of Zen 4 does 200 and 50 a nanosecond.)
  package func cost(of step: Step) -> Int {
    let (reads, writes) = step.buffers
    let bytes = (reads + writes).reduce(0) { $0 + buffers[$1].byteCount }
    return saturatingSum(saturatingProduct(step.multiplyAccumulates, step.costOfMultiplication), 4 * bytes)
  }

  /// Into how many parts each of `units` is best cut for so many threads: one where the work is not worth a second thread's coming,
  /// and where it is much, several a thread, so that one which comes late or is put aside leaves its parts to others.
  ///
  /// - Parameter most: the largest number of parts there may be, at least `threads`.
  package func parts(of units: [Range<Int>], threads: Int, most: Int) -> [Int] {
    let partsOfThread = min(4, most / threads)
    return units.indices.map { index in
      let unit = units[index]
      // Of rows' sums, an average is little work.
      if index > 0, averagesRows(of: units[index - 1], in: unit) { return 1 }
      let cost = steps[unit].map(cost(of:)).reduce(0, saturatingSum)
      let worthwhile = cost / Self.leastCostOfPart
      if threads == 1 || worthwhile < 2 { return 1 }
      if worthwhile < threads { return worthwhile }
      // Each part of a unit that runs in bands makes its first rows once more than the part before it did. By Winograd's algorithm,
      // each part that has its own channels transforms all inputs.
      if case .convolutionF32(let step) = steps[unit.lowerBound],
        unit.count == 2 || step.transformsMoreWeightsThanInputs
      {
        return threads
      }
      // The same number for each thread.
      return threads * max(1, min(partsOfThread, cost / Self.comfortableCostOfPart / threads))
    }
  }

  /// 0.3 microseconds on a core of Zen 4. MobileNetV3-Large on two threads, whose steps are the smallest of the networks measured:
  /// 0.98 ms with this, with 8 times as much 1.03.
  private static let leastCostOfPart = 1 << 16

  /// 20 microseconds there: parts of less, of which there are many, cost MobileNetV2 8 %.
  private static let comfortableCostOfPart = 1 << 22
}

/// The product, or the largest number there is.
package func saturatingProduct(_ factors: Int...) -> Int {
  factors.reduce(1) { product, factor in
    let (next, overflow) = product.multipliedReportingOverflow(by: factor)
    return overflow ? .max : next
  }
}

private func saturatingSum(_ a: Int, _ b: Int) -> Int {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}
