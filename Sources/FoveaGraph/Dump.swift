extension Network {
  /// The network as text for people, one node a line:
  ///
  ///     squeezenet.onnx (nchw)
  ///     input x [1, 3, 224, 224]
  ///     conv1: Conv 3x3 stride 2x2 clamp 0.0...inf (x [1, 3, 224, 224], w [64, 3, 3, 3] constant) -> y [1, 64, 111, 111]
  ///     output y [1, 64, 111, 111]
  public func dump() -> String {
    var lines = ["\(source) (\(layout))"]
    lines += inputs.map { "input \(label($0))" }
    lines += nodes.map { node in
      let inputs = node.inputs.map(label).joined(separator: ", ")
      let outputs = node.outputs.map(label).joined(separator: ", ")
      return "\(node.name): \(node.operation.summary) (\(inputs)) -> \(outputs)"
    }
    lines += outputs.map { "output \(label($0))" }
    return lines.joined(separator: "\n") + "\n"
  }

  private func label(_ value: ValueID) -> String {
    guard values.indices.contains(value.index) else { return "#\(value.index)" }
    return "\(self[value].name) \(self[value].shape)\(constants[value] == nil ? "" : " constant")"
  }
}

extension Operation {
  /// The name and what sets this one apart from others of the name; what is at its default is left out.
  package var summary: String { ([name] + details).joined(separator: " ") }

  private var details: [String] {
    switch self {
    case .convolution(let c):
      window(c.kernel, c.stride, c.dilation, c.padding) + (c.groups == 1 ? [] : ["groups \(c.groups)"])
        + c.clamp.details
    case .maxPool(let p):
      window(p.kernel, p.stride, p.dilation, p.padding) + (p.ceilMode ? ["ceil"] : [])
    case .averagePool(let p):
      window(p.kernel, p.stride, p.dilation, p.padding) + (p.ceilMode ? ["ceil"] : [])
        + (p.countIncludesPadding ? ["counting padding"] : [])
    case .gemm(let g):
      ["alpha \(g.alpha)", "beta \(g.beta)"] + (g.transposeA ? ["A transposed"] : [])
        + (g.transposeB ? ["B transposed"] : [])
    case .fullyConnected(let f): f.clamp.details
    case .binary(let b): b.clamp.details
    case .activation(.clamp(let clamp)): clamp.details
    case .activation(.leakyRelu(let alpha)): ["alpha \(alpha)"]
    case .activation(.hardSigmoid(let alpha, let beta)): ["alpha \(alpha)", "beta \(beta)"]
    case .batchNormalization(let epsilon): ["epsilon \(epsilon)"]
    case .concat(let axis), .softmax(let axis): ["axis \(axis)"]
    case .activation(.elu(let alpha)), .activation(.celu(let alpha)), .activation(.thresholdedRelu(let alpha)):
      ["alpha \(alpha)"]
    case .activation(.selu(let alpha, let gamma)): ["alpha \(alpha)", "gamma \(gamma)"]
    case .activation(.shrink(let lambda, let bias)): ["lambda \(lambda)", "bias \(bias)"]
    case .reduce(let r): ["axes \(r.axes)"] + (r.keepDimensions ? ["kept"] : [])
    case .normalize(let n): ["axes \(n.axes)", "epsilon \(n.epsilon)"]
    case .resample(let r): ["axis \(r.axis)", "to \(r.length)"] + (r.taps == 1 ? [] : ["taps \(r.taps)"])
    case .depthToSpace(let d), .spaceToDepth(let d):
      ["\(d.block.height)x\(d.block.width)"] + (d.order == .depthFirst ? ["depth first"] : [])
    case .pad(let p): ["before \(p.before) after \(p.after) \(p.mode)"]
    case .transpose(let permutation): ["\(permutation)"]
    case .quantizeDequantize(let q): ["scale \(q.scale) zero point \(q.zeroPoint)"]
    case .slice(let s): ["starts \(s.starts) steps \(s.steps)"]
    case .activation, .matMul, .globalAveragePool, .globalMaxPool, .reshape, .identity: []
    }
  }

  private func window(_ kernel: Size2D, _ stride: Size2D, _ dilation: Size2D, _ padding: Padding2D) -> [String] {
    let one = Size2D(1, 1)
    let sides = "padding \(padding.top),\(padding.left),\(padding.bottom),\(padding.right)"
    return ["\(kernel.height)x\(kernel.width)"]
      + (stride == one ? [] : ["stride \(stride.height)x\(stride.width)"])
      + (dilation == one ? [] : ["dilation \(dilation.height)x\(dilation.width)"])
      + (padding == Padding2D() ? [] : [sides])
  }
}

extension Clamp {
  fileprivate var details: [String] { isNone ? [] : ["clamp \(min)...\(max)"] }
}
