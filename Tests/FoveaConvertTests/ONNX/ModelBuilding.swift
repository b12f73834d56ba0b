import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

// Short ways to write models, so that a test shows what it is about and little else.

/// An attribute's value.
enum AttributeValue {
  case int(Int64)
  case ints([Int64])
  case float(Float)
  case floats([Float])
  case string(String)
  case tensor(ONNXTensorProto)
}

/// A node from its operator, inputs and outputs.
func node(
  _ operator: String, _ inputs: [String], _ outputs: [String], _ attributes: [String: AttributeValue] = [:],
  name: String = "", domain: String = ""
) -> ONNXNodeProto {
  var node = ONNXNodeProto()
  node.opType = `operator`
  node.input = inputs
  node.output = outputs
  node.name = name
  node.domain = domain
  node.attribute = attributes.sorted { $0.key < $1.key }.map { attribute($0.key, $0.value) }
  return node
}

func attribute(_ name: String, _ value: AttributeValue) -> ONNXAttributeProto {
  var attribute = ONNXAttributeProto()
  attribute.name = name
  switch value {
  case .float(let number): (attribute.f, attribute.type) = (number, 1)
  case .int(let number): (attribute.i, attribute.type) = (number, 2)
  case .string(let text): (attribute.s, attribute.type) = (Data(text.utf8), 3)
  case .tensor(let tensor): (attribute.t, attribute.type) = (tensor, 4)
  case .floats(let numbers): (attribute.floats, attribute.type) = (numbers, 6)
  case .ints(let numbers): (attribute.ints, attribute.type) = (numbers, 7)
  }
  return attribute
}

/// A tensor of floats; without values, ascending ones.
func floats(_ name: String, _ dims: [Int64], _ values: [Float]? = nil) -> ONNXTensorProto {
  var tensor = ONNXTensorProto()
  tensor.name = name
  tensor.dims = dims
  tensor.dataType = 1
  tensor.floatData = values ?? (0..<dims.reduce(1, *)).map { Float($0) }
  return tensor
}

/// A list of 64-bit integers, or with `dims` any tensor of them.
func integers(_ name: String, _ values: [Int64], dims: [Int64]? = nil) -> ONNXTensorProto {
  var tensor = ONNXTensorProto()
  tensor.name = name
  tensor.dims = dims ?? [Int64(values.count)]
  tensor.dataType = 7
  tensor.int64Data = values
  return tensor
}

/// A tensor of raw bytes.
func raw(_ name: String, _ dims: [Int64], type: Int32, _ bytes: [UInt8]) -> ONNXTensorProto {
  var tensor = ONNXTensorProto()
  tensor.name = name
  tensor.dims = dims
  tensor.dataType = type
  tensor.rawData = Data(bytes)
  return tensor
}

/// A graph's input or output of floats. nil is a dimension without a number.
func value(_ name: String, _ dims: [Int64?], type: Int32 = 1) -> ONNXValueInfoProto {
  var value = ONNXValueInfoProto()
  value.name = name
  value.type.tensorType.elemType = type
  value.type.tensorType.shape.dim = dims.map { size in
    var dimension = ONNXTensorShapeProto.Dimension()
    if let size { dimension.dimValue = size } else { dimension.dimParam = "n" }
    return dimension
  }
  return value
}

/// A model. Outputs are declared without shapes.
func model(
  opset: Int64 = 17, inputs: [ONNXValueInfoProto] = [value("x", [1, 3, 4, 4])], outputs: [String] = ["y"],
  initializers: [ONNXTensorProto] = [], _ nodes: [ONNXNodeProto]
) -> ONNXModelProto {
  var model = ONNXModelProto()
  model.irVersion = 8
  var version = ONNXOperatorSetIdProto()
  version.version = opset
  model.opsetImport = [version]
  model.graph.name = "test"
  model.graph.input = inputs
  model.graph.output = outputs.map { name in
    var output = ONNXValueInfoProto()
    output.name = name
    return output
  }
  model.graph.initializer = initializers
  model.graph.node = nodes
  return model
}

/// Imports a model under the name "test.onnx".
func load(_ model: ONNXModelProto) throws(ConversionError) -> Network {
  try importONNX(model: model, source: "test.onnx")
}

/// The message of the error that importing gives, or "imported".
func message(_ model: ONNXModelProto) -> String {
  do throws(ConversionError) {
    _ = try load(model)
    return "imported"
  } catch {
    return error.description
  }
}

/// What a node that ends in "y" makes of constants: the output is reshaped by it or multiplied with it where it must live in a
/// network of floats, so folding is seen by the constant that the network holds at the end.
func folded(
  opset: Int64 = 17, _ nodes: [ONNXNodeProto], initializers: [ONNXTensorProto] = [],
  inputs: [ONNXValueInfoProto] = [value("x", [1, 3, 4, 4])]
) throws -> [Float] {
  let cast = node("Cast", ["y"], ["y/floats"], ["to": .int(1)])
  let network = try load(
    model(opset: opset, inputs: inputs, outputs: ["y/floats"], initializers: initializers, nodes + [cast]))
  #expect(network.nodes.isEmpty)
  let tensor = try #require(network.constants[network.outputs[0]])
  return try #require(tensor.floats)
}

extension Network {
  /// The operations of the nodes, in order.
  var operations: [Operation] { nodes.map(\.operation) }
}
