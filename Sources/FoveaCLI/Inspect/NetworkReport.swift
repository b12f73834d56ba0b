import FoveaGraph

/// What `inspect` tells of an ONNX file: the network as imported, before any pass.
struct NetworkReport: InspectionReport {
  var file: String
  var format = "onnx"
  var inputs: [PortReport]
  var outputs: [PortReport]
  /// Numbers in all constants.
  var parameters: Int
  var macs: Int
  var layers: [LayerReport]

  init(_ network: Network) {
    file = network.source
    inputs = network.inputs.map { PortReport(name: network[$0].name, shape: network[$0].shape) }
    outputs = network.outputs.map { PortReport(name: network[$0].name, shape: network[$0].shape) }
    parameters = network.constants.values.reduce(0) { $0 + $1.count }
    layers = network.nodes.map { LayerReport($0, of: network) }
    macs = layers.reduce(0) { $0 + $1.macs }
  }

  var text: String {
    facts([
      ("file", "\(file) (ONNX)"),
      ("inputs", inputs.map(\.text).joined(separator: ", ")),
      ("outputs", outputs.map(\.text).joined(separator: ", ")),
      ("parameters", countText(parameters)),
    ]) + "\n" + LayerReport.table(layers, macs: macs)
  }
}

extension LayerReport {
  fileprivate init(_ node: Node, of network: Network) {
    let output = node.outputs.first.map { network[$0].shape } ?? []
    self.init(
      name: node.name, operation: node.operation.summary, shape: output,
      macs: node.operation.multiplyAccumulates(inputs: node.inputs.map { network[$0].shape }, output: output),
      weightBytes: node.inputs.reduce(0) { sum, input in
        switch network.constants[input]?.elements {
        case .floats(let values): sum + values.count * 4
        case .integers(let values): sum + values.count * 8
        case nil: sum
        }
      })
  }
}
