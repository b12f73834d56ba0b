import Foundation
import Testing

/// `fovea bench`.
@Suite struct BenchTests {
  private struct Milliseconds: Decodable {
    var min, p10, median, p90, p99, p999, max: Double
  }

  /// The keys that scripts rely on; there in snake_case.
  private struct Report: Decodable {
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
    var warnings: [String]
    var profile: Profile?
    var instructionSets: [Row]?
  }

  private struct Profile: Decodable {
    struct Step: Decodable {
      var name, operation: String
      var outputShape: [Int]
      var macs, bytes: Int
      var microseconds, share, gmacsPerSecond, gigabytesPerSecond, percentOfPeak: Double
    }

    struct Peaks: Decodable {
      var int8GmacsPerSecond, copyGigabytesPerSecond: Double
      var floatGmacsPerSecond: Double?
    }

    var threads: Int
    var peaks: Peaks
    var steps: [Step]
  }

  private struct Row: Decodable {
    var instructionSet: String
    var milliseconds: Milliseconds
    var gmacsPerSecond, ratio: Double
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
    let ascending = [times.min, times.p10, times.median, times.p90, times.p99, times.p999, times.max]
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

  @Test(arguments: ["int8", "float"])
  func profile(precision: String) throws {
    let model = precision == "int8" ? try Models.int8() : try Models.float()
    try withTemporaryFolder { folder in
      let trace = folder + "trace.json"
      let outcome = try fovea(
        "bench", model, "--json", "--profile", "--threads", "1", "--warmup", "1", "--iterations", "3", "--trace", trace)
      let report: Report = try expectSuccess(outcome).json()
      let profile = try #require(report.profile)
      #expect(profile.threads == 1)
      #expect(profile.peaks.int8GmacsPerSecond > 0.1)
      #expect(profile.peaks.copyGigabytesPerSecond > 0.1)
      #expect((profile.peaks.floatGmacsPerSecond != nil) == (precision == "float"))
      // Of a run as a whole: no step is left out, and padding counts as in ONNX.
      #expect(profile.steps.reduce(0) { $0 + $1.macs } == report.macs)
      #expect(abs(profile.steps.reduce(0) { $0 + $1.share } - 100) < 0.1)
      #expect(profile.steps.allSatisfy { !$0.name.isEmpty && $0.bytes > 0 && $0.percentOfPeak > 0 })

      let timeline = try #require(try JSONSerialization.jsonObject(with: contents(trace)) as? [String: Any])
      let events = try #require(timeline["traceEvents"] as? [[String: Any]])
      #expect(events.count == profile.steps.count)
      #expect(events.map { $0["name"] as? String } == profile.steps.map(\.name))
      #expect(events.allSatisfy { $0["ph"] as? String == "X" })
      let begins = events.compactMap { $0["ts"] as? Double }
      #expect(begins.count == events.count && begins == begins.sorted())
    }
  }

  @Test func compareInstructionSets() throws {
    let outcome = try fovea(
      "bench", Models.int8(), "--json", "--compare", "isa", "--threads", "1", "--warmup", "0", "--iterations", "2")
    let report: Report = try expectSuccess(outcome).json()
    let rows = try #require(report.instructionSets)
    #expect(rows.first?.instructionSet == "portable")
    #expect(rows.first?.ratio == 1)
    #expect(Set(rows.map(\.instructionSet)).count == rows.count)
    #expect(rows.allSatisfy { $0.milliseconds.p10 <= $0.milliseconds.p90 && $0.gmacsPerSecond > 0 })
    let nowhere = "/no/such/folder/x.json"
    expectRefusal(try fovea("bench", Models.int8(), "--trace", nowhere, "--iterations", "1"), 66, nowhere)
  }

  @Test func tables() throws {
    let output = expectSuccess(
      try fovea("bench", Models.twoInputsTwoOutputs(), "--profile", "--compare", "isa", "--iterations", "2")
    ).output
    for text in ["p99.9", "of peak", "GB/s", "times portable", "portable "] {
      #expect(output.contains(text), "\(text)")
    }
  }
}
