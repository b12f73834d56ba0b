import Fovea

/// The lines of a text file, without empty ones at its end.
///
/// - Parameter content: what they are, for messages: "labels".
/// - Throws: `FoveaError.cannotOpen`, or `Failure` for a file that holds no text or none of it.
func readLines(of path: String, holding content: String) throws -> [String] {
  let file = try MappedFile(path: path)
  let bytes = unsafe Array(file.bytes)
  guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
    throw Failure(.badData, "\(path): \(content) must be text in UTF-8")
  }
  // Swift sees "\r\n" as one character, which isNewline covers.
  var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
  while lines.last?.isEmpty == true { lines.removeLast() }
  guard !lines.isEmpty else { throw Failure(.badData, "\(path): there are no \(content) in it") }
  return lines
}
