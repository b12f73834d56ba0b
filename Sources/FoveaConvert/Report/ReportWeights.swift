import FoveaGraph

extension QuantizationReport {
  /// What can be told without running anything: how well the integers stand for the weights, and what stayed float.
  init(_ quantized: QuantizedNetwork, _ mixedPrecision: MixedPrecision? = nil) {
    self.mixedPrecision = mixedPrecision
    let chosen = Set(mixedPrecision?.layers.map(\.index) ?? [])
    let network = quantized.network
    floatBytes = network.constants.values.reduce(0) { $0 + $1.count * 4 }
    layers = network.nodes.enumerated().map { index, node in
      let shape = node.outputs.first.map { network[$0].shape } ?? []
      var layer = LayerQuantization(
        name: node.name, operation: node.operation.name, outputShape: shape,
        macs: node.operation.multiplyAccumulates(inputs: node.inputs.map { network[$0].shape }, output: shape),
        isInt8: quantized.int8Nodes.contains(index))
      layer.isFloatByChoice = chosen.contains(index)
      if let integers = quantized.layers[index], let floats = network.constants[node.inputs[1]]?.floats {
        layer.weights = WeightQuantization(integers, of: floats)
      }
      layer.suspicions = Suspicion.all(of: layer)
      return layer
    }
  }
}
