import FoveaCore
import FoveaGraph

/// One strided move: `sizes` elements from `input` to `output`, which is dense unless its strides are given.
struct Movement {
  var input: Int
  var output: Int
  var sizes: [Int]
  var inputStrides: [Int]
  var outputStrides: [Int]?
  var inputOffset = 0
  var outputOffset = 0
}

extension Lowering {
  /// Adds a copy step, with a table in between where the two buffers are quantized differently.
  mutating func addCopy(_ movement: Movement) {
    let (from, to) = (quantization(ofBuffer: movement.input), quantization(ofBuffer: movement.output))
    var step = CopyStep()
    step.input = movement.input
    step.output = movement.output
    step.sizes = Six(movement.sizes, filler: 1)
    step.inputStrides = Six(movement.inputStrides, filler: 0)
    step.outputStrides = Six(movement.outputStrides ?? rowMajorStrides(of: movement.sizes), filler: 0)
    step.inputOffset = movement.inputOffset
    step.outputOffset = movement.outputOffset
    if builder.buffer(movement.input).type == .u8, from != to {
      step.table = addTable(name: "\(builder.currentName).table.\(builder.constants.count)") {
        to.quantize(from.dequantize($0))
      }
    }
    builder.add(.copy(step))
  }

  /// Moves are made of at most 6 dimensions.
  private func checkRank(_ node: Node, _ rank: Int) throws(ConversionError) {
    guard rank <= Buffer.maximumRank else {
      throw invalid(node, "\(rank) dimensions are not supported; up to \(Buffer.maximumRank) are")
    }
  }

  mutating func lowerConcat(axis: Int, _ node: Node, isInt8: Bool) throws(ConversionError) {
    let shape = network[node.outputs[0]].shape
    try checkRank(node, shape.count)
    let sources = node.inputs.map { source($0, isInt8: isInt8) }
    let output = target(node, isInt8: isInt8)
    let strides = rowMajorStrides(of: shape)
    var position = 0
    for source in sources {
      let part = builder.buffer(source).shape
      addCopy(
        Movement(
          input: source, output: output, sizes: part, inputStrides: rowMajorStrides(of: part), outputStrides: strides,
          outputOffset: position * strides[axis]))
      position += part[axis]
    }
  }

  mutating func lowerTranspose(_ permutation: [Int], _ node: Node, isInt8: Bool) throws(ConversionError) {
    try checkRank(node, permutation.count)
    let source = source(node.inputs[0], isInt8: isInt8)
    addTranspose(permutation, of: source, to: target(node, isInt8: isInt8))
  }

  mutating func addTranspose(_ permutation: [Int], of source: Int, to output: Int) {
    let strides = rowMajorStrides(of: builder.buffer(source).shape)
    addCopy(
      Movement(
        input: source, output: output, sizes: builder.buffer(output).shape,
        inputStrides: permutation.map { strides[$0] }))
  }

  mutating func lowerSlice(_ slice: Slice, _ node: Node, isInt8: Bool) throws(ConversionError) {
    try checkRank(node, slice.sizes.count)
    let source = source(node.inputs[0], isInt8: isInt8)
    let strides = rowMajorStrides(of: builder.buffer(source).shape)
    addCopy(
      Movement(
        input: source, output: target(node, isInt8: isInt8), sizes: slice.sizes,
        inputStrides: zip(strides, slice.steps).map { $0 * $1 },
        inputOffset: zip(strides, slice.starts).reduce(0) { $0 + $1.0 * $1.1 }))
  }

  mutating func lowerPad(_ pad: Pad, _ node: Node, isInt8: Bool) throws(ConversionError) {
    try checkRank(node, pad.before.count)
    let source = source(node.inputs[0], isInt8: isInt8)
    switch pad.mode {
    case .constant(let value):
      let output = target(node, isInt8: isInt8)
      var fill = FillStep()
      fill.output = output
      fill.value = value
      fill.byte = isInt8 ? Int(quantization(node.outputs[0]).quantize(value)) : 0
      builder.add(.fill(fill))
      let shape = builder.buffer(source).shape
      let strides = rowMajorStrides(of: builder.buffer(output).shape)
      addCopy(
        Movement(
          input: source, output: output, sizes: shape, inputStrides: rowMajorStrides(of: shape), outputStrides: strides,
          outputOffset: zip(strides, pad.before).reduce(0) { $0 + $1.0 * $1.1 }))
    case .reflect, .edge:
      // One dimension after another, so that corners come out right.
      var current = source
      let padded = pad.before.indices.filter { pad.before[$0] > 0 || pad.after[$0] > 0 }
      for (i, axis) in padded.enumerated() {
        var shape = builder.buffer(current).shape
        shape[axis] += pad.before[axis] + pad.after[axis]
        let output =
          i == padded.count - 1
          ? target(node, isInt8: isInt8)
          : builder.addBuffer(
            builder.buffer(current).type, shape: shape, quantization: quantization(ofBuffer: current))
        addMirroredPad(axis: axis, pad, from: current, to: output)
        current = output
      }
    }
  }

  /// Pads one dimension with its edge, or with what mirrors there.
  private mutating func addMirroredPad(axis: Int, _ pad: Pad, from source: Int, to output: Int) {
    let shape = builder.buffer(source).shape
    let (inputStrides, outputStrides) = (
      rowMajorStrides(of: shape), rowMajorStrides(of: builder.buffer(output).shape)
    )
    /// `count` elements of the axis: input positions from `first` by `step`, output positions from `place`.
    func part(count: Int, first: Int, step: Int, place: Int) -> Movement {
      var movement = Movement(
        input: source, output: output, sizes: shape, inputStrides: inputStrides, outputStrides: outputStrides)
      movement.sizes[axis] = count
      movement.inputStrides[axis] *= step
      movement.inputOffset = first * inputStrides[axis]
      movement.outputOffset = place * outputStrides[axis]
      return movement
    }
    let (size, before, after) = (shape[axis], pad.before[axis], pad.after[axis])
    let mirrors = pad.mode == .reflect
    addCopy(part(count: size, first: 0, step: 1, place: before))
    if before > 0 {
      addCopy(part(count: before, first: mirrors ? before : 0, step: mirrors ? -1 : 0, place: 0))
    }
    if after > 0 {
      addCopy(
        part(count: after, first: mirrors ? size - 2 : size - 1, step: mirrors ? -1 : 0, place: before + size))
    }
  }
}
