import Fovea
import FoveaConvert

/// What `fovea bench` tells.
struct BenchReport: Encodable {
  struct Processor: Encodable {
    var name = CPU.current.name
    var features = CPU.current.features
  }

  var model: String
  var precision: String
  var fileBytes: Int
  var inputs: [PortReport]
  var outputs: [PortReport]
  /// Where the model came from, if the file says so.
  var provenance: ModelMetadata?
  var threads: Int
  /// Runs before those that were measured.
  var warmup: Int
  var iterations: Int
  var milliseconds: Latencies
  var histogram: HistogramBins
  /// Opening the model and making the session.
  var loadMilliseconds: Double
  /// The first run, which touches weights and memory for the first time.
  var firstInferenceMilliseconds: Double
  var peakRSSBytes: Int
  var memory: MemoryReport
  var macs: Int
  var gmacsPerSecond: Double
  var cpu = Processor()
  var system = SystemFacts()
  var instructionSet: String
  var disturbance: Disturbance
  /// What may have falsified the times.
  var warnings: [String]
  var energy: Energy?
  var profile: Profile?
  /// Slowest first.
  var instructionSets: [InstructionSetRow]?
  /// Whether every instruction set computes the same bits.
  let bitsArePromised: Bool
  /// Of the measured runs, in milliseconds, in their order; JSON has the histogram instead.
  let times: [Double]

  private enum CodingKeys: String, CodingKey {
    case model, precision, inputs, outputs, provenance, threads, warmup, iterations, milliseconds, histogram, memory,
      macs
    case cpu, system, disturbance, warnings, energy, profile
    case fileBytes = "file_bytes"
    case loadMilliseconds = "load_milliseconds"
    case firstInferenceMilliseconds = "first_inference_milliseconds"
    case peakRSSBytes = "peak_rss_bytes"
    case gmacsPerSecond = "gmacs_per_second"
    case instructionSet = "instruction_set"
    case instructionSets = "instruction_sets"
  }

  /// - Parameters:
  ///   - times: of the measured runs, in milliseconds; at least one.
  ///   - load: milliseconds.
  ///   - firstInference: milliseconds.
  init(
    session: Session, times: [Double], warmup: Int, disturbance: Disturbance, load: Double, firstInference: Double,
    peakRSSBytes: Int
  ) {
    let facts = ModelReport(session.model)
    model = facts.file
    precision = facts.precision
    fileBytes = facts.fileBytes
    inputs = facts.inputs
    outputs = facts.outputs
    provenance = facts.provenance
    threads = session.threads
    self.warmup = warmup
    iterations = times.count
    milliseconds = Latencies(times)
    histogram = HistogramBins(times)
    loadMilliseconds = load.rounded3
    firstInferenceMilliseconds = firstInference.rounded3
    self.peakRSSBytes = peakRSSBytes
    memory = MemoryReport(session.model)
    macs = facts.macs
    gmacsPerSecond = milliseconds.gmacsPerSecond(facts.macs)
    instructionSet = session.instructionSet.rawValue
    self.disturbance = disturbance
    warnings = disturbance.warnings
    bitsArePromised = session.model.program.firstUnpromisedStep == nil
    self.times = times
  }

  /// "AMD EPYC".
  var processor: String { cpu.name.isEmpty ? "unknown processor" : cpu.name }

  var text: String {
    func time(_ value: Double) -> String { "\(decimal(value, places: 3)) ms" }
    var lines = [
      ("model", "\(model) (\(precision))"),
      ("machine", "\(processor), \(instructionSet), threads: \(threads)"),
      ("load", time(loadMilliseconds)),
      ("first inference", time(firstInferenceMilliseconds)),
      ("latency, median", "\(time(milliseconds.median)) of \(iterations) runs after \(warmup) to warm up"),
      (
        "latency, others",
        "min \(time(milliseconds.min)), p10 \(time(milliseconds.p10)), p90 \(time(milliseconds.p90)), "
          + "p99 \(time(milliseconds.p99)), p99.9 \(time(milliseconds.p999)), max \(time(milliseconds.max))"
      ),
      ("speed", "\(decimal(gmacsPerSecond, places: 1)) GMAC/s (\(countText(macs))MAC a run)"),
      ("peak memory", byteText(peakRSSBytes)),
      ("activations", memory.text),
    ]
    if let energy { lines.append(("energy a run", "\(energy.perInference) (\(energy.origin))")) }
    let tables = [profile?.text, instructionSets.map(InstructionSetRow.table)].compactMap(\.self)
    return ([facts(lines)] + tables).joined(separator: "\n")
  }
}
