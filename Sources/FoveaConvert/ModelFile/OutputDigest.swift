import FoveaCore
import FoveaRuntime

extension ModelMetadata.Verification {
  /// Activations of a run that is worth its memory, which its outputs take a second time. A file of a few hundred bytes can ask for
  /// almost 1 GiB of them, the format's limit.
  private static let mostArenaBytes = 256 << 20

  /// What to record of a model; nil where its bits are not promised on every machine, or where a run would take too much memory.
  init?(of model: Model) {
    guard model.program.firstUnpromisedStep == nil, model.arenaBytes <= Self.mostArenaBytes else { return nil }
    let inputs = VerificationInputs.recorded
    self.init(seed: inputs.seed, runs: inputs.runs, sha256: model.referenceTrace(inputs).sha256)
  }

  /// The inputs that the digest is of; nil where no converter asks for so many runs.
  package var inputs: VerificationInputs? {
    (1...100).contains(runs) ? VerificationInputs(seed: seed, runs: runs) : nil
  }
}

extension ExecutionTrace {
  /// SHA-256 of the outputs, in hexadecimal.
  package var sha256: String {
    unsafe outputs.withUnsafeBytes { unsafe FoveaConvert.sha256($0) }
  }
}
