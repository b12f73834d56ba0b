// Shape rules of the operations that know which dimensions are channels, height and width.

/// A rank-4 shape by the names of its dimensions, in either layout.
package struct ImageShape: Hashable {
  package var batch: Int
  package var channels: Int
  package var height: Int
  package var width: Int

  package init(_ shape: [Int], layout: Layout) throws(ShapeError) {
    try requireRank(shape, 4, "the input")
    try require(!shape.contains(0), "the input has the shape \(shape), expected no dimension of 0")
    let axes = layout.axes
    batch = shape[0]
    channels = shape[axes.channels]
    height = shape[axes.height]
    width = shape[axes.width]
  }

  package func dimensions(_ layout: Layout) -> [Int] {
    switch layout {
    case .nchw: [batch, channels, height, width]
    case .nhwc: [batch, height, width, channels]
    }
  }
}

extension Layout {
  /// Where a rank-4 shape has which dimension; the batch is always first.
  package var axes: (channels: Int, height: Int, width: Int) {
    switch self {
    case .nchw: (1, 2, 3)
    case .nhwc: (3, 1, 2)
    }
  }

  /// The axis that batch normalization scales: shapes of other ranks than 4 have the same order in both layouts.
  package func channelAxis(rank: Int) -> Int { rank == 4 ? axes.channels : 1 }

  /// The axis whose elements can be scaled one by one: an image's channels, the last one of other shapes. -1 for a single number.
  func scalableAxis(rank: Int) -> Int { rank == 4 ? axes.channels : rank - 1 }
}

/// One dimension of a sliding window.
private struct Window {
  var dimension: String
  var input: Int
  var kernel: Int
  var stride: Int
  var dilation: Int
  var before: Int
  var after: Int

  func check() throws(ShapeError) {
    try require(kernel, atLeast: 1, "kernel \(dimension)")
    try require(stride, atLeast: 1, "stride \(dimension)")
    try require(dilation, atLeast: 1, "dilation \(dimension)")
    try require(before, atLeast: 0, "padding before the \(dimension)")
    try require(after, atLeast: 0, "padding after the \(dimension)")
  }

  /// The distance between the first and the last tap.
  var reach: Int { dilation * (kernel - 1) }

  /// How many positions the window takes.
  func count(ceilMode: Bool) throws(ShapeError) -> Int {
    let room = input + before + after - reach - 1
    try require(
      room >= (ceilMode ? 1 - stride : 0),
      "\(dimension) \(input) with padding \(before) + \(after) is smaller than the window, \(reach + 1)")
    if room < 0 { return 1 }
    let positions = room / stride + 1
    guard ceilMode, room % stride != 0 else { return positions }
    // ONNX: a last window that would start in the padding behind the input is left out.
    return positions * stride < input + before ? positions + 1 : positions
  }
}

extension ImageShape {
  fileprivate func windows(
    kernel: Size2D, stride: Size2D, dilation: Size2D, padding: Padding2D
  ) throws(ShapeError) -> (rows: Window, columns: Window) {
    let rows = Window(
      dimension: "height", input: height, kernel: kernel.height, stride: stride.height, dilation: dilation.height,
      before: padding.top, after: padding.bottom)
    let columns = Window(
      dimension: "width", input: width, kernel: kernel.width, stride: stride.width, dilation: dilation.width,
      before: padding.left, after: padding.right)
    try rows.check()
    try columns.check()
    return (rows, columns)
  }
}

extension Convolution {
  func outputShape(_ x: [Int], weights: [Int], bias: [Int]?, layout: Layout) throws(ShapeError) -> [Int] {
    var image = try ImageShape(x, layout: layout)
    try requireRank(weights, 4, "the weights")
    try require(groups, atLeast: 1, "groups")
    try require(image.channels % groups == 0, "\(image.channels) channels do not divide into \(groups) groups")
    let outputs = weights[0]
    try requireShape(weights, [outputs, image.channels / groups, kernel.height, kernel.width], "the weights")
    try require(outputs > 0 && outputs % groups == 0, "\(outputs) outputs do not divide into \(groups) groups")
    if let bias { try requireShape(bias, [outputs], "the bias") }
    let (rows, columns) = try image.windows(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    image.channels = outputs
    image.height = try rows.count(ceilMode: false)
    image.width = try columns.count(ceilMode: false)
    return image.dimensions(layout)
  }
}

extension Pooling {
  func outputShape(_ x: [Int], layout: Layout) throws(ShapeError) -> [Int] {
    var image = try ImageShape(x, layout: layout)
    let (rows, columns) = try image.windows(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    // Every window must have a tap inside the input: a maximum or a mean of nothing has no value.
    for window in [rows, columns] {
      try require(
        max(window.before, window.after) <= window.reach,
        "\(window.dimension) padding \(window.before) + \(window.after) holds a whole window, \(window.reach + 1)")
      try require(
        window.before == 0 || window.dilation <= window.input,
        "dilation \(window.dilation) steps over the whole \(window.dimension), \(window.input)")
    }
    image.height = try rows.count(ceilMode: ceilMode)
    image.width = try columns.count(ceilMode: ceilMode)
    return image.dimensions(layout)
  }
}

func globalPoolShape(_ x: [Int], layout: Layout) throws(ShapeError) -> [Int] {
  var image = try ImageShape(x, layout: layout)
  image.height = 1
  image.width = 1
  return image.dimensions(layout)
}

extension DepthToSpace {
  func spaceShape(_ x: [Int], layout: Layout) throws(ShapeError) -> [Int] {
    var image = try checked(x, layout)
    let pixels = block.height * block.width
    try require(image.channels % pixels == 0, "\(image.channels) channels do not divide into \(pixels) pixels")
    image.channels /= pixels
    image.height *= block.height
    image.width *= block.width
    return image.dimensions(layout)
  }

  func depthShape(_ x: [Int], layout: Layout) throws(ShapeError) -> [Int] {
    var image = try checked(x, layout)
    try require(
      image.height % block.height == 0 && image.width % block.width == 0,
      "\(image.height)x\(image.width) pixels do not divide into blocks of \(block.height)x\(block.width)")
    image.channels *= block.height * block.width
    image.height /= block.height
    image.width /= block.width
    return image.dimensions(layout)
  }

  private func checked(_ x: [Int], _ layout: Layout) throws(ShapeError) -> ImageShape {
    // The product of two such sides fits an Int.
    let sides = 1...ShapeLimits.elements
    try require(
      sides.contains(block.height) && sides.contains(block.width), "the block is \(block.height)x\(block.width)")
    return try ImageShape(x, layout: layout)
  }
}

func batchNormalizationShape(
  _ x: [Int], parameters: ArraySlice<[Int]>, layout: Layout
) throws(ShapeError) -> [Int] {
  try require(x.count >= 2, "the input has the shape \(x), expected at least 2 dimensions")
  let channels = x[layout.channelAxis(rank: x.count)]
  for (name, shape) in zip(["scale", "bias", "mean", "variance"], parameters) {
    try requireShape(shape, [channels], "the \(name)")
  }
  return x
}
