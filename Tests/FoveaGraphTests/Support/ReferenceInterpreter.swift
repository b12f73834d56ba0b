import FoveaGraph
import Testing

/// Runs a network the slow and obvious way: each operation is a formula for one element of its output, read off ONNX's definition.
/// What a pass makes of a network must give the same numbers here.
struct ReferenceInterpreter {
  var layout: Layout

  static func run(_ network: Network, _ inputs: [Tensor]) throws -> [Tensor] {
    let interpreter = ReferenceInterpreter(layout: network.layout)
    var known = network.constants
    for (value, tensor) in zip(network.inputs, inputs) { known[value] = tensor }
    for node in network.nodes {
      let arguments = try node.inputs.map { try #require(known[$0], "\(node.name) uses \(network[$0].name) too early") }
      known[node.outputs[0]] = try interpreter.apply(node.operation, arguments)
    }
    return try network.outputs.map { try #require(known[$0]) }
  }

  func apply(_ operation: Operation, _ inputs: [Tensor]) throws -> Tensor {
    // Image operations are written for NCHW alone.
    if layout == .nhwc && operation.readsLayout && inputs[0].shape.count == 4 {
      let x = inputs[0].permuted([0, 3, 1, 2])
      let y = try ReferenceInterpreter(layout: .nchw).apply(operation, [x] + inputs.dropFirst())
      return y.permuted([0, 2, 3, 1])
    }
    let shape = try operation.outputShape(of: inputs.map(\.shape), layout: layout)
    return Tensor(shape) { Float(value(of: operation, inputs, at: $0)) }
  }

  private func value(of operation: Operation, _ inputs: [Tensor], at i: [Int]) -> Double {
    let x = inputs[0]
    switch operation {
    case .convolution(let c): return convolution(c, inputs, i)
    case .maxPool(let p): return taps(p, x, i).compactMap { $0 }.max() ?? .nan
    case .averagePool(let p):
      let taps = taps(p, x, i)
      let inside = taps.compactMap { $0 }
      return inside.reduce(0, +) / Double(p.countIncludesPadding ? taps.count : inside.count)
    case .globalAveragePool: return mean(image(x, i))
    case .globalMaxPool: return image(x, i).max() ?? .nan
    case .batchNormalization(let epsilon):
      let c = [i[1]]
      return inputs[1][c] * (x[i] - inputs[3][c]) / (inputs[4][c] + Double(epsilon)).squareRoot() + inputs[2][c]
    case .gemm(let g):
      let (m, n) = (i[0], i[1])
      let sum = (0..<(g.transposeA ? x.shape[0] : x.shape[1])).reduce(0.0) { sum, k in
        sum + x[g.transposeA ? [k, m] : [m, k]] * inputs[1][g.transposeB ? [n, k] : [k, n]]
      }
      return Double(g.alpha) * sum + (inputs.count > 2 ? Double(g.beta) * inputs[2].broadcasted(i) : 0)
    case .fullyConnected(let f):
      let n = i[i.count - 1]
      let sum = (0..<inputs[1].shape[1]).reduce(0.0) { $0 + x[i.dropLast() + [$1]] * inputs[1][[n, $1]] }
      return f.clamp.of(sum + (inputs.count > 2 ? inputs[2][[n]] : 0))
    case .matMul: return matMul(x, inputs[1], i)
    case .activation(let a): return a.of(x[i])
    case .binary(let b): return b.clamp.of(b.operator.of(x.broadcasted(i), inputs[1].broadcasted(i)))
    case .concat(let axis):
      var j = i
      for input in inputs {
        if j[axis] < input.shape[axis] { return input[j] }
        j[axis] -= input.shape[axis]
      }
      return .nan
    case .reduce(let r):
      let kept = r.keepDimensions ? i : r.axes.reduce(into: i) { $0.insert(0, at: $1) }
      return r.kind.of(elements(of: x, along: r.axes, through: kept))
    case .normalize(let n):
      let all = elements(of: x, along: n.axes, through: i)
      let variance = mean(all.map { ($0 - mean(all)) * ($0 - mean(all)) })
      return (x[i] - mean(all)) / (variance + Double(n.epsilon)).squareRoot()
    case .resample(let r):
      return (0..<r.taps).reduce(0.0) { sum, tap in
        var j = i
        j[r.axis] = r.positions[i[r.axis] * r.taps + tap]
        return sum + Double(r.weights[i[r.axis] * r.taps + tap]) * x[j]
      }
    case .depthToSpace(let d):
      let (h, w) = (d.block.height, d.block.width)
      let (by, bx) = (i[2] % h, i[3] % w)
      let depth = x.shape[1] / (h * w)
      let channel = d.order == .blockFirst ? (by * w + bx) * depth + i[1] : (i[1] * h + by) * w + bx
      return x[[i[0], channel, i[2] / h, i[3] / w]]
    case .spaceToDepth(let d):
      let (h, w) = (d.block.height, d.block.width)
      let pixel = d.order == .blockFirst ? i[1] / x.shape[1] : i[1] % (h * w)
      let channel = d.order == .blockFirst ? i[1] % x.shape[1] : i[1] / (h * w)
      return x[[i[0], channel, i[2] * h + pixel / w, i[3] * w + pixel % w]]
    case .pad(let p): return padded(p, x, i)
    case .reshape(let shape): return x.element(allIndices(shape).firstIndex(of: i) ?? 0)
    case .transpose(let permutation):
      var j = i
      for (k, axis) in permutation.enumerated() { j[axis] = i[k] }
      return x[j]
    case .slice(let s): return x[i.indices.map { s.starts[$0] + i[$0] * s.steps[$0] }]
    case .softmax(let axis):
      let row = (0..<x.shape[axis]).map { k in x[i.indices.map { $0 == axis ? k : i[$0] }] }
      let top = row.max() ?? 0
      return exponential(x[i] - top) / row.reduce(0) { $0 + exponential($1 - top) }
    case .identity: return x[i]
    case .quantizeDequantize(let q):
      let byte = (Double(Float(x[i]) / q.scale).rounded(.toNearestOrEven) + Double(q.zeroPoint))
      return (min(max(byte, 0), 255) - Double(q.zeroPoint)) * Double(q.scale)
    }
  }

  private func convolution(_ c: Convolution, _ inputs: [Tensor], _ i: [Int]) -> Double {
    let (x, w) = (inputs[0], inputs[1])
    let group = i[1] / (w.shape[0] / c.groups)
    var sum = inputs.count > 2 ? inputs[2][[i[1]]] : 0
    for tap in allIndices(Array(w.shape.dropFirst())) {
      let row = i[2] * c.stride.height - c.padding.top + tap[1] * c.dilation.height
      let column = i[3] * c.stride.width - c.padding.left + tap[2] * c.dilation.width
      guard (0..<x.shape[2]).contains(row), (0..<x.shape[3]).contains(column) else { continue }
      sum += x[[i[0], group * w.shape[1] + tap[0], row, column]] * w[[i[1]] + tap]
    }
    return c.clamp.of(sum)
  }

  /// The taps of one window; nil for one in the padding. Taps behind the padding are no taps.
  private func taps(_ p: Pooling, _ x: Tensor, _ i: [Int]) -> [Double?] {
    var result: [Double?] = []
    for tap in allIndices([p.kernel.height, p.kernel.width]) {
      let row = i[2] * p.stride.height - p.padding.top + tap[0] * p.dilation.height
      let column = i[3] * p.stride.width - p.padding.left + tap[1] * p.dilation.width
      guard row < x.shape[2] + p.padding.bottom, column < x.shape[3] + p.padding.right else { continue }
      let isInside = (0..<x.shape[2]).contains(row) && (0..<x.shape[3]).contains(column)
      result.append(isInside ? x[[i[0], i[1], row, column]] : nil)
    }
    return result
  }

  private func image(_ x: Tensor, _ i: [Int]) -> [Double] {
    allIndices([x.shape[2], x.shape[3]]).map { x[[i[0], i[1]] + $0] }
  }

  /// Every element that differs from the one at `i` along some axes only.
  private func elements(of x: Tensor, along axes: [Int], through i: [Int]) -> [Double] {
    allIndices(x.shape).filter { j in j.indices.allSatisfy { axes.contains($0) || j[$0] == i[$0] } }.map { x[$0] }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func matMul(_ a: Tensor, _ b: Tensor, _ i: [Int]) -> Double {
    var batch = i
    let n = b.shape.count > 1 ? batch.removeLast() : 0
    let m = a.shape.count > 1 ? batch.removeLast() : 0
    return (0..<a.shape[a.shape.count - 1]).reduce(0.0) { sum, k in
      let p = a.shape.count > 1 ? a.broadcasted(batch + [m, k]) : a[[k]]
      let q = b.shape.count > 1 ? b.broadcasted(batch + [k, n]) : b[[k]]
      return sum + p * q
    }
  }

  private func padded(_ p: Pad, _ x: Tensor, _ i: [Int]) -> Double {
    var j = i.indices.map { i[$0] - p.before[$0] }
    let isInside = j.indices.allSatisfy { (0..<x.shape[$0]).contains(j[$0]) }
    for axis in j.indices where !isInside {
      let last = x.shape[axis] - 1
      switch p.mode {
      case .constant(let value): return Double(value)
      case .edge: j[axis] = min(max(j[axis], 0), last)
      case .reflect: j[axis] = j[axis] < 0 ? -j[axis] : j[axis] > last ? 2 * last - j[axis] : j[axis]
      }
    }
    return x[j]
  }
}

extension Operation {
  fileprivate var readsLayout: Bool {
    switch self {
    case .convolution, .maxPool, .averagePool, .globalAveragePool, .globalMaxPool, .batchNormalization, .depthToSpace,
      .spaceToDepth:
      true
    default: false
    }
  }
}
