import Foundation
import Testing

/// Photos and folders that cannot be used.
@Suite struct BadPhotoTests {
  private static let jpeg = Result { try contents(fixture("photos/macaw.jpg")) }
  private static let png = Result { try contents(fixture("photos/cat.png")) }

  /// Bytes of a photo that is no good, by what is wrong with it.
  private static let damages: [(name: String, bytes: @Sendable () throws -> Data)] = [
    ("empty.jpg", { Data() }),
    ("truncated.jpg", { try jpeg.get().prefix(20_000) }),
    ("header-only.jpg", { try jpeg.get().prefix(300) }),
    ("corrupt.jpg", { try damaged(jpeg.get()) }),
    ("truncated.png", { try png.get().prefix(100_000) }),
    ("corrupt.png", { try damaged(png.get()) }),
    ("text.jpg", { Data("This is no photo.\n".utf8) }),
    ("text.png", { Data("This is no photo.\n".utf8) }),
    ("model.jpg", { try contents(Models.int8()).prefix(100_000) }),
    (
      "random.png",
      {
        var random = Random(state: 2)
        return Data(random.bytes(10_000))
      }
    ),
    ("huge.png", { hugePNG }),
  ]

  /// A PNG's first bytes that announce 60,000 x 60,000 pixels: 10.8 GB, to be refused before any memory is taken.
  private static var hugePNG: Data {
    let header = Array("IHDR".utf8) + [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0]
    let start: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    return Data(start + header + bigEndian(crc32(header)) + [0, 0, 0x10, 0] + Array("IDAT".utf8))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// The CRC of PNG's annex D.
  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }
  }

  /// A thousand bytes in the middle replaced.
  private static func damaged(_ data: Data) -> Data {
    var random = Random(state: 3)
    var bytes = Array(data)
    let middle = bytes.count / 2
    bytes.replaceSubrange(middle..<(middle + 1000), with: random.bytes(1000))
    return Data(bytes)
  }

  @Test(arguments: damages.map(\.name))
  func photo(name: String) throws {
    let damage = try #require(Self.damages.first { $0.name == name })
    try withTemporaryFolder { folder in
      let path = folder + name
      try damage.bytes().write(to: URL(filePath: path))
      expectRefusal(try fovea("classify", path, "-m", Models.int8()), 1, path)
      expectRefusal(try fovea("classify", "-", "-m", Models.int8(), input: damage.bytes()), 1, "standard input: ")
    }
  }

  @Test func hugeHeaderTakesNoMemory() throws {
    // 400 MB of address space hold the command, but not the picture.
    let outcome = try fovea(
      "classify", "-", "-m", Models.int8(), "--threads", "1", input: Self.hugePNG,
      shell: "ulimit -v 400000; exec \"$@\"")
    expectRefusal(outcome, 1, "60000 x 60000")
  }

  @Test(arguments: ["/no/such.jpg", "/", "/dev/null", "/etc/hostname/x.jpg"])
  func path(path: String) throws {
    // "/" is a folder, and listing all of it may take long: its own name with a file in the way instead.
    let path = path == "/" ? fixture("photos/macaw.jpg/") : path
    expectRefusal(try fovea("classify", path, "-m", Models.int8()), 1, path)
  }

  @Test func nameThatSteersTerminals() throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea("classify", folder + "a\u{1B}[2J\nb.jpg", "-m", Models.int8())
      expectRefusal(outcome, 1, "a?[2J?b.jpg")
    }
  }

  @Test func emptyFolder() throws {
    try withTemporaryFolder { folder in
      expectRefusal(try fovea("classify", folder, "-m", Models.int8()), 65, folder)
      try write(Data("text".utf8), to: folder + "notes.txt")
      expectRefusal(try fovea("classify", folder, "-m", Models.int8()), 65, "no .jpg, .jpeg or .png file")
    }
  }

  @Test func unreadableFolder() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder + "locked", withIntermediateDirectories: false, attributes: [.posixPermissions: 0])
      // Unlocked again, so that it can be removed.
      defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "locked") }
      // root may read anything, so it becomes somebody else. The command must then be where others may reach it.
      let binary = folder + "fovea"
      try FileManager.default.copyItem(atPath: foveaBinary, toPath: binary)
      let model = folder + "model.fovea"
      try FileManager.default.copyItem(atPath: Models.int8(), toPath: model)
      let outcome = try fovea(
        "classify", folder + "locked", "-m", model, binary: binary,
        shell: getuid() == 0 ? "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"" : "exec \"$@\"")
      expectRefusal(outcome, 66, "locked: ", "Permission denied")
    }
  }

  /// A folder with one bad photo among good ones.
  @Test func badPhotoInFolder() throws {
    try withTemporaryFolder { folder in
      for name in ["a.jpg", "c.jpg"] { try Self.jpeg.get().write(to: URL(filePath: folder + name)) }
      try write(Data("no photo".utf8), to: folder + "b.jpg")
      let outcome = try fovea("classify", folder, "-m", Models.int8(), "--json")
      #expect(outcome.status == 1)
      let answers = try outcome.json([ClassifiedPhoto].self)
      #expect(answers.map { $0.predictions?.first?.label } == ["macaw", nil, "macaw"])
      #expect(answers.map { $0.error != nil } == [false, true, false])
    }
  }
}
