import FoveaGraph

/// Imports a graph node by node, in execution order.
struct GraphImporter {
  private let file: String
  private let graph: ONNXGraphProto
  private let opset: Int
  /// The version of each other domain, for messages.
  private let otherOpsets: [String: Int]
  /// The functions that the file defines, by domain and name.
  private let functions: Set<[String]>
  private let used: Set<String>
  private var builder: GraphBuilder
  private var external: ExternalData
  /// Constants of the file that nothing has read yet. They are decoded when something does, and let go.
  private var initializers: [String: ONNXTensorProto] = [:]
  private var values: [String: ImportedValue] = [:]
  private var unsupported: [UnsupportedNode] = []
  /// What is wrong with nodes whose operator is known, and with values.
  private var errors: [ConversionError] = []

  init(
    model: consuming ONNXModelProto, graph structure: GraphStructure, opset: Int, file: String, folder: String?,
    shapes: [String: [Int]]
  ) throws(ConversionError) {
    self.file = file
    self.opset = opset
    var graph = model.graph
    for initializer in graph.initializer { initializers[initializer.name] = initializer }
    builder = GraphBuilder(source: file)
    graph.initializer = []
    self.graph = graph
    used = structure.used
    external = ExternalData(folder: folder)
    functions = Set(model.functions.map { [isDefaultDomain($0.domain) ? "" : $0.domain, $0.name] })
    otherOpsets = Dictionary(
      model.opsetImport.map { ($0.domain, Int($0.version)) }, uniquingKeysWith: { first, _ in first })
    for sparse in graph.sparseInitializer where used.contains(sparse.values.name) {
      throw .invalidNetwork(
        file: file, reason: "initializer \"\(printable(sparse.values.name))\" is sparse, which is not supported")
    }
    var unused = shapes
    for (index, input) in graph.input.filter({ initializers[$0.name] == nil }).enumerated() {
      // The first input needs no name.
      let fixed = unused.removeValue(forKey: input.name) ?? (index == 0 ? unused.removeValue(forKey: "") : nil)
      values[input.name] = builder.addInput(
        name: input.name, shape: try inputShape(input, fixed: fixed, file: file))
    }
    if let name = unused.keys.min() {
      throw .invalidNetwork(file: file, reason: "there is no input \"\(printable(name))\" to fix the shape of")
    }
  }

  /// Imports one node. What is wrong with it is kept for `finish`, which lists everything.
  mutating func importNode(at index: Int) {
    let proto = graph.node[index]
    let name = derivedName(of: proto, at: index)
    let domain = isDefaultDomain(proto.domain) ? "" : proto.domain
    guard let rule = operatorRule(proto.opType, domain: domain), !functions.contains([domain, proto.opType]) else {
      return refuse(proto, name)
    }
    var inputs: [ImportedValue?] = []
    do throws(ConversionError) {
      for input in proto.input { inputs.append(input.isEmpty ? nil : try value(named: input)) }
    } catch {
      errors.append(error)
      return poison(proto)
    }
    if inputs.contains(where: { $0?.isUnknown ?? false }) { return poison(proto) }
    do throws(NodeProblem) {
      let node = try ONNXNode(
        proto, name: name, opset: opset, inputs: inputs, isUsed: proto.output.map { used.contains($0) })
      try rule.checkInputs(of: node)
      let results = try rule.translate(node, &builder)
      for (output, isUsed) in zip(proto.output, node.isUsed).dropFirst(results.count) where isUsed {
        throw .invalid("the operator has no such output as \"\(printable(output))\"")
      }
      for (output, result) in zip(proto.output, results) { values[output] = result }
    } catch {
      guard case .invalid(let reason) = error else { return refuse(proto, name) }
      poison(proto)
      errors.append(.invalidNode(file: file, node: name, operator: printable(proto.opType), reason: reason))
    }
  }

  /// The network, or what was wrong.
  mutating func finish() throws(ConversionError) -> Network {
    if !unsupported.isEmpty { errors.insert(.unsupportedOperators(file: file, nodes: unsupported), at: 0) }
    if errors.count > 1 { throw .several(file: file, problems: errors) }
    if let error = errors.first { throw error }
    for output in graph.output {
      let type = output.type.tensorType.elemType
      guard type == 0 || type == ElementType.float.rawValue else {
        throw .invalidNetwork(
          file: file,
          reason: "the output \"\(printable(output.name))\" holds \(elementTypeName(type)); only float is supported")
      }
      let value = try value(named: output.name)
      guard value.quantization == nil else {
        throw .invalidNetwork(
          file: file,
          reason: "the output \"\(printable(output.name))\" holds 8-bit integers; only float is supported")
      }
      let shape = builder.shape(value)
      if let declared = declaredShape(output), declared != shape {
        throw .invalidNetwork(
          file: file,
          reason: "the output \"\(printable(output.name))\" is declared with the shape \(declared), and has \(shape)")
      }
      if let tensor = builder.tensor(value), tensor.floats == nil {
        throw .invalidNetwork(
          file: file, reason: "the output \"\(printable(output.name))\" holds integers; only float is supported")
      }
      builder.addOutput(value, name: output.name)
    }
    return builder.network.withoutUnused()
  }

  /// A value that exists, by the structure's checks; an initializer is decoded when it is first read.
  private mutating func value(named name: String) throws(ConversionError) -> ImportedValue {
    if let value = values[name] { return value }
    guard let initializer = initializers.removeValue(forKey: name) else { return .unknown }
    do {
      let value = builder.addInitializer(name: name, try decodeTensor(initializer, &external))
      values[name] = value
      return value
    } catch {
      throw error.conversionError(file: file, subject: "initializer \"\(printable(name))\"")
    }
  }

  private mutating func refuse(_ proto: ONNXNodeProto, _ name: String) {
    let domain = isDefaultDomain(proto.domain) ? "" : proto.domain
    unsupported.append(
      UnsupportedNode(
        proto, name: name, opset: domain.isEmpty ? opset : otherOpsets[domain] ?? 0,
        isFunction: functions.contains([domain, proto.opType])))
    poison(proto)
  }

  private mutating func poison(_ proto: ONNXNodeProto) {
    for output in proto.output { values[output] = .unknown }
  }
}
