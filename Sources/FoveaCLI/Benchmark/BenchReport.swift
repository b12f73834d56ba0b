import Fovea

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
  /// What may have falsified the times.
  var warnings: [String] = []
  var profile: Profile?
  /// Slowest first.
  var instructionSets: [InstructionSetRow]?

  private enum CodingKeys: String, CodingKey {
    case model, precision, threads, iterations, milliseconds, macs, cpu, warnings, profile
    case loadMilliseconds = "load_milliseconds"
    case firstInferenceMilliseconds = "first_inference_milliseconds"
    case peakRSSBytes = "peak_rss_bytes"
    case gmacsPerSecond = "gmacs_per_second"
    case instructionSet = "instruction_set"
    case instructionSets = "instruction_sets"
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
    gmacsPerSecond = latencies.gmacsPerSecond(model.macs)
    instructionSet = session.instructionSet.rawValue
  }

  var text: String {
    func time(_ value: Double) -> String { "\(decimal(value, places: 3)) ms" }
    let summary = facts([
      ("model", "\(model) (\(precision))"),
      ("machine", "\(cpu.name.isEmpty ? "unknown processor" : cpu.name), \(instructionSet), threads: \(threads)"),
      ("load", time(loadMilliseconds)),
      ("first inference", time(firstInferenceMilliseconds)),
      ("latency, median", "\(time(milliseconds.median)) of \(iterations) runs"),
      (
        "latency, others",
        "min \(time(milliseconds.min)), p10 \(time(milliseconds.p10)), p90 \(time(milliseconds.p90)), "
          + "p99 \(time(milliseconds.p99)), p99.9 \(time(milliseconds.p999)), max \(time(milliseconds.max))"
      ),
      ("speed", "\(decimal(gmacsPerSecond, places: 1)) GMAC/s (\(countText(macs))MAC a run)"),
      ("peak memory", byteText(peakRSSBytes)),
    ])
    let tables = [profile?.text, instructionSets.map(InstructionSetRow.table)].compactMap(\.self)
    return ([summary] + tables).joined(separator: "\n")
  }
}
