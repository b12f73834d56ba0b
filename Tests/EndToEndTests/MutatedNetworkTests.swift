import Foundation
import Testing

/// ONNX files with a few bytes changed, given to the command with 1 GiB of memory: it converts or refuses them, and neither dies nor
/// hangs. (`MutationTests` does the same ten thousand times within its own process, whose memory is not its own.)
@Suite struct MutatedNetworkTests {
  private static let mutations = 300
  /// Address space, which is more than memory that is used.
  private static let limit = "ulimit -v $((1024 * 1024)) && exec timeout --signal=KILL 60 \"$@\""

  @Test func takeBoundedMemoryAndTime() throws {
    let folders = try names(in: fixture("operators")).filter { $0 != "bad" }.sorted()
    var random = Random(state: 12)
    var refused = 0
    try withTemporaryFolder { folder in
      for round in 0..<Self.mutations {
        let name = folders[Int(random.next() % UInt64(folders.count))]
        guard var bytes = try? contents(fixture("operators/\(name)/model.onnx")), bytes.count > 8 else { continue }
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 3 {
        case 0: bytes[place] ^= 1 << UInt8(random.next() % 8)
        // What lengths and dimensions look like when somebody means harm.
        case 1: bytes.replaceSubrange(place..<min(place + 5, bytes.count), with: [0xff, 0xff, 0xff, 0xff, 0x07])
        default: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        }
        let path = folder + "mutated.onnx"
        try write(bytes, to: path)
        let outcome = try fovea(
          ["convert", path, "-o", folder + "out.fovea", "--precision", "float"], shell: Self.limit)
        // 66: it names a file of weights that does not exist.
        #expect([0, 65, 66].contains(outcome.status), "round \(round), \(name): \(outcome.status) \(outcome.errors)")
        if outcome.status != 0 { refused += 1 }
      }
    }
    #expect(refused > Self.mutations / 20 && refused < Self.mutations)
  }

  /// The limit is one: the command does not convert a network whose weights are larger.
  @Test func theLimitHolds() throws {
    let outcome = try fovea(
      ["convert", Models.network, "-o", "/dev/null"], shell: "ulimit -v 20000 && exec \"$@\"")
    #expect(outcome.status != 0)
  }
}
