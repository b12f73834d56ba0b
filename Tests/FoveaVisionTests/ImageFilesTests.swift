import FoveaVision
import Glibc
import Testing

@Suite struct ImageFilesTests {
  @Test func findsImagesInOrder() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "b/c", ".hidden", "empty"] { #expect(unsafe mkdir(folder + "/" + name, 0o755) == 0) }
      for name in [
        "b.JPG", "a.jpeg", "Z.Png", "notes.txt", "jpg", ".a.jpg", "b/x.png", "b/c/y.jpg", ".hidden/z.jpg", "ä.jpg",
      ] { try write([1], to: folder + "/" + name) }
      #expect(unsafe mkdir(folder + "/folder.jpg", 0o755) == 0)
      #expect(unsafe symlink(folder, folder + "/loop") == 0)
      #expect(unsafe symlink(folder, folder + "/loop.jpg") == 0)
      #expect(unsafe symlink("a.jpeg", folder + "/link.jpg") == 0)
      let expected = ["Z.Png", "a.jpeg", "b.JPG", "b/c/y.jpg", "b/x.png", "link.jpg", "ä.jpg"]
      #expect(try imageFiles(in: folder) == expected.map { folder + "/" + $0 })
      #expect(try imageFiles(in: folder + "/") == expected.map { folder + "/" + $0 })
    }
  }

  /// A pipe that nobody writes to, called .jpg, made `fovea classify FOLDER` wait for ever.
  @Test func onlyFilesAreImages() throws {
    try withTemporaryFolder { folder in
      #expect(unsafe mkfifo(folder + "/pipe.jpg", 0o600) == 0)
      #expect(unsafe mknod(folder + "/socket.jpg", S_IFSOCK | 0o600, 0) == 0)
      #expect(unsafe symlink("pipe.jpg", folder + "/link.jpg") == 0)
      #expect(throws: ImageError.noImages(folder: folder)) { try imageFiles(in: folder) }
      // Told when it is read.
      #expect(unsafe symlink("none.jpg", folder + "/lost.jpg") == 0)
      let found = try imageFiles(in: folder)
      #expect(found == [folder + "/lost.jpg"])
    }
  }

  @Test func emptyAndUnreadableDiffer() throws {
    try withTemporaryFolder { folder in
      #expect(throws: ImageError.noImages(folder: folder)) { try imageFiles(in: folder) }
      let missing = folder + "/missing"
      #expect(throws: ImageError.cannotList(folder: missing, reason: "No such file or directory")) {
        try imageFiles(in: missing)
      }
      try write([1], to: folder + "/file.jpg")
      #expect(throws: ImageError.cannotList(folder: folder + "/file.jpg", reason: "Not a directory")) {
        try imageFiles(in: folder + "/file.jpg")
      }
      // Root may read everything; then there is nothing to test.
      #expect(unsafe mkdir(folder + "/closed", 0) == 0)
      if getuid() != 0 {
        #expect(throws: ImageError.cannotList(folder: folder + "/closed", reason: "Permission denied")) {
          try imageFiles(in: folder)
        }
      }
    }
  }

  @Test func aNameThatIsNotUTF8IsAnError() throws {
    try withTemporaryFolder { folder in
      let path = Array(folder.utf8).map { CChar(bitPattern: $0) } + [47, -1, 46, 106, 112, 103, 0]  // "/\xFF.jpg"
      let file = unsafe creat(path, 0o644)
      try #require(file >= 0)
      close(file)
      #expect(throws: ImageError.cannotList(folder: folder, reason: "a name in it is not valid UTF-8")) {
        try imageFiles(in: folder)
      }
    }
  }
}
