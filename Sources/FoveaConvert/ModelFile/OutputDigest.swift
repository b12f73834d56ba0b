import FoveaCore
import FoveaRuntime

extension ModelMetadata.Verification {
  /// What to record of a model; nil where its bits are not promised on every machine.
  init?(of model: Model) {
    guard model.program.firstUnpromisedStep == nil else { return nil }
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
