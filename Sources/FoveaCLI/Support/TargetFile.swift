import FoveaConvert
import Glibc

/// Checks that files can be written, each of its own, before the work whose results they will hold: better now than after it.
///
/// - Parameter sources: files that are read, whose place none must take.
func checkTargets(_ paths: [String], reading sources: [String]) throws {
  var taken: [String: String] = [:]
  for path in paths {
    guard !path.isEmpty else { throw Failure(.usage, "a file to write needs a name") }
    let place = try OutputPlace(path)
    if let obstacle = place.obstacle { throw Failure(.cannotOpen, "\(path): \(obstacle)") }
    for source in sources where isSameFile(path, source) {
      throw Failure(.usage, "\(path): would take the place of \(source), which is read")
    }
    if let other = place.realPath.flatMap({ taken.updateValue(path, forKey: $0) }) {
      throw Failure(.usage, "\(other) and \(path) name the same file, and each is to hold a result of its own")
    }
  }
}

/// Writes a result to a path that `checkTargets` has seen. A signal meanwhile leaves no temporary file.
func writeResult(_ bytes: [UInt8], to path: String) throws(ConversionError) {
  guard case .file = try OutputPlace(path) else {
    // There is no temporary file, and a pipe that nobody reads must not hold Ctrl-C back.
    return try writeFile(bytes, to: path)
  }
  try holdingSignals { () throws(ConversionError) in try writeFile(bytes, to: path) }
}

/// Whether writing to a path would change another file.
private func isSameFile(_ target: String, _ source: String) -> Bool {
  guard let place = try? OutputPlace(target), let other = try? OutputPlace(source) else { return target == source }
  if let path = place.realPath, let otherPath = other.realPath { return path == otherPath }
  // One of them is open already, by whatever name.
  var (status, otherStatus) = (stat(), stat())
  return unsafe stat(target, &status) == 0 && stat(source, &otherStatus) == 0
    && status.st_mode & S_IFMT == S_IFREG
    && (status.st_dev, status.st_ino) == (otherStatus.st_dev, otherStatus.st_ino)
}
