import ArgumentParser
import Fovea

/// `fovea bench`: how long one inference takes.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures a model's latency.",
    discussion: """
      Times runs of the network alone, without images, on inputs of fixed pseudorandom numbers. What may have falsified the \
      times, a clock that changed or other programs, is said on standard error. docs/BENCHMARKING.md says what each number \
      means.
      """)

  /// What --compare sets side by side.
  enum Comparison: String, CaseIterable, ExpressibleByArgument {
    case isa
  }

  private static let limit = 1_000_000

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @OptionGroup var threads: ThreadOptions

  @Option(help: "Runs before measuring begins.")
  var warmup = 10

  @Option(help: "Runs that are measured.")
  var iterations = 100

  @Flag(help: "Measure each step too, on one thread whatever --threads is, and set it beside what one can do here.")
  var profile = false

  @Option(help: "Measure every instruction set of this CPU too, in turns.")
  var compare: Comparison?

  @Option(
    help: ArgumentHelp("Write one run's steps as a trace for ui.perfetto.dev.", valueName: "out.json"),
    completion: .file(extensions: ["json"]))
  var trace: String?

  @Flag(help: "Measure the energy of a run too, or where the machine does not tell, the processor time.")
  var energy = false

  @Option(
    help: ArgumentHelp("Write a page for a browser, with --profile's measurements.", valueName: "report.html"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Write JSON, with all that any option prints.")
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
    try checkTargets([html, trace].compactMap(\.self), reading: [self.model])
    let start = monotonicMilliseconds()
    let model = try Model(path: model)
    let session = try Session(model, threads: threads.count)
    let loaded = monotonicMilliseconds()
    try setInputs(of: session)
    let first = milliseconds { session.run() }
    // Measuring the peaks takes memory of its own; runs after the first take none.
    let peakMemory = peakResidentBytes()
    let peaks = profile || html != nil ? Profile.peaks(for: session) : nil
    for _ in 0..<warmup { session.run() }
    let switches = Disturbance.involuntarySwitchesSoFar()
    let times = (0..<iterations).map { _ in milliseconds { session.run() } }
    let disturbance = Disturbance(times, involuntarySwitches: Disturbance.involuntarySwitchesSoFar() - switches)
    var report = BenchReport(
      session: session, times: times, warmup: warmup, disturbance: disturbance, load: loaded - start,
      firstInference: first, peakRSSBytes: peakMemory)
    if let note = threads.note(running: session.threads) { report.warnings.append(note) }
    if energy { report.energy = Energy(session) }
    if let peaks {
      report.profile = try Profile(model, iterations: iterations, peaks: peaks, prepare: setInputs)
    }
    if let trace { try ExecutionTimeline(session).write(to: trace) }
    if compare == .isa {
      report.instructionSets = try InstructionSetRow.compare(
        model, threads: threads.count, iterations: iterations, prepare: setInputs)
    }
    if let html { try report.page.write(to: html) }
    for warning in report.warnings { writeError("warning: \(warning)\n") }
    if json { try writeJSON(report) } else { writeOutput(report.text) }
  }

  private func setInputs(of session: Session) throws(FoveaError) {
    for (index, input) in session.model.inputs.enumerated() {
      try session.setInput(index, to: pattern(count: input.count, seed: UInt64(index)))
    }
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
