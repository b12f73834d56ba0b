import Fovea
import FoveaConvert

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

  var model: String
  var precision: String
  /// Of structure and weights; a file whose checksums are wrong is refused before there is a report.
  var checksums = "same"
  var digest: Digest
  var runs: [VerificationRun]

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
    // The portable kernels take minutes for a large float network.
    let bar = ProgressBar("comparing instruction sets")
    defer { bar.clear() }
    let sets = InstructionSet.available
    bar.show(0, of: sets.count + 1)
    let reference = model.referenceTrace(inputs)
    digest = Digest(seed: inputs.seed, runs: inputs.runs, sha256: reference.sha256, recorded: recorded?.sha256)
    if recorded == nil {
      digest.reason =
        model.program.firstUnpromisedStep.map {
          "float steps are not promised bit for bit, of which step \($0), \(layer($0).name), is the first"
        } ?? "the converter did not record it"
    }
    runs = []
    for (done, set) in sets.enumerated() {
      bar.show(done + 1, of: sets.count + 1)
      let counts = [1, 2]
      let results = try model.verify(set, threads: counts, against: reference, inputs)
      for (threads, result) in zip(counts, results) {
        runs.append(VerificationRun(set, threads: threads, result, of: model.precision, layer: layer))
      }
    }
  }

  /// Comparisons that came out badly.
  var differences: Int {
    runs.count { !$0.isRight } + (digest.recorded.map { $0 != digest.sha256 } == true ? 1 : 0)
  }

  var text: String {
    facts(
      [("model", "\(model) (\(precision))"), ("checksums", "right"), ("recorded digest", digest.text)]
        + runs.map { ("\($0.instructionSet), \($0.threads) \($0.threads == 1 ? "thread" : "threads")", $0.text) })
  }
}
