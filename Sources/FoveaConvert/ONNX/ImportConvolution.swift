import FoveaGraph

/// Conv. Versions 1, 11 and 22 differ in types only.
func importConvolution(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  var inputs = [try node.input(0), try node.input(1)]
  if let bias = node.optionalInput(2) { inputs.append(bias) }
  try node.requireImages(builder.shape(inputs[0]), "a convolution")
  guard inputs.dropFirst().allSatisfy({ builder.tensor($0) != nil }) else {
    throw .invalid("its weights are computed when the network runs; they must be constants")
  }
  let weights = builder.shape(inputs[1])
  guard weights.count == 4 else { throw .invalid("its weights have the shape \(weights), expected 4 dimensions") }
  let kernel = Array(weights[2...])
  if let declared = try node.integers("kernel_shape"), declared != kernel {
    throw .invalid("kernel_shape is \(declared), but the weights' shape is \(weights)")
  }
  let window = try ImportedWindow(of: node, kernel: kernel, input: builder.shape(inputs[0]))
  let convolution = Convolution(
    kernel: window.kernel, stride: window.stride, dilation: window.dilation, padding: window.padding,
    groups: try node.integer("group", default: 1))
  return try builder.apply(.convolution(convolution), to: inputs, of: node)
}
