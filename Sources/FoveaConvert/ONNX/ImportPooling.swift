import FoveaGraph

/// MaxPool. Version 8 added indices and storage_order, 10 ceil_mode and dilations.
func importMaxPool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try node.refuseOutput(1, "somebody reads its output of indices, which is not supported")
  let (images, isRow) = try node.images(try node.input(0), "pooling", &builder)
  return try node.apply(.maxPool(try pooling(node, images, builder)), to: [images], isRow: isRow, &builder)
}

/// AveragePool. Version 7 added count_include_pad, 10 ceil_mode, 19 dilations.
func importAveragePool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let (images, isRow) = try node.images(try node.input(0), "pooling", &builder)
  var pooling = try pooling(node, images, builder)
  pooling.countIncludesPadding = try node.flag("count_include_pad")
  return try node.apply(.averagePool(pooling), to: [images], isRow: isRow, &builder)
}

func importGlobalAveragePool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  try node.requireImages(builder.shape(input), "pooling")
  return try builder.apply(.globalAveragePool, to: [input], of: node)
}

func importGlobalMaxPool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let input = try node.input(0)
  try node.requireImages(builder.shape(input), "pooling")
  return try builder.apply(.globalMaxPool, to: [input], of: node)
}

/// LpPool: the p-th root of the sum of p-th powers under the window. The sum is a mean that counts padding, times its positions.
func importLpPool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let (images, isRow) = try node.images(try node.input(0), "pooling", &builder)
  var pooling = try pooling(node, images, builder)
  guard !pooling.ceilMode else { throw .invalid("ceil_mode is not supported") }
  pooling.countIncludesPadding = true
  let p = try node.integer("p", default: 2)
  guard (1...64).contains(p) else { throw .invalid("p is \(p), expected 1 to 64") }
  let magnitude = try builder.apply(.activation(.function(.absolute)), to: images, of: node, step: "magnitude")
  let exponent = builder.number(Float(p), of: node, step: "p")
  let powers = try builder.apply(.binary(Binary(.power)), to: magnitude, exponent, of: node, step: "powers")
  let mean = try builder.apply(.averagePool(pooling), to: powers, of: node, step: "mean")
  let count = builder.number(Float(pooling.kernel.height * pooling.kernel.width), of: node, step: "positions")
  let sum = try builder.apply(.binary(Binary(.multiply)), to: mean, count, of: node, step: "sum")
  let inverse = builder.number(1 / Float(p), of: node, step: "root")
  return try node.apply(.binary(Binary(.power)), to: [sum, inverse], isRow: isRow, &builder)
}

private func pooling(_ node: ONNXNode, _ images: ImportedValue, _ builder: GraphBuilder) throws(NodeProblem) -> Pooling
{
  let dimensions = builder.shape(try node.input(0)).count - 2
  guard let kernel = try node.integers("kernel_shape"), kernel.count == dimensions else {
    throw .invalid("kernel_shape is missing, or does not have \(dimensions) numbers")
  }
  let window = try ImportedWindow(of: node, kernel: kernel, input: builder.shape(images))
  return Pooling(
    kernel: window.kernel, stride: window.stride, dilation: window.dilation, padding: window.padding,
    // ONNX's formulas with auto_pad round in one way only.
    ceilMode: try node.flag("ceil_mode") && !window.isAutomatic)
}
