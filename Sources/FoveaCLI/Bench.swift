import ArgumentParser
import Fovea

/// `fovea bench`: how long one inference takes.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measures a model's latency.",
    discussion: "Times runs of the network alone, without images, on inputs of fixed pseudorandom numbers.")

  private static let limit = 1_000_000

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Runs before measuring begins.")
  var warmup = 10

  @Option(help: "Runs that are measured.")
  var iterations = 100

  @Flag(help: "Write JSON.")
  var json = false

  func validate() throws {
    guard (0...Self.limit).contains(warmup) else {
      throw ValidationError("--warmup takes a number from 0 to \(Self.limit)")
    }
    guard (1...Self.limit).contains(iterations) else {
      throw ValidationError("--iterations takes a number from 1 to \(Self.limit)")
    }
  }

  func run() throws {
    let start = monotonicMilliseconds()
    let model = try Model(path: model)
    let session = try Session(model, threads: threads.count)
    let loaded = monotonicMilliseconds()
    for (index, input) in model.inputs.enumerated() {
      try session.setInput(index, to: pattern(count: input.count, seed: UInt64(index)))
    }
    let first = milliseconds { session.run() }
    for _ in 0..<warmup { session.run() }
    let latencies = (0..<iterations).map { _ in milliseconds { session.run() } }
    let report = BenchReport(
      model: model, session: session, latencies: Latencies(latencies), load: loaded - start, firstInference: first,
      iterations: iterations)
    if json { try writeJSON(report) } else { writeOutput(report.text) }
  }

  private func milliseconds(of body: () -> Void) -> Double {
    let start = monotonicMilliseconds()
    body()
    return monotonicMilliseconds() - start
  }

  /// Numbers in -1..<1, the same in every run: 8-bit kernels take the same time for all values, but zeros alone would
  /// hide what denormal or very sparse numbers cost in float.
  private func pattern(count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth's MMIX
      return Float(state >> 40) / Float(1 << 23) - 1
    }
  }
}

/// The distribution of measured times, in milliseconds.
struct Latencies: Encodable {
  var min: Double
  var p10: Double
  var median: Double
  var p90: Double
  var p99: Double
  var max: Double

  /// - Parameter times: at least one.
  init(_ times: [Double]) {
    let sorted = times.sorted()
    /// Between the two measured times around that share, in proportion.
    func percentile(_ share: Double) -> Double {
      let position = share * Double(sorted.count - 1)
      let below = Int(position)
      let above = Swift.min(below + 1, sorted.count - 1)
      return (sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))).rounded3
    }
    min = percentile(0)
    p10 = percentile(0.1)
    median = percentile(0.5)
    p90 = percentile(0.9)
    p99 = percentile(0.99)
    max = percentile(1)
  }
}

/// What `fovea bench` tells.
struct BenchReport: Encodable {
  struct Processor: Encodable {
    var name = CPU.current.name
    var features = CPU.current.features
  }

  var model: String
  var precision: String
  var threads: Int
  var iterations: Int
  var milliseconds: Latencies
  /// Opening the model and making the session.
  var loadMilliseconds: Double
  /// The first run, which touches weights and memory for the first time.
  var firstInferenceMilliseconds: Double
  var peakRSSBytes: Int
  var macs: Int
  var gmacsPerSecond: Double
  var cpu = Processor()
  var instructionSet: String

  private enum CodingKeys: String, CodingKey {
    case model, precision, threads, iterations, milliseconds, macs, cpu
    case loadMilliseconds = "load_milliseconds"
    case firstInferenceMilliseconds = "first_inference_milliseconds"
    case peakRSSBytes = "peak_rss_bytes"
    case gmacsPerSecond = "gmacs_per_second"
    case instructionSet = "instruction_set"
  }

  init(
    model: Model, session: Session, latencies: Latencies, load: Double, firstInference: Double, iterations: Int
  ) {
    self.model = model.name
    precision = model.precision.name
    threads = session.threads
    self.iterations = iterations
    milliseconds = latencies
    loadMilliseconds = load.rounded3
    firstInferenceMilliseconds = firstInference.rounded3
    peakRSSBytes = peakResidentBytes()
    macs = model.macs
    gmacsPerSecond = latencies.median > 0 ? (Double(model.macs) / latencies.median / 1e6).rounded3 : 0
    instructionSet = session.instructionSet.rawValue
  }

  var text: String {
    func time(_ value: Double) -> String { "\(decimal(value, places: 3)) ms" }
    return facts([
      ("model", "\(model) (\(precision))"),
      ("machine", "\(cpu.name.isEmpty ? "unknown processor" : cpu.name), \(instructionSet), threads: \(threads)"),
      ("load", time(loadMilliseconds)),
      ("first inference", time(firstInferenceMilliseconds)),
      ("latency, median", "\(time(milliseconds.median)) of \(iterations) runs"),
      (
        "latency, others",
        "min \(time(milliseconds.min)), p10 \(time(milliseconds.p10)), p90 \(time(milliseconds.p90)), "
          + "p99 \(time(milliseconds.p99)), max \(time(milliseconds.max))"
      ),
      ("speed", "\(decimal(gmacsPerSecond, places: 1)) GMAC/s (\(countText(macs))MAC a run)"),
      ("peak memory", byteText(peakRSSBytes)),
    ])
  }
}
