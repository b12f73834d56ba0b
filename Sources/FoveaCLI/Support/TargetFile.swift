import FoveaConvert
import Glibc

/// Checks that a file can be written, before the work whose result it will hold: better now than after it.
///
/// - Parameter sources: files that are read, whose place it must not take.
func checkTarget(_ path: String, reading sources: [String]) throws(Failure) {
  guard !path.isEmpty else { throw Failure(.usage, "a file to write needs a name") }
  if isFolder(path) { throw Failure(.cannotOpen, "\(path): is a directory") }
  var status = stat()
  if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
    throw Failure(.cannotOpen, "\(path): cannot write: is not a file")
  }
  let folder = folderName(path)
  // With "/." a file in the folder's place is told from one that may not be written to.
  guard unsafe access(folder + "/.", W_OK | X_OK) == 0 else {
    throw Failure(.cannotOpen, "\(path): cannot write into \(folder): \(systemMessage(errno))")
  }
  // What a link points at would be gone as well.
  for source in sources where isSamePlace(path, source) || placeOfFile(path) == resolvedPath(source) {
    throw Failure(.usage, "\(path): would take the place of \(source), which is read")
  }
}

/// Whether two paths name one file, or would if it existed.
func isSamePlace(_ a: String, _ b: String) -> Bool {
  guard let place = placeOfFile(a) else { return a == b }
  return place == placeOfFile(b)
}

/// The path of a file, which need not exist, without links and dots on the way to it; nil where there is no such folder.
private func placeOfFile(_ path: String) -> String? {
  resolvedPath(folderName(path)).map { ($0 == "/" ? "" : $0) + "/" + baseName(path) }
}

/// The folder that a path's last component is in.
private func folderName(_ path: String) -> String {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}
