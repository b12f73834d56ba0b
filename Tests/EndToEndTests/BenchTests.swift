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
    var fileBytes, warmup: Int
    var inputs, outputs: [Port]
    var histogram: Histogram
    var memory: Memory
    var system: System
    var disturbance: Disturbance
    var energy: Energy?
    var profile: Profile?
    var instructionSets: [Row]?
  }

  private struct Port: Decodable {
    var name: String
    var shape: [Int]
  }

  private struct Histogram: Decodable {
    var low, high: Double
    var counts: [Int]
    var above: Int
  }

  private struct Memory: Decodable {
    var arenaBytes, lowerBoundBytes: Int
    var aliveBytes: [Int]
  }

  private struct System: Decodable {
    var operatingSystem, date, fovea: String
    var processors: Int
  }

  private struct Disturbance: Decodable {
    var firstThirdMedianMilliseconds, lastThirdMedianMilliseconds: Double?
    var involuntarySwitches: Int
    var seconds: Double
  }

  private struct Energy: Decodable {
    var method: String
    var sources: [String]
    var reason: String?
    var runs: Int
    var seconds: Double
    var joulesPerInference, watts: Double?
    var cpuSecondsPerInference: Double
  }

  private struct Profile: Decodable {
    struct Step: Decodable {
      var name, operation, kernel: String
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
    #expect(report.warmup == 1)
    #expect(report.histogram.counts.reduce(0, +) + report.histogram.above == 5)
    #expect(abs(report.histogram.low - times.min) < 0.001)
    #expect(report.memory.arenaBytes >= report.memory.lowerBoundBytes)
    #expect(report.memory.aliveBytes.max() == report.memory.lowerBoundBytes)
    #expect(report.inputs.map(\.shape) == [[1, 3, 224, 224]])
    #expect(report.outputs.map(\.name) == ["logits"])
    #expect(try contents(model).count == report.fileBytes)
    #expect(report.system.processors >= 1 && report.system.operatingSystem.hasPrefix("Linux"))
    #expect(report.system.date.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d UTC/) != nil)
    // Of five runs, thirds say nothing.
    #expect(report.disturbance.firstThirdMedianMilliseconds == nil)
    #expect(report.energy == nil && report.profile == nil && report.instructionSets == nil)
  }

  @Test func thirdsOfTheRuns() throws {
    let outcome = try fovea("bench", Models.twoInputsTwoOutputs(), "--json", "--iterations", "30")
    let report: Report = try expectSuccess(outcome).json()
    let (first, last) = (
      try #require(report.disturbance.firstThirdMedianMilliseconds),
      try #require(report.disturbance.lastThirdMedianMilliseconds)
    )
    let range = report.milliseconds.min...report.milliseconds.max
    #expect(range.contains(first) && range.contains(last))
  }

  /// Joules where the machine tells, and where it does not, the processor time and why.
  @Test func energy() throws {
    let outcome = try fovea(
      "bench", Models.twoInputsTwoOutputs(), "--json", "--energy", "--threads", "1", "--iterations", "1")
    let report: Report = try expectSuccess(outcome).json()
    let energy = try #require(report.energy)
    #expect(energy.seconds >= 1 && energy.runs > 1)
    // One thread has at most one second of processor time a second.
    #expect((0...1.05).contains(energy.cpuSecondsPerInference * Double(energy.runs) / energy.seconds))
    switch energy.method {
    case "powercap", "hwmon":
      let joules = try #require(energy.joulesPerInference)
      #expect(energy.reason == nil && !energy.sources.isEmpty)
      #expect(abs(joules * Double(energy.runs) / energy.seconds - (energy.watts ?? 0)) < 0.01)
    case "cpu-time": #expect(energy.joulesPerInference == nil && energy.reason?.isEmpty == false)
    default: Issue.record("\(energy.method)")
    }
    let text = expectSuccess(try fovea("bench", Models.twoInputsTwoOutputs(), "--energy", "--iterations", "1")).output
    #expect(text.contains("energy a run"))
  }

  @Test func text() throws {
    let output = expectSuccess(try fovea("bench", Models.twoInputsTwoOutputs(), "--iterations", "1")).output
    for text in ["latency", "GMAC/s", "peak memory", "of 1 runs"] { #expect(output.contains(text), "\(text)") }
  }

  /// One thread's, whatever --threads is: what it is set beside is what one can do. The trace has all.
  @Test(arguments: [("int8", 1), ("float", 2)])
  func profile(precision: String, threads: Int) throws {
    let model = precision == "int8" ? try Models.int8() : try Models.float()
    try withTemporaryFolder { folder in
      let trace = folder + "trace.json"
      let outcome = try fovea(
        "bench", model, "--json", "--profile", "--threads", "\(threads)", "--warmup", "1", "--iterations", "3",
        "--trace",
        trace)
      let report: Report = try expectSuccess(outcome).json()
      let profile = try #require(report.profile)
      #expect(report.threads == threads)
      #expect(profile.threads == 1)
      #expect(profile.peaks.int8GmacsPerSecond > 0.1)
      #expect(profile.peaks.copyGigabytesPerSecond > 0.1)
      #expect((profile.peaks.floatGmacsPerSecond != nil) == (precision == "float"))
      // Of a run as a whole: no step is left out, and padding counts as in ONNX.
      #expect(profile.steps.reduce(0) { $0 + $1.macs } == report.macs)
      #expect(abs(profile.steps.reduce(0) { $0 + $1.share } - 100) < 0.1)
      #expect(profile.steps.allSatisfy { !$0.name.isEmpty && $0.bytes > 0 && $0.percentOfPeak > 0 })

      #expect(profile.steps.contains { $0.kernel.hasPrefix(precision == "int8" ? "conv_u8s8 " : "conv_f32 ") })
      try expectTimeline(trace, steps: threads == 1 ? profile.steps.map(\.name) : nil, threads: threads)
    }
  }

  /// A row a thread: the parts of steps that it computed, and the waits between them, in turn.
  @Test func traceOfThreads() throws {
    try withTemporaryFolder { folder in
      let trace = folder + "trace.json"
      expectSuccess(try fovea("bench", Models.int8(), "--threads", "2", "--iterations", "1", "--trace", trace))
      try expectTimeline(trace, steps: nil, threads: 2)
      #expect(try names(in: folder) == ["trace.json"])
    }
  }

  /// More threads than one run can have: what ran is reported, and that it is less.
  @Test func moreThreadsThanPossible() throws {
    let outcome = try fovea(
      "bench", Models.twoInputsTwoOutputs(), "--json", "--threads", "99", "--warmup", "0", "--iterations", "1")
    let report: Report = try expectSuccess(outcome).json()
    #expect(report.threads == 56)
    #expect(outcome.errors.contains("warning: the runs had 56 of 99 threads"))
  }

  private func expectTimeline(_ path: String, steps: [String]?, threads: Int) throws {
    let timeline = try #require(try JSONSerialization.jsonObject(with: contents(path)) as? [String: Any])
    let events = try #require(timeline["traceEvents"] as? [[String: Any]])
    let rows = events.filter { $0["ph"] as? String == "M" }
    #expect(rows.map { $0["name"] as? String } == Array(repeating: "thread_name", count: threads))
    var computed: Set<Int> = []
    for thread in 1...threads {
      let bars = events.filter { $0["ph"] as? String == "X" && $0["tid"] as? Int == thread }
      let parts = bars.filter { $0["cat"] as? String != "wait" }
      // Two steps may run together.
      let names = parts.flatMap { ($0["name"] as? String ?? "").components(separatedBy: " + ") }
      if let steps { #expect(names == steps) }
      if threads == 1 { #expect(bars.count == parts.count) }
      for part in parts { computed.formUnion(try #require((part["args"] as? [String: Any])?["steps"] as? [Int])) }
      var end = 0.0
      for bar in bars {
        let (begin, duration) = (try #require(bar["ts"] as? Double), try #require(bar["dur"] as? Double))
        #expect(begin >= end - 0.002 && duration >= 0)
        end = begin + duration
      }
    }
    // Which thread computes what is a matter of chance, but all is computed.
    #expect(computed.count >= 50 && computed == Set(0..<computed.count))
  }

  /// The page is there whole, with a bar for every layer, and nothing else is.
  @Test func html() throws {
    try withTemporaryFolder { folder in
      let page = folder + "report.html"
      // A name that a page must not take for its own.
      let model = folder + "<script>alert(1)<&'\".fovea"
      try write(contents(Models.int8()), to: model)
      let outcome = try fovea(
        "bench", model, "--html", page, "--json", "--compare", "isa", "--threads", "1", "--warmup", "0", "--iterations",
        "2")
      let report: Report = try expectSuccess(outcome).json()
      let html = String(decoding: try contents(page), as: UTF8.self)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      #expect(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)&lt;&amp;&#39;&quot;.fovea"))
      // JSON has what the page was asked to show.
      let profile = try #require(report.profile)
      for step in profile.steps { #expect(html.contains(step.name)) }
      for heading in ["Latency", "Layers", "Instruction sets", "Memory of the activations", "Machine", "Model"] {
        #expect(html.contains("<h2>\(heading)</h2>"), "\(heading)")
      }
      #expect(
        html.components(separatedBy: "class=\"label\"").count - 1 == profile.steps.count
          + (report.instructionSets?.count ?? 0))
      #expect(html.contains("The same bits by every one."))
      #expect(try names(in: folder).count == 2)
      // Float's last bits are each instruction set's own.
      expectSuccess(
        try fovea("bench", Models.twoInputsTwoOutputs(), "--html", page, "--compare", "isa", "--iterations", "1"))
      let float = String(decoding: try contents(page), as: UTF8.self)
      #expect(float.contains("<h2>Instruction sets</h2>") && !float.contains("The same bits"))
    }
    let nowhere = "/no/such/folder/x.html"
    expectRefusal(try fovea("bench", Models.twoInputsTwoOutputs(), "--html", nowhere, "--iterations", "1"), 66, nowhere)
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
