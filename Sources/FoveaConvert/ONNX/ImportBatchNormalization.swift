import FoveaGraph

/// BatchNormalization at inference. Version 9 dropped `spatial`; before 14 outputs beyond the first said that it was
/// exported for training, since then `training_mode` does.
func importBatchNormalization(_ node: ONNXNode, _ builder: inout GraphBuilder) throws(NodeProblem) -> [ImportedValue] {
  let training = try node.flag("training_mode") || node.outputs.dropFirst().contains { !$0.isEmpty }
  guard !training else { throw .invalid("it is exported for training; export the model for inference (model.eval())") }
  guard try node.flag("spatial", default: true) else {
    throw .invalid("spatial = 0 (a mean for each position) is not supported")
  }
  var inputs: [ImportedValue] = []
  for index in 0..<5 { inputs.append(try node.input(index)) }
  guard inputs.dropFirst().allSatisfy({ builder.tensor($0) != nil }) else {
    throw .invalid("its scale, bias, mean or variance is computed when the network runs; they must be constants")
  }
  return try builder.apply(.batchNormalization(epsilon: try node.float("epsilon", default: 1e-5)), to: inputs, of: node)
}
