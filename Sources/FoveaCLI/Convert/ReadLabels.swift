import Fovea

/// The classes' names in a file: one a line, in the order of the network's outputs.
///
/// - Throws: `FoveaError.cannotOpen`, or `Failure` for a file that holds no text.
func readLabels(_ path: String) throws -> [String] {
  let file = try MappedFile(path: path)
  let bytes = unsafe Array(file.bytes)
  guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
    throw Failure(.badData, "\(path): labels must be text in UTF-8")
  }
  // Swift sees "\r\n" as one character, which isNewline covers.
  var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
  while lines.last?.isEmpty == true { lines.removeLast() }
  guard !lines.isEmpty else { throw Failure(.badData, "\(path): there are no labels in it") }
  return lines
}
