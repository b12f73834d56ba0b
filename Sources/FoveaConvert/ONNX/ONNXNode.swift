import FoveaGraph

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A node of the file as translations of operators see it: inputs resolved, attributes by name.
struct ONNXNode {
  private(set) var name: String
  let `operator`: String
  /// The version of ONNX's operators that it means.
  let opset: Int
  /// nil stands for an optional input that is not given.
  private(set) var inputs: [ImportedValue?]
  private(set) var outputs: [String]
  /// Whether somebody reads the output at a place.
  let isUsed: [Bool]
  private let attributes: [String: ONNXAttributeProto]

  init(
    _ proto: ONNXNodeProto, name: String, opset: Int, inputs: [ImportedValue?], isUsed: [Bool]
  ) throws(NodeProblem) {
    self.name = name
    self.operator = proto.opType
    self.opset = opset
    self.inputs = inputs
    self.outputs = proto.output
    self.isUsed = isUsed
    var attributes: [String: ONNXAttributeProto] = [:]
    for attribute in proto.attribute {
      guard attribute.refAttrName.isEmpty else {
        throw .invalid("the attribute \"\(printable(attribute.name))\" refers to a parameter, outside of a function")
      }
      guard attributes.updateValue(attribute, forKey: attribute.name) == nil else {
        throw .invalid("the attribute \"\(printable(attribute.name))\" is given twice")
      }
    }
    self.attributes = attributes
  }

  /// The node with other inputs, as a step of several that it becomes.
  func step(_ step: String, inputs: [ImportedValue?]) -> ONNXNode {
    var node = self
    node.name = "\(name)/\(step)"
    node.outputs = ["\(output)/\(step)"]
    node.inputs = inputs
    return node
  }

  /// The first output's name.
  var output: String { outputs.first ?? name }

  /// An input that the operator needs.
  func input(_ index: Int) throws(NodeProblem) -> ImportedValue {
    guard let input = optionalInput(index) else { throw .invalid("input \(index) is missing") }
    return input
  }

  func optionalInput(_ index: Int) -> ImportedValue? {
    inputs.indices.contains(index) ? inputs[index] : nil
  }

  func has(_ attribute: String) -> Bool {
    attributes[attribute] != nil
  }

  /// Refuses an output beyond the first when somebody reads it.
  func refuseOutput(_ index: Int, _ reason: String) throws(NodeProblem) {
    if isUsed.indices.contains(index) && isUsed[index] { throw .invalid(reason) }
  }
}

// Attributes. Files of IR version 1 leave out an attribute's type, so the fields alone decide.
extension ONNXNode {
  func integer(_ name: String) throws(NodeProblem) -> Int? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.hasI else { throw .invalid("the attribute \"\(name)\" is not an integer") }
    return Int(attribute.i)
  }

  func integer(_ name: String, default value: Int) throws(NodeProblem) -> Int {
    try integer(name) ?? value
  }

  /// An attribute that is 0 or 1.
  func flag(_ name: String, default value: Bool = false) throws(NodeProblem) -> Bool {
    try integer(name).map { $0 != 0 } ?? value
  }

  func integers(_ name: String) throws(NodeProblem) -> [Int]? {
    guard let attribute = attributes[name] else { return nil }
    // An empty list leaves nothing behind to tell its type.
    guard !attribute.ints.isEmpty || [0, 7].contains(attribute.type) && !attribute.hasI else {
      throw .invalid("the attribute \"\(name)\" is not a list of integers")
    }
    return attribute.ints.map { Int($0) }
  }

  func float(_ name: String) throws(NodeProblem) -> Float? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.hasF else { throw .invalid("the attribute \"\(name)\" is not a number") }
    return attribute.f
  }

  func float(_ name: String, default value: Float) throws(NodeProblem) -> Float {
    try float(name) ?? value
  }

  func floats(_ name: String) throws(NodeProblem) -> [Float]? {
    attributes[name].map(\.floats)
  }

  func string(_ name: String, default value: String) throws(NodeProblem) -> String {
    guard let attribute = attributes[name] else { return value }
    guard attribute.hasS, let text = String(validating: attribute.s, as: UTF8.self) else {
      throw .invalid("the attribute \"\(name)\" is not a string")
    }
    return text
  }

  func tensor(_ name: String) throws(NodeProblem) -> Tensor? {
    guard let attribute = attributes[name] else { return nil }
    guard attribute.hasT else { throw .invalid("the attribute \"\(name)\" is not a tensor") }
    // Attributes are small; only initializers may lie in other files.
    var external = ExternalData(folder: nil)
    do {
      return try decodeTensor(attribute.t, &external)
    } catch {
      throw .invalid("the attribute \"\(name)\": \(error.reason)")
    }
  }
}

// Inputs that must be known during the import.
extension ONNXNode {
  /// The integers of an input that ONNX passes as a tensor and Fovea needs now, as a list. nil when the input is not given.
  func constantIntegers(_ index: Int, _ what: String, _ builder: GraphBuilder) throws(NodeProblem) -> [Int]? {
    guard let input = optionalInput(index) else { return nil }
    guard let tensor = builder.tensor(input) else {
      throw .invalid("\(what) is computed when the network runs; it must be a constant")
    }
    guard let integers = tensor.integers else { throw .invalid("\(what) holds floats, expected integers") }
    guard tensor.shape.count <= 1 else { throw .invalid("\(what) has the shape \(tensor.shape), expected a list") }
    return integers.map { Int($0) }
  }

  /// The floats of an input that ONNX passes as a tensor and Fovea needs now, as a list. nil when the input is not given.
  func constantFloats(_ index: Int, _ what: String, _ builder: GraphBuilder) throws(NodeProblem) -> [Float]? {
    guard let input = optionalInput(index) else { return nil }
    guard let tensor = builder.tensor(input) else {
      throw .invalid("\(what) is computed when the network runs; it must be a constant")
    }
    guard let floats = tensor.floats else { throw .invalid("\(what) holds integers, expected floats") }
    guard tensor.shape.count <= 1 else { throw .invalid("\(what) has the shape \(tensor.shape), expected a list") }
    return floats
  }

  /// The number in an input that ONNX passes as a tensor of one element. nil when the input is not given.
  func constantFloat(_ index: Int, _ what: String, _ builder: GraphBuilder) throws(NodeProblem) -> Float? {
    guard let input = optionalInput(index) else { return nil }
    guard let tensor = builder.tensor(input) else {
      throw .invalid("\(what) is computed when the network runs; it must be a constant")
    }
    guard let number = tensor.floats?.first, tensor.count == 1 else {
      throw .invalid("\(what) is not a single float")
    }
    return number
  }

  /// An axis counted from the end when negative, as one of `0 ..< rank`.
  func normalized(axis: Int, rank: Int) throws(NodeProblem) -> Int {
    guard (-rank..<rank).contains(axis) else { throw .invalid("axis \(axis) does not exist in \(rank) dimensions") }
    return axis < 0 ? axis + rank : axis
  }

  /// Several axes, each given once, in ascending order.
  func normalized(axes: [Int], rank: Int) throws(NodeProblem) -> [Int] {
    guard axes.count <= rank else { throw .invalid("\(axes.count) axes of \(rank) dimensions") }
    var result: [Int] = []
    for axis in axes { result.append(try normalized(axis: axis, rank: rank)) }
    guard Set(result).count == result.count else { throw .invalid("an axis is given twice in \(axes)") }
    return result.sorted()
  }
}
