import FoveaGraph

/// Conv. Versions 1, 11 and 22 differ in types only.
func importConvolution(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let (images, isRow) = try node.images(try node.input(0), "a convolution", &builder)
  var inputs = [images, try node.input(1)]
  if let bias = node.optionalInput(2) { inputs.append(bias) }
  guard inputs.dropFirst().allSatisfy({ builder.tensor($0) != nil }) else {
    throw .invalid("its weights are computed when the network runs; they must be constants")
  }
  let weights = builder.shape(inputs[1])
  guard weights.count == (isRow ? 3 : 4) else {
    throw .invalid("its weights have the shape \(weights), expected \(isRow ? 3 : 4) dimensions")
  }
  let kernel = Array(weights[2...])
  if let declared = try node.integers("kernel_shape"), declared != kernel {
    throw .invalid("kernel_shape is \(declared), but the weights' shape is \(weights)")
  }
  if isRow {
    inputs[1] = try builder.apply(
      .reshape([weights[0], weights[1], 1, weights[2]]), to: inputs[1], of: node, step: "weights")
  }
  let window = try ImportedWindow(of: node, kernel: kernel, input: builder.shape(images))
  let convolution = Convolution(
    kernel: window.kernel, stride: window.stride, dilation: window.dilation, padding: window.padding,
    groups: try node.integer("group", default: 1))
  return try node.apply(.convolution(convolution), to: inputs, isRow: isRow, &builder)
}
