import FoveaCore
import FoveaKernels

/// What must not be.
package enum VerificationFault: Equatable, Sendable {
  /// The first step whose output has other bits than are promised.
  case step(Int)
  /// The first float step that is further from the portable kernels' than rounding explains, by so much of its largest value.
  case floatStep(Int, by: Double)
  /// The first step whose bits depend on how many threads share it.
  case threads(step: Int)
  /// The outputs have other bits, though each step alone has the same: threads got in each other's way.
  case outputs
}

/// How some kernels compute a model on some threads, beside the portable ones on one.
package struct VerificationResult: Equatable, Sendable {
  /// Nil where all is as it should be.
  package var fault: VerificationFault?
  /// Whether every step has the portable kernels' bits. Where a step's bits are not promised, it need not.
  package var hasSameBits: Bool
  /// Of steps whose bits are not promised, each given the same inputs: the largest difference, in parts of the step's largest value.
  /// Nil where all bits are promised.
  package var stepDifference: Double?
  /// How far the outputs of whole runs are apart, in parts of an output's largest value. In a model of float and 8-bit steps a
  /// difference in the last bit can become one of an 8-bit step, and is no fault. Nil as before.
  package var outputDifference: Double?
}

extension Model {
  /// How an instruction set of this CPU computes the model, one result for each number of threads. Sessions run too, as in apps; but
  /// matrices that the network computes are multiplied by the portable code there, because OpenBLAS's bits depend on how many
  /// threads share the rows. Its products are among the steps that are compared.
  ///
  /// - Throws: `FoveaError.instructionSet`.
  package func verify(
    _ set: InstructionSet, threads counts: [Int], against reference: ExecutionTrace, _ inputs: VerificationInputs
  ) throws(FoveaError) -> [VerificationResult] {
    try verify(set.stepKernels, threads: counts, against: reference, inputs) { threads throws(FoveaError) in
      let session = try unsafe Session(self, threads: threads, instructionSet: set, sgemm: fovea_sgemm_portable)
      return outputs(of: session, inputs)
    }
  }

  /// The same for any kernels, without sessions.
  package func verify(
    _ kernels: StepKernels, threads counts: [Int], against reference: ExecutionTrace, _ inputs: VerificationInputs
  ) -> [VerificationResult] {
    verify(kernels, threads: counts, against: reference, inputs) { _ in nil }
  }

  /// - Parameter sessionOutputs: what a session on so many threads computes; nil where there is none.
  private func verify<E: Error>(
    _ kernels: StepKernels, threads counts: [Int], against reference: ExecutionTrace, _ inputs: VerificationInputs,
    sessionOutputs: (_ threads: Int) throws(E) -> [UInt8]?
  ) throws(E) -> [VerificationResult] {
    let isPromised = program.firstUnpromisedStep == nil
    var results: [VerificationResult] = []
    var (first, steps): (ExecutionTrace?, StepComparison?)
    for threads in counts {
      let trace = ExecutionTrace(program, inputs, kernels: kernels, parts: threads)
      let difference = trace.firstDifference(from: reference)
      var result = VerificationResult(hasSameBits: difference == nil)
      if isPromised {
        result.fault = difference.map { .step($0) }
      } else {
        if steps == nil, difference != nil || program.needsSgemm {
          steps = StepComparison(program, inputs, kernels: kernels, parts: counts.max() ?? 1)
        }
        result.stepDifference = steps?.largest ?? 0
        result.outputDifference = outputDifference(of: trace, from: reference)
        if result.stepDifference != 0 { result.hasSameBits = false }
        result.fault =
          steps?.fault ?? first.flatMap { trace.firstDifference(from: $0) }.map { .threads(step: $0) }
      }
      if result.fault == nil, let outputs = try sessionOutputs(threads), outputs != trace.outputs {
        result.fault = .outputs
      }
      results.append(result)
      first = first ?? trace
    }
    return results
  }

  private func outputs(of session: Session, _ inputs: VerificationInputs) -> [UInt8] {
    var outputs: [UInt8] = []
    unsafe inputs.forEachRun { fill in
      for port in program.inputs {
        unsafe fill(session.bytes(ofBuffer: port.buffer), program.buffers[port.buffer].type)
      }
      session.run()
      for port in program.outputs { unsafe outputs += session.bytes(ofBuffer: port.buffer) }
    }
    return outputs
  }

  private func outputDifference(of trace: ExecutionTrace, from reference: ExecutionTrace) -> Double {
    unsafe trace.outputs.withUnsafeBytes { found in
      unsafe reference.outputs.withUnsafeBytes { expected in
        var (difference, offset) = (0.0, 0)
        while offset < expected.count {
          for port in program.outputs {
            let buffer = program.buffers[port.buffer]
            let bytes = offset..<(offset + buffer.byteCount)
            difference = unsafe max(
              difference,
              relativeDifference(.init(rebasing: found[bytes]), from: .init(rebasing: expected[bytes]), of: buffer))
            offset = bytes.upperBound
          }
        }
        return difference
      }
    }
  }
}
