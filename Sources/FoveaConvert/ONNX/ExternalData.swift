/// Tensor data that a model keeps in other files of its folder.
///
/// The model is data from a stranger, so it may name files inside its own folder only, and ranges inside those files only.
struct ExternalData {
  /// The model's folder; nil for a model from memory, which has none.
  let folder: String?
  /// The bytes taken from each file so far. Tied weights may share a range, but a small file cannot pose as many large tensors.
  private var taken: [String: Int] = [:]

  init(folder: String?) {
    self.folder = folder
  }

  /// Reads the data of a tensor of `byteCount` bytes.
  mutating func read(_ tensor: ONNXTensorProto, byteCount: Int) throws(TensorProblem) -> [UInt8] {
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    guard let location = entries["location"], !location.isEmpty else {
      throw .malformed("its data lies in another file that is not named")
    }
    let offset = try number(entries["offset"] ?? "0", named: "offset")
    let length = try entries["length"].map { text throws(TensorProblem) in try number(text, named: "length") }
    if let length, length != byteCount {
      throw .malformed("its external data has \(length) bytes, its shape and type need \(byteCount)")
    }
    let path = try resolve(location)
    do throws(InputFileProblem) {
      let file = try InputFile.open(path)
      guard byteCount <= file.size, offset <= file.size - byteCount else {
        throw InputFileProblem(
          reason: "the model takes \(byteCount) bytes at \(offset) of it, and it has \(file.size)")
      }
      let total = taken[path, default: 0] + byteCount
      guard total / 4 <= file.size else {
        throw InputFileProblem(reason: "the model's tensors take more than four times the file's bytes from it")
      }
      taken[path] = total
      return try file.read(offset: offset, count: byteCount)
    } catch {
      throw .unreadable(file: printable(location), reason: error.reason)
    }
  }

  private func number(_ text: String, named name: String) throws(TensorProblem) -> Int {
    guard let number = Int(text), number >= 0 else {
      throw .malformed("the \(name) of its external data is \"\(printable(text))\"")
    }
    return number
  }

  /// The path of a file that the model names, which must lie in the model's folder once symbolic links are followed.
  private func resolve(_ location: String) throws(TensorProblem) -> String {
    guard let folder else {
      throw .unsupported(
        "its data lies in the file \"\(printable(location))\"; only initializers of a model that is read from a file may"
      )
    }
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.utf8.contains(0) else {
      throw .unsupported("its data lies outside of the model's folder (\"\(printable(location))\"), which is refused")
    }
    guard let root = resolvedPath(folder), let path = resolvedPath(folder + "/" + location) else {
      throw .unreadable(file: printable(location), reason: "the model's external data file does not exist")
    }
    guard path.hasPrefix(root == "/" ? root : root + "/") else {
      throw .unsupported("its data lies outside of the model's folder (\"\(printable(location))\"), which is refused")
    }
    return path
  }
}
