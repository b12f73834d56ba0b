import Foundation
import Testing

/// ONNX files that cannot be converted, and outputs that cannot be written.
@Suite struct BadNetworkTests {
  /// Converts a network that must be refused, and looks whether anything of a model was left behind.
  private func expectRefused(
    _ network: String, _ options: [String] = [], status: Int32 = 65, mentions: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea(["convert", network, "-o", folder + "out.fovea"] + options)
      expectRefusal(outcome, status, mentions, sourceLocation: sourceLocation)
      #expect(try names(in: folder) == [], sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [
    ("cycle", "cycle"), ("missing_initializer", "features.0.weight"), ("wrong_shape", "shape"),
    ("external_outside", "refused"), ("unsupported", "3 unsupported nodes"),
  ])
  func fixtures(name: String, mentions: String) throws {
    let network = fixture("operators/bad/\(name).onnx")
    try expectRefused(network, mentions: mentions)
    expectRefusal(try fovea("inspect", network), 65, network, mentions)
  }

  @Test func missingFile() throws {
    try expectRefused("/no/such.onnx", status: 66, mentions: "/no/such.onnx: ")
    try expectRefused("/tmp", status: 66, mentions: "/tmp: ")
    expectRefusal(try fovea("inspect", "/no/such.onnx"), 66, "/no/such.onnx: ")
  }

  /// Cut at many places, a network is refused, whatever of it is left.
  @Test func truncated() throws {
    let whole = try contents(Models.smallNetwork)
    try withTemporaryFolder { folder in
      for length in stride(from: 0, to: whole.count - 1, by: 29) {
        let path = folder + "\(length).onnx"
        try write(whole.prefix(length), to: path)
        let outcome = try fovea("convert", path, "-o", folder + "out.fovea")
        expectRefusal(outcome, 65, path)
        expectRefusal(try fovea("inspect", path), 65, path)
      }
      #expect(try names(in: folder).allSatisfy { $0.hasSuffix(".onnx") })
    }
  }

  @Test func truncatedPhotoNetwork() throws {
    let whole = try contents(Models.network)
    try withTemporaryFolder { folder in
      try write(whole.prefix(whole.count / 2), to: folder + "half.onnx")
      try expectRefused(folder + "half.onnx", mentions: "cut short")
    }
  }

  @Test func randomBytes() throws {
    var random = Random(state: 4)
    try withTemporaryFolder { folder in
      for count in [1, 10, 100, 1000, 100_000] {
        let path = folder + "\(count).onnx"
        try write(random.bytes(count), to: path)
        try expectRefused(path, mentions: path)
        expectRefusal(try fovea("inspect", path), 65, path)
      }
    }
  }

  /// Bytes changed in a sound network give a refusal, or another sound network; never a crash.
  @Test func damagedBytes() throws {
    let whole = Array(try contents(Models.smallNetwork))
    var random = Random(state: 5)
    try withTemporaryFolder { folder in
      for round in 0..<100 {
        var bytes = whole
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        let path = folder + "\(round).onnx"
        try write(bytes, to: path)
        let outcome = try fovea("convert", path, "-o", folder + "out.fovea")
        if outcome.status != 0 { expectRefusal(outcome, 65, path) }
      }
    }
  }

  @Test func labelsOfAnotherNumber() throws {
    try withTemporaryFolder { folder in
      try write(Data("cat\ndog\n".utf8), to: folder + "two.txt")
      try expectRefused(Models.network, ["--labels", folder + "two.txt"], mentions: "2 labels")
      try write(Data(), to: folder + "none.txt")
      try expectRefused(Models.network, ["--labels", folder + "none.txt"], mentions: "none.txt: ")
      try write([0xFF, 0xFE, 0x00], to: folder + "binary.txt")
      try expectRefused(Models.network, ["--labels", folder + "binary.txt"], mentions: "UTF-8")
      try expectRefused(Models.network, ["--labels", folder + "no.txt"], status: 66, mentions: "no.txt: ")
    }
  }

  @Test func sizeOfAnotherNetwork() throws {
    try expectRefused(Models.network, ["--size", "192"], mentions: "192x192")
    try expectRefused(fixture("operators/add_rank2_13/model.onnx"), ["--mean", "0,0,0"], mentions: "photos")
  }

  @Test func outputThatCannotBeWritten() throws {
    let network = Models.smallNetwork
    expectRefusal(try fovea("convert", network, "-o", "/no/folder/x.fovea"), 66, "/no/folder")
    expectRefusal(try fovea("convert", network, "-o", "/tmp"), 66, "is a directory")
    expectRefusal(try fovea("convert", network, "-o", network + "/x.fovea"), 66, "Not a directory")
  }

  /// A limit on file sizes stands for a full disk: the write that passes it fails halfway.
  @Test func fullDisk() throws {
    let limit = "ulimit -f 100; trap '' XFSZ; exec \"$@\""  // 100 KiB
    try withTemporaryFolder { folder in
      let outcome = try fovea("convert", Models.network, "-o", folder + "out.fovea", shell: limit)
      expectRefusal(outcome, 66, "out.fovea: cannot write")
      #expect(try names(in: folder) == [])

      // What was there before stays.
      try write(Data("before".utf8), to: folder + "out.fovea")
      #expect(try fovea("convert", Models.network, "-o", folder + "out.fovea", shell: limit).status == 66)
      #expect(try names(in: folder) == ["out.fovea"])
      #expect(try contents(folder + "out.fovea") == Data("before".utf8))
    }
  }

  @Test func fullDiskForTensors() throws {
    try withTemporaryFolder { folder in
      let outcome = try fovea(
        "run", Models.int8(), "--input", fixture("references/efficientnet_lite0/input.npy"),
        "--output", folder + "y.npy",
        shell: "ulimit -f 1; trap '' XFSZ; exec \"$@\"")
      expectRefusal(outcome, 66, "y.npy: cannot write")
      #expect(try names(in: folder) == [])
    }
  }
}
