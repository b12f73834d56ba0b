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
      var sameBits: Bool
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
    #expect(report.runs.allSatisfy { $0.sameBits })
  }

  @Test func text() throws {
    let lines = expectSuccess(try fovea("verify", Models.int8())).output.split(separator: "\n")
    for text in ["checksums", "recorded digest", "portable, 1 thread ", "portable, 2 threads"] {
      #expect(lines.contains { $0.hasPrefix(text) }, "\(text)")
    }
    #expect(lines.filter { $0.hasSuffix("  same bits") }.count == lines.count - 3)
  }

  /// Float steps are not promised bit for bit, and nothing is recorded of them.
  @Test func float() throws {
    let outcome = expectSuccess(try fovea("verify", Models.twoInputsTwoOutputs(), "--json"))
    let report: Report = try outcome.json()
    #expect(report.digest.recorded == nil)
    #expect(report.digest.reason?.contains("float steps are not promised") == true)
    #expect(report.runs.allSatisfy { $0.sameBits })
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
