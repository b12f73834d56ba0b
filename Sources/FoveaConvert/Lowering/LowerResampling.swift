import FoveaCore
import FoveaGraph

extension Lowering {
  mutating func lowerResampling(_ resampling: Resampling, _ node: Node, isInt8: Bool) throws(ConversionError) {
    let source = source(node.inputs[0], isInt8: isInt8)
    let output = target(node, isInt8: isInt8)
    let shape = builder.buffer(source).shape
    let axis = resampling.axis
    let outer = shape[..<axis].reduce(1, *)
    let inner = shape[(axis + 1)...].reduce(1, *)
    if resampling.isGather, let grid = PositionGrid(resampling.positions) {
      return addCopy(
        Movement(
          input: source, output: output, sizes: [outer, grid.rows, grid.columns, inner],
          inputStrides: [shape[axis] * inner, grid.rowStep * inner, grid.columnStep * inner, 1],
          inputOffset: grid.first * inner))
    }
    var step = ResampleStep()
    step.input = source
    step.output = output
    step.outer = outer
    step.inputLength = shape[axis]
    step.outputLength = resampling.length
    step.inner = inner
    step.taps = resampling.taps
    let table = [resampling.length, resampling.taps]
    step.positions = builder.addConstant(
      ConstantTensor(name: "\(node.name).positions", shape: table, s32: resampling.positions.map { Int32($0) }))
    step.weights = builder.addConstant(
      isInt8
        ? ConstantTensor(name: "\(node.name).weights", shape: table, s32: resampling.integerWeights)
        : ConstantTensor(name: "\(node.name).weights", shape: table, f32: resampling.weights))
    builder.add(.resample(step))
  }

  /// [N, H, W, (by, bx, C)] to [N, H, by, W, bx, C]: one copy.
  mutating func lowerDepthToSpace(_ blocks: DepthToSpace, _ node: Node, isInt8: Bool) {
    let source = source(node.inputs[0], isInt8: isInt8)
    let shape = builder.buffer(source).shape
    let channels = BlockStrides(blocks, channels: shape[3] / (blocks.block.height * blocks.block.width))
    addCopy(
      Movement(
        input: source, output: target(node, isInt8: isInt8),
        // Images are rows that follow one another.
        sizes: [shape[0] * shape[1], blocks.block.height, shape[2], blocks.block.width, channels.count],
        inputStrides: [shape[2] * shape[3], channels.row, shape[3], channels.column, channels.channel]))
  }

  /// The same copy, the other way round.
  mutating func lowerSpaceToDepth(_ blocks: DepthToSpace, _ node: Node, isInt8: Bool) {
    let source = source(node.inputs[0], isInt8: isInt8)
    let output = target(node, isInt8: isInt8)
    let (fine, coarse) = (builder.buffer(source).shape, builder.buffer(output).shape)
    let channels = BlockStrides(blocks, channels: fine[3])
    let sizes = [coarse[0] * coarse[1], blocks.block.height, coarse[2], blocks.block.width, fine[3]]
    addCopy(
      Movement(
        input: source, output: output, sizes: sizes, inputStrides: rowMajorStrides(of: sizes),
        outputStrides: [coarse[2] * coarse[3], channels.row, coarse[3], channels.column, channels.channel]))
  }
}

/// How far apart the neighbours of a block lie among the channels of the coarse image.
private struct BlockStrides {
  var count: Int
  var row: Int
  var column: Int
  var channel: Int

  init(_ blocks: DepthToSpace, channels: Int) {
    count = channels
    let pixels = blocks.block.height * blocks.block.width
    switch blocks.order {
    case .blockFirst: (row, column, channel) = (blocks.block.width * channels, channels, 1)
    case .depthFirst: (row, column, channel) = (blocks.block.width, 1, pixels)
    }
  }
}

/// Positions that are two nested walks, so that one copy step can take them: slices, repetitions, tilings.
///
/// Position `i * columns + j` is `first + i * rowStep + j * columnStep`.
private struct PositionGrid {
  var first: Int
  var rows: Int
  var columns: Int
  var rowStep: Int
  var columnStep: Int

  /// nil for other positions.
  init?(_ positions: [Int]) {
    guard let first = positions.first else { return nil }
    let columnStep = positions.count > 1 ? positions[1] - first : 0
    // The first walk is as long as its step stays the same.
    var columns = 1
    while columns < positions.count, positions[columns] - positions[columns - 1] == columnStep { columns += 1 }
    guard positions.count % columns == 0 else { return nil }
    let rows = positions.count / columns
    let rowStep = rows > 1 ? positions[columns] - first : 0
    for (index, position) in positions.enumerated() {
      let (i, j) = index.quotientAndRemainder(dividingBy: columns)
      guard position == first + i * rowStep + j * columnStep else { return nil }
    }
    (self.first, self.rows, self.columns, self.rowStep, self.columnStep) = (first, rows, columns, rowStep, columnStep)
  }
}

extension Resampling {
  /// The weights in units of 1 / `ResampleStep.unit`; what rounding leaves over goes to each position's largest.
  var integerWeights: [Int32] {
    var result: [Int32] = []
    for place in 0..<length {
      let own = weights[place * taps..<(place + 1) * taps]
      var rounded = own.map { Int32(($0 * Float(ResampleStep.unit)).rounded()) }
      let rest = Int32(ResampleStep.unit) - rounded.reduce(0, +)
      if let largest = rounded.indices.max(by: { rounded[$0] < rounded[$1] }) { rounded[largest] += rest }
      result += rounded
    }
    return result
  }
}
