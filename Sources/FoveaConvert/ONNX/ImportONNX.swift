import FoveaGraph

/// Reads an ONNX file into a network: field-standard operations in ONNX's own layout (NCHW) over values whose shapes are all
/// known. Whatever the file computes from constants alone is folded away.
///
/// A batch dimension without a number becomes 1. Weights may lie in other files of the same folder.
///
/// - Parameters:
///   - shapes: What inputs' shapes are to be, by the inputs' names, for dimensions that the file leaves open. The empty name
///     stands for the first input.
///   - progress: Told how many nodes of how many are done.
/// - Throws: What is wrong with the file. When operators are unsupported, one error lists every such node.
public func importONNX(
  path: String, shapes: [String: [Int]] = [:], progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws(ConversionError) -> Network {
  // The file's bytes are let go before the weights are decoded.
  let model = try parseModel(try readModelFile(path), file: path)
  return try importONNX(model: model, source: path, folder: folder(of: path), shapes: shapes, progress: progress)
}

/// Imports a model from memory.
///
/// - Parameters:
///   - source: The name that messages give the file.
///   - folder: Where external data files lie. Without it, a model that has such files is refused.
public func importONNX(
  bytes: [UInt8], source: String, folder: String? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws(ConversionError) -> Network {
  try importONNX(model: try parseModel(bytes, file: source), source: source, folder: folder, progress: progress)
}

/// Imports a parsed model.
package func importONNX(
  model: consuming ONNXModelProto, source: String, folder: String? = nil, shapes: [String: [Int]] = [:],
  progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws(ConversionError) -> Network {
  let opset = try defaultOpset(of: model, file: source)
  let graph = try GraphStructure(model.graph, file: source)
  var importer = try GraphImporter(
    model: model, graph: graph, opset: opset, file: source, folder: folder,
    shapes: shapes)
  for (done, index) in graph.order.enumerated() {
    importer.importNode(at: index)
    progress(done + 1, graph.order.count)
  }
  return try importer.finish()
}

/// The folder part of a path.
private func folder(of path: String) -> String {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}
