import Foundation

/// The repository, found from this file's own path.
let repository: String = {
  let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
  return parts.joined(separator: "/") + "/"
}()

/// A path in fixtures/.
func fixture(_ name: String) -> String { repository + "fixtures/" + name }

/// The photos of fixtures/photos, and what is on them.
let photos: [(file: String, label: String)] = [
  ("castle.jpg", "castle"), ("cat.png", "tiger cat"), ("espresso.jpg", "espresso"),
  ("german_shepherd.jpg", "German shepherd"), ("koala.jpg", "koala"), ("macaw.jpg", "macaw"),
  ("red_panda.jpg", "lesser panda"), ("viaduct.jpg", "viaduct"),
]

/// A new empty folder; its path ends with a slash.
func temporaryFolder() throws -> String {
  let path = sessionFolder + UUID().uuidString + "/"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

/// All folders of this run, removed when it ends.
private let sessionFolder: String = {
  let path = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/fovea-end-to-end-\(getpid())/"
  atexit { try? FileManager.default.removeItem(atPath: sessionFolderToRemove()) }
  return path
}()

/// By a function: a C callback captures nothing.
private func sessionFolderToRemove() -> String { sessionFolder }

/// A folder that exists while `body` runs. Its path ends with a slash.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = try temporaryFolder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

func contents(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
  try Data(bytes).write(to: URL(filePath: path))
}

/// The names in a folder, sorted.
func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same damage in every run.
struct Random: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
