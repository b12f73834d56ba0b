import Foundation
import FoveaConvert
import Testing

/// `fovea run`.
@Suite struct RunTests {
  private let input = fixture("references/efficientnet_lite0/input.npy")
  private let small = fixture("operators/two_inputs_two_outputs_13/")

  @Test func floatLogitsAreONNXRuntimes() throws {
    try withTemporaryFolder { folder in
      expectSuccess(try fovea("run", Models.float(), "--input", input, "--output", folder + "y.npy"))
      let expected = try array(fixture("references/efficientnet_lite0/output.npy"))
      #expect(relativeDifference(try array(folder + "y.npy"), expected) < 1e-3)
    }
  }

  /// The kernels' bits do not depend on instructions or threads.
  @Test func int8BitsAreTheSameEverywhere() throws {
    try withTemporaryFolder { folder in
      var outputs: Set<Data> = []
      for instructions in [
        "portable", "sse41", "avx2", "avx512", "avxvnni", "avx512vnni", "neon", "neondot", "neoni8mm",
      ] {
        for threads in ["1", "2", "3"] {
          let outcome = try fovea(
            "run", Models.int8(), "--input", input, "--output", folder + "y.npy", "--threads", threads,
            environment: ["FOVEA_ISA": instructions])
          // A machine without these instructions has nothing to compare.
          if outcome.status == 64, instructions != "portable" { continue }
          expectSuccess(outcome)
          outputs.insert(try contents(folder + "y.npy"))
        }
      }
      #expect(outputs.count == 1)
    }
  }

  /// Inputs by name in any order, in order without names, and mixed; outputs into a folder that is made.
  @Test(arguments: [
    ["image=0", "vector=1"], ["vector=1", "image=0"], ["0", "1"], ["vector=1", "0"], ["image=0", "1"],
  ])
  func severalInputsAndOutputs(inputs: [String]) throws {
    let arguments = inputs.map { text in
      String(text.dropLast()) + small + "input_\(text.suffix(1)).npy"
    }
    try withTemporaryFolder { folder in
      let outcome = try fovea(
        ["run", Models.twoInputsTwoOutputs(), "--input"] + arguments + ["--output", folder + "out"])
      expectSuccess(outcome)
      #expect(try names(in: folder + "out") == ["features.npy", "scores.npy"])
      for (name, reference) in [("scores", "output_0"), ("features", "output_1")] {
        let difference = relativeDifference(
          try array(folder + "out/\(name).npy"), try array(small + "\(reference).npy"))
        #expect(difference < 1e-5, "\(name)")
      }
    }
  }

  /// Nor may an output take the place of an input, or links make two outputs one.
  @Test func filesThatAreReadStay() throws {
    try withTemporaryFolder { folder in
      for index in 0...1 { try write(try contents(small + "input_\(index).npy"), to: folder + "input_\(index).npy") }
      let arguments = [
        "run", try Models.twoInputsTwoOutputs(), "--input", folder + "input_0.npy", folder + "input_1.npy",
      ]
      let link = folder + "scores.npy"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "input_1.npy")
      expectRefusal(
        try fovea(arguments + ["--output", folder]), 64, "scores.npy: would take the place of", "input_1.npy")
      try FileManager.default.removeItem(atPath: link)
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "features.npy")
      expectRefusal(try fovea(arguments + ["--output", folder]), 64, "scores.npy", "features.npy name the same file")
      #expect(try contents(folder + "input_1.npy") == contents(small + "input_1.npy"))
      #expect(try names(in: folder) == ["input_0.npy", "input_1.npy", "scores.npy"])
    }
  }

  @Test func repeatedOption() throws {
    let outcome = try fovea(
      "run", Models.twoInputsTwoOutputs(), "--input", small + "input_0.npy", "--input", small + "input_1.npy")
    expectSuccess(outcome)
    #expect(outcome.output.contains("scores  1x5  "))
    #expect(outcome.output.contains("features  1x8x4x4  "))
  }

  /// Names with slashes and beyond ASCII, for inputs and for files.
  @Test(arguments: [
    ("slashed_names_13", "input/image", "_features_1_Relu_output_0.npy"), ("non_ascii_names_13", "entrée", "出力.npy"),
  ])
  func unusualNames(network: String, input: String, file: String) throws {
    let network = fixture("operators/\(network)/")
    try withTemporaryFolder { folder in
      expectSuccess(try fovea("convert", network + "model.onnx", "-o", folder + "m.fovea"))
      expectSuccess(
        try fovea("run", folder + "m.fovea", "--input", "\(input)=\(network)input_0.npy", "--output", folder + "out/"))
      #expect(try names(in: folder + "out") == [file])
      let difference = relativeDifference(try array(folder + "out/" + file), try array(network + "output_0.npy"))
      #expect(difference < 1e-5)
    }
  }

  /// What NumPy saves of other types and orders means the same.
  @Test func otherElementTypes() throws {
    let values = (0..<4).map { Double($0) - 1 }
    try withTemporaryFolder { folder in
      func scores(_ vector: [UInt8]) throws -> [Float] {
        try write(vector, to: folder + "vector.npy")
        expectSuccess(
          try fovea(
            "run", Models.twoInputsTwoOutputs(), "--input", small + "input_0.npy", folder + "vector.npy", "--output",
            folder + "out"))
        return try array(folder + "out/scores.npy").values
      }
      let floats = try scores(NumPyArray(shape: [1, 4], values: values.map { Float($0) }).fileBytes)
      let doubles = values.flatMap { littleEndian($0.bitPattern) }
      #expect(try scores(numPyFile(type: "<f8", shape: "(1, 4)", doubles)) == floats)
      let integers = values.flatMap { littleEndian(Int64($0)) }
      #expect(try scores(numPyFile(type: "<i8", order: "True", shape: "(1, 4)", integers, version: 2)) == floats)
    }
  }

  @Test func refusals() throws {
    let model = try Models.twoInputsTwoOutputs()
    let (image, vector) = (small + "input_0.npy", small + "input_1.npy")
    // Shapes that differ: both are named.
    expectRefusal(try fovea("run", model, "--input", vector, image), 65, "[1, 4]", "\"image\"", "[1, 3, 6, 6]")
    expectRefusal(try fovea("run", model, "--input", "image=" + vector, image), 65, "[1, 3, 6, 6]")
    // Which inputs there are.
    expectRefusal(
      try fovea("run", model, "--input", "picture=" + image, vector), 64, "\"picture\"", "\"vector\" [1, 4]")
    expectRefusal(try fovea("run", model, "--input", image), 64, "\"vector\" is missing")
    expectRefusal(try fovea("run", model), 64, "\"image\" is missing")
    expectRefusal(try fovea("run", model, "--input", "image=" + image, "image=" + image), 64, "twice")
    expectRefusal(try fovea("run", model, "--input", image, vector, vector), 64, "more files than inputs")
    // Files.
    expectRefusal(try fovea("run", model, "--input", "/no/such.npy", vector), 66, "/no/such.npy: ")
    expectRefusal(try fovea("run", model, "--input", fixture("photos/macaw.jpg"), vector), 65, "macaw.jpg: ")
    expectRefusal(
      try fovea("run", model, "--input", image, vector, "--output", "/no/folder/out"), 66, "/no/folder/out: ")
    expectRefusal(try fovea("run", model, "--input", image, vector, "--output", "y.npy"), 64, "2 outputs")
    try withTemporaryFolder { folder in
      let bytes = try contents(image)
      try write(bytes.dropLast(), to: folder + "cut.npy")
      expectRefusal(try fovea("run", model, "--input", folder + "cut.npy", vector), 65, "cut.npy: ")
      #expect(try names(in: folder) == ["cut.npy"])
    }
  }
}
