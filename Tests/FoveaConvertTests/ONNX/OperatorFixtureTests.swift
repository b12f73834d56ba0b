import FoundationEssentials
import FoveaConvert
import FoveaGraph
import Testing

/// The repository's folder.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// Every network of fixtures/operators imports, with the inputs and outputs that its .npy files have.
struct OperatorFixtureTests {
  static let folder = repository + "/fixtures/operators"

  static let names: [String] = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/model.onnx") }.sorted()

  @Test func thereAreFixtures() {
    #expect(Self.names.count > 400)
  }

  @Test(arguments: names)
  func imports(_ name: String) throws {
    let folder = "\(Self.folder)/\(name)"
    let network = try importONNX(path: "\(folder)/model.onnx")
    #expect(network.source == "\(folder)/model.onnx")
    #expect(network.layout == .nchw)
    #expect(network.inputs.map { network[$0].shape } == shapes(folder, "input", count: network.inputs.count))
    #expect(network.outputs.map { network[$0].shape } == shapes(folder, "output", count: network.outputs.count))

    let graph = try ONNXModelProto(serializedBytes: Data(contentsOf: URL(filePath: "\(folder)/model.onnx"))).graph
    let initializers = Set(graph.initializer.map(\.name))
    #expect(network.inputs.map { network[$0].name } == graph.input.map(\.name).filter { !initializers.contains($0) })
    // An output that is an input has that input's name; a folded one its own.
    #expect(network.outputs.map { network[$0].name } == graph.output.map(\.name))
    try checkSoundness(network)
  }

  /// The shapes of input_0.npy, input_1.npy and so on, and no more of them than `count`.
  private func shapes(_ folder: String, _ kind: String, count: Int) -> [[Int]?] {
    #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(kind)_\(count).npy"))
    return (0..<count).map { npyShape("\(folder)/\(kind)_\($0).npy") }
  }
}

/// The shape in a NumPy file's header: "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }".
func npyShape(_ path: String) -> [Int]? {
  guard let data = try? Data(contentsOf: URL(filePath: path)) else { return nil }
  let header = String(decoding: data.prefix(128), as: UTF8.self)
  guard let open = header.lastIndex(of: "("), let close = header.lastIndex(of: ")") else { return nil }
  return header[header.index(after: open)..<close].split(separator: ",").compactMap {
    Int($0.filter { $0 != " " })
  }
}

/// What every imported network promises: nodes stand after what they read, every value has one source, shapes are inferred.
func checkSoundness(_ network: Network) throws {
  var known = Set(network.inputs).union(network.constants.keys)
  #expect(known.count == network.inputs.count + network.constants.count)
  for node in network.nodes {
    #expect(node.inputs.allSatisfy { known.contains($0) })
    let shape = try node.operation.outputShape(of: node.inputs.map { network[$0].shape })
    #expect(node.outputs.map { network[$0].shape } == [shape])
    #expect(known.isDisjoint(with: node.outputs))
    known.formUnion(node.outputs)
  }
  #expect(known.count == network.values.count)
  for (id, tensor) in network.constants { #expect(network[id].shape == tensor.shape) }
}
