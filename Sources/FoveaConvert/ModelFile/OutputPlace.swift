import Glibc

/// Where a result that is written to a path ends up, links followed: what may be replaced by a whole new file, and what only
/// takes bytes.
package enum OutputPlace: Equatable {
  /// A regular file, or the place of one: not a link itself.
  case file(String)
  /// What this process has open: /dev/stdout, /dev/fd/3 and the like. Written where the descriptor stands, so that it is in order
  /// with what else goes there.
  case descriptor(CInt)
  /// A named pipe, a terminal, /dev/null, or what another process has open. Written, never replaced.
  case stream(String)

  /// As many links in a row as Linux itself follows.
  private static let mostLinks = 40

  /// - Throws: `ConversionError.cannotWrite`, naming `path`, for a folder, a folder that is missing, links in a circle, a disk and a
  ///   socket.
  package init(_ path: String) throws(ConversionError) {
    func failure(_ reason: String) -> ConversionError { .cannotWrite(file: path, reason: reason) }
    func failure(_ number: CInt, into folder: String? = nil) -> ConversionError {
      failure("cannot write\(folder.map { " into \($0)" } ?? ""): \(unsafe String(cString: strerror(number)))")
    }
    var place = path
    for _ in 0...Self.mostLinks {
      let folder = folderName(place)
      // With "/." a file in the folder's place is told from a folder.
      guard let realFolder = resolvedPath(folder + "/.") else { throw failure(errno, into: folder) }
      // Links of /proc lead to what is open, whatever they say: a file that was deleted, or "pipe:[7]".
      let isOpenFile = (realFolder + "/").hasPrefix("/proc/")
      var status = stat()
      guard unsafe (isOpenFile ? stat(place, &status) : lstat(place, &status)) == 0 else {
        guard errno == ENOENT, !isOpenFile else { throw failure(errno) }
        self = .file(place)
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw failure("cannot write: is a directory")
      case S_IFLNK:
        guard let target = linkTarget(place) else { throw failure(errno) }
        place = target.hasPrefix("/") ? target : folder + "/" + target
      case S_IFREG where !isOpenFile:
        self = .file(place)
        return
      case S_IFBLK: throw failure("cannot write: is a disk")
      case _ where isOpenFile && realFolder == resolvedPath("/proc/self/fd"):
        guard let number = CInt(baseName(place)) else { throw failure(ENOENT) }
        self = .descriptor(number)
        return
      case S_IFSOCK: throw failure("cannot write: is a socket")
      default:
        self = .stream(place)
        return
      }
    }
    throw failure(ELOOP)
  }

  /// The path of a file, which need not exist, without links and dots on the way to it; nil for the others.
  package var realPath: String? {
    guard case .file(let path) = self else { return nil }
    return resolvedPath(folderName(path)).map { ($0 == "/" ? "" : $0) + "/" + baseName(path) }
  }

  /// Why nothing can be written there, as far as that can be told without doing so; nil where it seems possible.
  package var obstacle: String? {
    switch self {
    case .file(let path):
      let folder = folderName(path)
      return unsafe access(folder + "/.", W_OK | X_OK) == 0
        ? nil : "cannot write into \(folder): \(String(cString: strerror(errno)))"
    case .stream(let path):
      return unsafe access(path, W_OK) == 0 ? nil : "cannot write: \(String(cString: strerror(errno)))"
    case .descriptor(let number):
      let flags = fcntl(number, F_GETFL)
      return flags >= 0 && flags & O_ACCMODE != O_RDONLY ? nil : "cannot write: is open for reading only"
    }
  }
}

/// What a symbolic link says; nil, with `errno`, where it cannot be read.
private func linkTarget(_ path: String) -> String? {
  let most = Int(PATH_MAX)
  var characters = [CChar](repeating: 0, count: most)
  let count = unsafe readlink(path, &characters, most)
  guard count >= 0 else { return nil }
  errno = EILSEQ
  return String(validating: characters[..<count].lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The folder that a path's last component is in.
private func folderName(_ path: String) -> String {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}

/// The last component.
private func baseName(_ path: String) -> Substring {
  let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
  return slash.map { path[path.utf8.index(after: $0)...] } ?? path[...]
}
