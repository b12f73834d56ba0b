import ArgumentParser
import Fovea
import FoveaConvert

/// `fovea verify`: whether a model's file and this machine's kernels are as they should be.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks a model's file, and that this CPU computes the same bits with every instruction set.",
    discussion: """
      Compares the file with its checksums; runs the model on pseudorandom inputs with the portable kernels and compares the \
      outputs with the SHA-256 that the conversion recorded; then does the same with every instruction set of this CPU on \
      one and two threads, whatever FOVEA_ISA says, and names the first step whose bits differ. The exit status is 65 where \
      anything does.
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @Flag(help: "Write JSON.")
  var json = false

  func run() throws {
    let report = try VerificationReport(Model(path: model, verifying: .everything))
    if json { try writeJSON(report) } else { writeOutput(report.text) }
    let differences = report.differences
    guard differences == 0 else {
      throw Failure(.badData, "\(model): \(differences) of \(report.runs.count + 1) comparisons differ")
    }
  }
}

/// What `verify` tells.
struct VerificationReport: Encodable {
  /// The outputs of the portable kernels beside what the conversion recorded.
  struct Digest: Encodable {
    var seed: Int
    var runs: Int
    var sha256: String
    /// Nil where the file records none.
    var recorded: String?
    /// Why it records none.
    var reason: String?

    var text: String {
      guard let recorded else { return "none, because \(reason ?? "")" }
      return recorded == sha256
        ? "same, SHA-256 \(sha256) for inputs of seed \(seed)"
        : "differs: the conversion recorded \(recorded), the portable kernels compute \(sha256)"
    }
  }

  /// One instruction set on some threads.
  struct Run: Encodable {
    /// The first step whose output has other bits.
    struct Step: Encodable {
      var number: Int
      /// The node's name in the ONNX file.
      var layer: String
      var operation: String
    }

    var instructionSet: String
    var threads: Int
    var sameBits: Bool
    var firstDifference: Step?

    private enum CodingKeys: String, CodingKey {
      case threads
      case instructionSet = "instruction_set"
      case sameBits = "same_bits"
      case firstDifference = "first_difference"
    }

    var text: String {
      if sameBits { return "same bits" }
      guard let step = firstDifference else { return "differs in the outputs, but in no step alone: a race of threads" }
      return "differs first in step \(step.number), \(step.layer): \(step.operation)"
    }
  }

  var model: String
  var precision: String
  /// Of structure and weights; a file whose checksums are wrong is refused before there is a report.
  var checksums = "same"
  var digest: Digest
  var runs: [Run]

  /// - Throws: `FoveaError` where the file is not a sound model, `Failure` where its metadata asks for the impossible.
  init(_ model: Model) throws {
    try model.verifyContents()
    self.model = model.name
    precision = model.precision.name
    let metadata = ModelMetadata(inHeader: model.json)
    let recorded = metadata?.verification
    guard let inputs = recorded.map(\.inputs) ?? .recorded else {
      throw Failure(
        .badData, "\(model.name): its digest is of \(recorded?.runs ?? 0) runs; a converter records 1 to 100")
    }
    func layer(_ index: Int) -> LayerReport {
      let names = metadata?.steps ?? []
      return model.program.layer(index, name: names.indices.contains(index) ? names[index] : "")
    }
    let reference = model.referenceTrace(inputs)
    digest = Digest(seed: inputs.seed, runs: inputs.runs, sha256: reference.sha256, recorded: recorded?.sha256)
    if recorded == nil {
      digest.reason =
        model.program.firstUnpromisedStep.map {
          "float steps are not promised bit for bit, of which step \($0), \(layer($0).name), is the first"
        } ?? "the converter did not record it"
    }
    runs = []
    for set in InstructionSet.available {
      for threads in [1, 2] {
        let found = try model.difference(from: reference, inputs, instructionSet: set, threads: threads)
        var run = Run(instructionSet: set.rawValue, threads: threads, sameBits: found == nil)
        if case .step(let index) = found {
          let layer = layer(index)
          run.firstDifference = Run.Step(number: index, layer: layer.name, operation: layer.operation)
        }
        runs.append(run)
      }
    }
  }

  /// Comparisons that came out badly.
  var differences: Int {
    runs.count { !$0.sameBits } + (digest.recorded.map { $0 != digest.sha256 } == true ? 1 : 0)
  }

  var text: String {
    facts(
      [("model", "\(model) (\(precision))"), ("checksums", "right"), ("recorded digest", digest.text)]
        + runs.map { ("\($0.instructionSet), \($0.threads) \($0.threads == 1 ? "thread" : "threads")", $0.text) })
  }
}
