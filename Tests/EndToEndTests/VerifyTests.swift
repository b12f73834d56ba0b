import Foundation
import FoveaConvert
import Testing

/// `fovea verify`.
@Suite struct VerifyTests {
  /// The keys that scripts rely on; there in snake_case.
  private struct Report: Decodable {
    struct Digest: Decodable {
      var seed, runs: Int
      var sha256: String
      var recorded, reason: String?
    }

    struct Run: Decodable {
      var instructionSet: String
      var threads: Int
      var right, sameBits: Bool
      var floatDifference, outputDifference: Double?
    }

    var model, precision, checksums: String
    var digest: Digest
    var runs: [Run]
  }

  @Test func int8() throws {
    let model = try Models.int8()
    let report: Report = try expectSuccess(fovea("verify", model, "--json")).json()
    #expect(report.model == model)
    #expect(report.precision == "int8")
    #expect(report.checksums == "same")
    #expect(report.digest.seed == 1 && report.digest.runs == 1)
    #expect(report.digest.sha256.count == 64)
    #expect(report.digest.recorded == report.digest.sha256)
    #expect(report.runs.first?.instructionSet == "portable")
    #expect(report.runs.count.isMultiple(of: 2))
    #expect(report.runs.map(\.threads) == report.runs.indices.map { 1 + $0 % 2 })
    #expect(report.runs.allSatisfy { $0.right && $0.sameBits })
    #expect(report.runs.allSatisfy { $0.floatDifference == nil && $0.outputDifference == nil })
  }

  @Test func text() throws {
    let lines = expectSuccess(try fovea("verify", Models.int8())).output.split(separator: "\n")
    for text in ["checksums", "recorded digest", "portable, 1 thread ", "portable, 2 threads"] {
      #expect(lines.contains { $0.hasPrefix(text) }, "\(text)")
    }
    #expect(lines.filter { $0.hasSuffix("  same bits") }.count == lines.count - 3)
  }

  /// Float steps are not promised bit for bit, and nothing is recorded of them. How far each instruction set's are from the
  /// portable kernels' is told, and "same bits" only where sessions on that set have them.
  @Test func float() throws {
    let model = try Models.twoInputsTwoOutputs()
    let report: Report = try expectSuccess(fovea("verify", model, "--json")).json()
    #expect(report.digest.recorded == nil)
    #expect(report.digest.reason?.contains("float steps are not promised") == true)
    for run in report.runs {
      let (steps, outputs) = try (#require(run.floatDifference), #require(run.outputDifference))
      #expect(run.right && steps < 1e-5 && outputs < 1e-5, "\(run)")
      #expect(run.sameBits == (steps == 0), "\(run)")
    }
    let names = Set(report.runs.map(\.instructionSet))
    #expect(report.runs.allSatisfy { $0.instructionSet != "portable" || $0.sameBits })
    #if arch(x86_64)
      if let set = ["avx512vnni", "avx2"].first(where: names.contains) {
        #expect(report.runs.allSatisfy { $0.instructionSet != set || !$0.sameBits })
        let output = expectSuccess(try fovea("verify", model)).output
        #expect(output.contains(/float steps differ by at most \S+e-0\d of their largest value/))
      }
    #endif
  }

  /// A file that records other outputs than its own is found out, with the status of bad data.
  @Test(arguments: [(1, "recorded 000"), (1000, "a converter records 1 to 100")])
  func aWrongDigest(runs: Int, message: String) throws {
    let folder = fixture("operators/conv_1x1_13/")
    let values = try array(folder + "input_0.npy").values
    let calibration = CalibrationInputs(count: 1) { _ in [values] }
    var metadata = ModelMetadata()
    metadata.verification = ModelMetadata.Verification(
      seed: 1, runs: runs, sha256: String(repeating: "0", count: 64))
    let result = try convert(
      importONNX(path: folder + "model.onnx"), options: ConversionOptions(precision: .int8), metadata: metadata,
      calibration: calibration)
    try withTemporaryFolder { folder in
      try write(result.bytes, to: folder + "wrong.fovea")
      let outcome = try fovea("verify", folder + "wrong.fovea")
      #expect(outcome.status == 65)
      #expect(outcome.errors.hasPrefix("fovea: \(folder)wrong.fovea: "))
      #expect((outcome.output + outcome.errors).contains(message), "\(outcome.output)\(outcome.errors)")
    }
  }
}
