import Foundation
import Testing

/// ONNX files with a few bytes changed are converted or refused with one line that names the file; they neither kill the converter
/// nor take more than 1 GiB or 5 s of processor time. (The clock would tell what else the machine does.)
@Suite struct MutatedNetworkTests {
  private static let mutations = 10_000

  /// `Tests/MutateNetworks`, built beside these tests.
  private static let program: String = {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "mutate-networks").path(percentEncoded: false)
  }()

  /// Without those whose weights lie in other files: from memory, they are refused as they are.
  private static let networks: [String] = ["operators", "quantized"].flatMap { kind in
    ((try? names(in: fixture(kind))) ?? []).filter { !$0.contains("external") }
      .map { fixture("\(kind)/\($0)/model.onnx") }
      .filter(FileManager.default.fileExists(atPath:))
  }

  @Test func takeBoundedMemoryAndTime() throws {
    #expect(Self.networks.count > 400)
    let outcome = try fovea(["\(Self.mutations)", "11"] + Self.networks, binary: Self.program)
    let lines = outcome.output.split(separator: "\n")
    let last = lines.last ?? ""
    #expect(outcome.status == 0, "ended with \(outcome.status) in \(last): \(outcome.errors)")
    #expect(lines.filter { $0.hasPrefix("unclear") || $0.hasPrefix("refused unchanged") } == [])
    // Many changes end in the protocol buffer's decoder; those that do not are what this is about.
    let numbers = last.split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 2, "\(last)")
    #expect(numbers[0] < Self.mutations - 1000, "converted in spite of the change: too few")
    #expect(numbers[1] > 500, "refused by the converter: too few")
  }

  /// The command itself, file by file.
  @Test func theCommandStaysWithinLimits() throws {
    var random = Random(state: 12)
    try withTemporaryFolder { folder in
      for round in 0..<100 {
        let network = Self.networks[Int(random.next() % UInt64(Self.networks.count))]
        var bytes = try contents(network)
        let place = Int(random.next() % UInt64(bytes.count))
        bytes[place] ^= 1 << UInt8(random.next() % 8)
        let path = folder + "mutated.onnx"
        try write(bytes, to: path)
        let outcome = try fovea(
          ["convert", path, "-o", folder + "out.fovea", "--precision", "float"],
          shell: "ulimit -v $((1024 * 1024)) && ulimit -t 5 && exec \"$@\"")
        // 66: it names a file of weights that does not exist.
        #expect([0, 65, 66].contains(outcome.status), "\(round), \(network): \(outcome.status) \(outcome.errors)")
      }
    }
  }

  /// The limits are limits: the command does not convert a network whose weights are larger.
  @Test func theLimitHolds() throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea(
        ["convert", Models.network, "-o", folder + "m.fovea"], shell: "ulimit -v 20000 && exec \"$@\"")
      #expect(outcome.status != 0)
    }
  }
}
