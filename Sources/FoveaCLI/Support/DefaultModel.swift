import Glibc

/// The model that `classify` uses where -m names none: $FOVEA_MODEL, else the one that `make demo` builds, in the repository
/// that this command was built in or in the working directory.
func defaultModelPath() throws(Failure) -> String {
  if let value = unsafe getenv("FOVEA_MODEL") {
    let path = unsafe String(cString: value)
    if !path.isEmpty { return path }
  }
  let built = "build/efficientnet_lite0.fovea"
  // The command lies in .build/<platform>/release of the repository.
  let candidates = [executableFolder().map { "\($0)/../../../\(built)" }, built].compactMap(\.self)
  guard let path = candidates.first(where: exists) else {
    throw Failure(
      .cannotOpen,
      "no model: name one with -m or in FOVEA_MODEL, or build \(built) with `make demo` (or `fovea convert`)")
  }
  return path
}

/// Where the running executable lies, links resolved.
private func executableFolder() -> String? {
  guard let path = unsafe realpath("/proc/self/exe", nil) else { return nil }
  defer { unsafe free(path) }
  let folder = unsafe String(cString: path).split(separator: "/", omittingEmptySubsequences: false).dropLast()
  return folder.joined(separator: "/")
}
