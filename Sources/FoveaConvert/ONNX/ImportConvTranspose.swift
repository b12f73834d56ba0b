import FoveaGraph

/// ConvTranspose, as an ordinary convolution whose outputs are put between one another.
///
/// With stride s, output s * q + r (before padding is cut off) takes input q - j through tap r + s * j: for each of the s x s
/// remainders r that is a convolution of stride 1 with every s-th tap. All of them together are one convolution with s * s times
/// the outputs, whose channels then move to positions (`depthToSpace`). Its kernels are the float and 8-bit ones that
/// convolutions have already. (Shi et al. 2016, "Is the deconvolution layer the same as a convolutional layer?")
func importConvTranspose(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  let shape = builder.shape(input)
  try node.requireImages(shape, "a transposed convolution")
  guard let weights = builder.tensor(try node.input(1)), let values = weights.floats, weights.shape.count == 4 else {
    throw .invalid("its weights must be a constant of 4 dimensions")
  }
  let groups = try node.integer("group", default: 1)
  guard groups >= 1, weights.shape[0] == shape[1], shape[1] % groups == 0, !weights.shape.contains(0) else {
    throw .invalid("its weights have the shape \(weights.shape), its input \(shape), in \(groups) groups")
  }
  let geometry = try TransposedGeometry(node, kernel: Array(weights.shape[2...]), input: Array(shape[2...]))
  let (rows, columns) = (geometry.axes[0], geometry.axes[1])
  let outputs = weights.shape[1] * groups
  let depthFirst = groups > 1
  let blocks = DepthToSpace(
    block: Size2D(rows.stride, columns.stride), order: depthFirst ? .depthFirst : .blockFirst)

  let phases = rows.stride * columns.stride
  let kernelShape = [outputs * phases, shape[1] / groups, rows.taps, columns.taps]
  try builder.spend(kernelShape)
  var kernel = [Float](repeating: 0, count: kernelShape.reduce(1, *))
  var next = 0
  // [inputs][outputs / groups][height][width], each to its remainder and, turned around, to its tap.
  for channel in 0..<shape[1] {
    let group = channel / (shape[1] / groups)
    for output in 0..<weights.shape[1] {
      for y in 0..<weights.shape[2] {
        for x in 0..<weights.shape[3] {
          let (down, across) = (rows.place(of: y), columns.place(of: x))
          let phase = down.remainder * columns.stride + across.remainder
          let whole = group * weights.shape[1] + output
          let target = depthFirst ? whole * phases + phase : phase * outputs + whole
          let place = (target * kernelShape[1] + channel % kernelShape[1]) * rows.taps + down.tap
          kernel[place * columns.taps + across.tap] = values[next]
          next += 1
        }
      }
    }
  }
  var inputs = [
    input, builder.addConstant(name: "\(node.output)/weights", Tensor(shape: kernelShape, floats: kernel)),
  ]
  if let given = node.optionalInput(2) {
    guard let bias = builder.tensor(given)?.floats, bias.count == outputs else {
      throw .invalid("its bias must be a constant of \(outputs) floats")
    }
    let repeated = (0..<outputs * phases).map { bias[depthFirst ? $0 / phases : $0 % outputs] }
    inputs.append(
      builder.addConstant(name: "\(node.output)/bias", Tensor(shape: [repeated.count], floats: repeated)))
  }
  let convolution = Convolution(
    kernel: Size2D(rows.taps, columns.taps),
    padding: Padding2D(top: rows.before, left: columns.before, bottom: rows.after, right: columns.after),
    groups: groups)
  let whole = [shape[0], outputs, rows.rows * rows.stride, columns.rows * columns.stride]
  let target = [shape[0], outputs, rows.output, columns.output]
  if phases == 1, whole == target { return try builder.apply(.convolution(convolution), to: inputs, of: node) }
  let parts = try builder.apply(
    .convolution(convolution), to: inputs, node: "\(node.name)/parts", output: "\(node.output)/parts")
  if whole == target { return try builder.apply(.depthToSpace(blocks), to: [parts], of: node) }
  let spread = try builder.apply(.depthToSpace(blocks), to: parts, of: node, step: "spread")
  let slice = Slice(starts: [0, 0, rows.start, columns.start], steps: [1, 1, 1, 1], sizes: target)
  return try builder.apply(.slice(slice), to: [spread], of: node)
}

/// How a transposed convolution's two axes become those of an ordinary one.
private struct TransposedGeometry {
  struct Axis {
    var stride: Int
    var dilation: Int
    /// Taps of the ordinary convolution.
    var taps: Int
    /// Its padding.
    var before: Int
    var after: Int
    /// How many positions it gives, each of which becomes `stride`, and where among those the output starts.
    var rows: Int
    var start: Int
    var output: Int

    /// Where tap `k` of the transposed convolution goes: the last tap looks at the same input, the ones before it further back.
    func place(of k: Int) -> (remainder: Int, tap: Int) {
      let (quotient, remainder) = (k * dilation).quotientAndRemainder(dividingBy: stride)
      return (remainder, taps - 1 - quotient)
    }
  }

  var axes: [Axis] = []

  init(_ node: ONNXNode, kernel: [Int], input: [Int]) throws(NodeProblem) {
    let strides = try node.window("strides", count: 2, range: 1...1 << 10) ?? [1, 1]
    let dilations = try node.window("dilations", count: 2, range: 1...1 << 10) ?? [1, 1]
    let extra = try node.window("output_padding", count: 2, range: 0...1 << 10) ?? [0, 0]
    let pads = try node.window("pads", count: 4, range: 0...1 << 20) ?? [0, 0, 0, 0]
    let sizes = try node.window("output_shape", count: 2, range: 1...1 << 20)
    let autoPad = try node.string("auto_pad", default: "NOTSET")
    guard ["NOTSET", "", "VALID", "SAME_UPPER", "SAME_LOWER"].contains(autoPad) else {
      throw .invalid("auto_pad is \"\(printable(autoPad))\"; NOTSET, VALID, SAME_UPPER and SAME_LOWER exist")
    }
    if let declared = try node.integers("kernel_shape"), declared != kernel {
      throw .invalid("kernel_shape is \(declared), but the weights' is \(kernel)")
    }
    guard kernel.allSatisfy({ $0 <= 1 << 10 }), input.allSatisfy({ $0 <= 1 << 20 }) else {
      throw .invalid("its kernel is \(kernel) and its input \(input), beyond 1024 and 1048576")
    }
    for i in 0..<2 {
      let reach = (kernel[i] - 1) * dilations[i] + 1
      let full = strides[i] * (input[i] - 1) + reach + extra[i]
      var begin = autoPad == "VALID" ? 0 : pads[i]
      var output = full - begin - (autoPad == "VALID" ? 0 : pads[i + 2])
      if sizes != nil || autoPad.hasPrefix("SAME") {
        output = sizes?[i] ?? input[i] * strides[i]
        let total = max(0, full - output)
        // All but SAME_UPPER cut the odd one off in front.
        begin = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2
      }
      guard output >= 1 else { throw .invalid("its pads leave nothing of \(full) positions") }
      let taps = (reach + strides[i] - 1) / strides[i]
      // Whole positions that are cut off in front are not computed.
      let skipped = min(begin / strides[i], taps - 1)
      let start = begin - skipped * strides[i]
      let rows = (start + output + strides[i] - 1) / strides[i]
      let before = taps - 1 - skipped
      let after = rows - (input[i] + before - taps + 1)
      axes.append(
        Axis(
          stride: strides[i], dilation: dilations[i], taps: taps, before: before, after: max(0, after),
          rows: rows + max(0, -after), start: start, output: output))
    }
  }
}
