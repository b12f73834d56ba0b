import FoveaCore
import FoveaRuntime

extension ModelMetadata.Verification {
  /// Activations of a run that is worth its memory, which its outputs take a second time. A file of a few hundred bytes can ask for
  /// almost 1 GiB of them, the format's limit.
  private static let mostArenaBytes = 256 << 20

  /// Outputs that are worth the digest's time, which is 10 ns a byte.
  private static let mostOutputBytes = 64 << 20

  /// Elements of windows, multiplied or compared, that are worth a run's time: with one thread and portable kernels it is about a
  /// minute. A network of a few hundred bytes can ask for a thousand times as many.
  private static let mostWindowElements = 1 << 37

  /// What to record of a model; nil where its bits are not promised on every machine, or where a run would take too much memory or
  /// time.
  init?(of model: Model) {
    let program = model.program
    guard program.firstUnpromisedStep == nil, model.arenaBytes <= Self.mostArenaBytes,
      program.outputs.allSatisfy({ program.buffers[$0.buffer].byteCount <= Self.mostOutputBytes }),
      program.windowElements <= Self.mostWindowElements
    else { return nil }
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
