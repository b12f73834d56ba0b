import FoveaGraph

/// MaxPool. Version 8 added indices and storage_order, 10 ceil_mode and dilations.
func importMaxPool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  try node.refuseOutput(1, "somebody reads its output of indices, which is not supported")
  return try builder.apply(.maxPool(try pooling(node, builder)), to: [try node.input(0)], of: node)
}

/// AveragePool. Version 7 added count_include_pad, 10 ceil_mode, 19 dilations.
func importAveragePool(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var pooling = try pooling(node, builder)
  pooling.countIncludesPadding = try node.flag("count_include_pad")
  return try builder.apply(.averagePool(pooling), to: [try node.input(0)], of: node)
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

private func pooling(_ node: ONNXNode, _ builder: GraphBuilder) throws(NodeProblem) -> Pooling {
  let shape = builder.shape(try node.input(0))
  try node.requireImages(shape, "pooling")
  guard let kernel = try node.integers("kernel_shape"), kernel.count == 2 else {
    throw .invalid("kernel_shape is missing, or does not have 2 numbers")
  }
  let window = try ImportedWindow(of: node, kernel: kernel, input: shape)
  return Pooling(
    kernel: window.kernel, stride: window.stride, dilation: window.dilation, padding: window.padding,
    // ONNX's formulas with auto_pad round in one way only.
    ceilMode: try node.flag("ceil_mode") && !window.isAutomatic)
}
