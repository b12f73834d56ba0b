import Foundation
import Testing

/// `fovea bench`.
@Suite struct BenchTests {
  /// The keys that scripts rely on; there in snake_case.
  private struct Report: Decodable {
    struct Milliseconds: Decodable {
      var min, p10, median, p90, p99, max: Double
    }

    struct Processor: Decodable {
      var name: String
      var features: [String]
    }

    var model: String
    var precision: String
    var threads: Int
    var iterations: Int
    var milliseconds: Milliseconds
    var loadMilliseconds: Double
    var firstInferenceMilliseconds: Double
    var peakRssBytes: Int
    var macs: Int
    var gmacsPerSecond: Double
    var cpu: Processor
    var instructionSet: String
  }

  @Test(arguments: ["int8", "float"])
  func json(precision: String) throws {
    let model = precision == "int8" ? try Models.int8() : try Models.float()
    let outcome = try fovea(
      "bench", model, "--json", "--threads", "2", "--warmup", "1", "--iterations", "5",
      environment: ["FOVEA_ISA": "portable"])
    let report: Report = try expectSuccess(outcome).json()
    #expect(report.model == model)
    #expect(report.precision == precision)
    #expect(report.threads == 2)
    #expect(report.iterations == 5)
    #expect(report.instructionSet == "portable")
    let times = report.milliseconds
    let ascending = [times.min, times.p10, times.median, times.p90, times.p99, times.max]
    #expect(ascending == ascending.sorted())
    #expect(times.min > 0)
    #expect(report.loadMilliseconds > 0)
    #expect(report.firstInferenceMilliseconds > 0)
    #expect((1_000_000..<1_000_000_000).contains(report.peakRssBytes))
    #expect(report.macs == 385_187_552)
    #expect(abs(report.gmacsPerSecond - Double(report.macs) / times.median / 1e6) < 0.01)
  }

  @Test func text() throws {
    let output = expectSuccess(try fovea("bench", Models.twoInputsTwoOutputs(), "--iterations", "1")).output
    for text in ["latency", "GMAC/s", "peak memory", "of 1 runs"] { #expect(output.contains(text), "\(text)") }
  }
}
