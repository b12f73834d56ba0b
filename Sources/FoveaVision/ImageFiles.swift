import Glibc

/// The endings of the names of files that are taken for images.
package let imageFileExtensions = ["jpg", "jpeg", "png"]

/// The paths of all images in a folder and the folders inside it, sorted by their bytes.
///
/// An image is a file named .jpg, .jpeg or .png in any case. Hidden files and folders (".name") are skipped. A link
/// to a file counts as the file; links to folders are not followed, so that no loop is possible (`folder` itself may
/// be a link). Pipes, sockets and devices are no images, whatever they are called: reading a pipe that nobody writes to would
/// never end. A link to nothing is one, which cannot be read: whoever put it there is to be told.
///
/// - Returns: At least one path, each beginning with `folder`.
/// - Throws: `cannotList` if any of the folders cannot be read, `noImages` if there is nothing to return.
public func imageFiles(in folder: String) throws(ImageError) -> [String] {
  let found = try files(in: folder, withExtensions: imageFileExtensions)
  if found.isEmpty { throw .noImages(folder: folder) }
  return found
}

/// As `imageFiles(in:)`, for files with any of the given extensions (in lower case); none are no error.
///
/// - Throws: `cannotList`.
package func files(in folder: String, withExtensions extensions: [String]) throws(ImageError) -> [String] {
  var found: [String] = []
  var pending = [folder]
  while let next = pending.popLast() {
    for name in try entries(of: next) where name.utf8.first != UInt8(ascii: ".") {
      let path = next.hasSuffix("/") ? next + name : next + "/" + name
      if kind(path, followingLinks: false) == S_IFDIR {
        pending.append(path)
      } else if hasExtension(name, extensions), kind(path, followingLinks: true) ?? S_IFREG == S_IFREG {
        found.append(path)
      }
    }
  }
  return found.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

private func hasExtension(_ name: String, _ extensions: [String]) -> Bool {
  let name = name.lowercased()
  return extensions.contains { name.hasSuffix("." + $0) }
}

/// What a path names, as a file's mode has it: S_IFREG, S_IFDIR and the like. Nil where there is nothing, or it cannot be told.
private func kind(_ path: String, followingLinks: Bool) -> mode_t? {
  var status = stat()
  let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
  return result == 0 ? status.st_mode & S_IFMT : nil
}

/// The names in one folder, in no order.
private func entries(of folder: String) throws(ImageError) -> [String] {
  guard let directory = unsafe opendir(folder) else {
    throw .cannotList(folder: folder, reason: lastSystemError())
  }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while true {
    errno = 0  // readdir returns nil both at the end and on an error
    guard let entry = unsafe readdir(directory) else {
      if errno != 0 { throw .cannotList(folder: folder, reason: lastSystemError()) }
      return names
    }
    // By pointer, never by value: the record ends with the name, before the 256 bytes that d_name declares.
    guard let field = unsafe entry.pointer(to: \.d_name),
      let name = unsafe String(validatingCString: UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self))
    else { throw .cannotList(folder: folder, reason: "a name in it is not valid UTF-8") }
    names.append(name)
  }
}
