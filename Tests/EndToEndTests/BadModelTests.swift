import Foundation
import Testing

/// Model files that are no good. Validation of models that were made to deceive is FoveaCore's to test; here, nothing that
/// happens to a file on its way may crash the command.
@Suite struct BadModelTests {
  /// Every command that opens a model refuses it, with one line that names it.
  private func expectRefused(
    _ path: String, _ status: Int32 = 65, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let photo = fixture("photos/macaw.jpg")
    let tensor = fixture("references/efficientnet_lite0/input.npy")
    for arguments in [
      ["classify", photo, "-m", path], ["run", path, "--input", tensor], ["bench", path], ["inspect", path],
      ["verify", path],
    ] {
      expectRefusal(try fovea(arguments), status, path, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [0, 1, 7, 8, 100, 1000, 10_000, 50_000, 1_000_000, 4_000_000])
  func truncated(length: Int) throws {
    try withTemporaryFolder { folder in
      try write(try contents(Models.int8()).prefix(length), to: folder + "cut.fovea")
      try expectRefused(folder + "cut.fovea")
    }
  }

  @Test(arguments: [1, 100, 100_000])
  func randomBytes(count: Int) throws {
    var random = Random(state: 6)
    try withTemporaryFolder { folder in
      try write(random.bytes(count), to: folder + "random.fovea")
      try expectRefused(folder + "random.fovea")
    }
  }

  @Test func otherFiles() throws {
    try expectRefused("/no/such.fovea", 66)
    try expectRefused(fixture("photos"), 66)
    try expectRefused(fixture("photos/macaw.jpg"))
    // inspect takes this one.
    expectRefusal(try fovea("bench", Models.network), 65, "not a Fovea model")
  }

  @Test func longer() throws {
    try withTemporaryFolder { folder in
      try write(try contents(Models.int8()) + [UInt8](repeating: 0, count: 3), to: folder + "long.fovea")
      try expectRefused(folder + "long.fovea")
    }
  }

  /// One bit, anywhere: the checksums see it. In a small model, which is mostly header and tables, and in a large one.
  @Test func flippedBits() throws {
    var random = Random(state: 7)
    try withTemporaryFolder { folder in
      let path = folder + "flipped.fovea"
      for (model, count) in [(try Models.twoInputsTwoOutputs(), 250), (try Models.int8(), 50)] {
        let sound = Array(try contents(model))
        for _ in 0..<count {
          var bytes = sound
          bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
          try write(bytes, to: path)
          expectRefusal(try fovea("bench", path, "--iterations", "1", "--warmup", "0"), 65, path)
        }
      }
    }
  }

  /// classify does not read weights before layers need them, so that it cannot see that one has changed; verify does.
  @Test func flippedWeights() throws {
    let sound = Array(try contents(Models.int8()))
    try withTemporaryFolder { folder in
      let path = folder + "flipped.fovea"
      for place in [sound.count - 1, sound.count / 2, sound.count * 9 / 10] {
        var bytes = sound
        bytes[place] ^= 4
        try write(bytes, to: path)
        expectRefusal(try fovea("verify", path), 65, path, "its weights")
        #expect(try fovea("classify", fixture("photos/macaw.jpg"), "-m", path).status == 0)
      }
    }
  }

  @Test func unknownInstructionSet() throws {
    let environment = ["FOVEA_ISA": "nonsense"]
    let model = try Models.int8()
    for arguments in [["classify", fixture("photos/macaw.jpg"), "-m", model], ["bench", model]] {
      expectRefusal(try fovea(arguments, environment: environment), 64, "nonsense", "portable")
    }
  }
}
