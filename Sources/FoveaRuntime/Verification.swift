import FoveaCore
import FoveaKernels

/// Pseudorandom inputs for comparing machines, instruction sets and threads: SplitMix64 (Steele, Lea, Flood 2014) from a seed,
/// one draw an element in the order of the buffers; docs/MODEL_FORMAT.md says it in full.
package struct VerificationInputs: Equatable, Sendable {
  /// What `fovea convert` records.
  package static let recorded = VerificationInputs(seed: 1, runs: 1)

  package let seed: Int
  /// Runs, each with inputs of its own.
  package let runs: Int

  package init(seed: Int, runs: Int) {
    self.seed = seed
    self.runs = runs
  }

  /// Calls `body` for each run with a function that fills the next input.
  fileprivate func forEachRun(
    _ body: ((_ input: UnsafeMutableRawBufferPointer, _ type: BufferElement) -> Void) -> Void
  ) {
    var random = SplitMix64(seed: UInt64(truncatingIfNeeded: seed))
    for _ in 0..<runs {
      unsafe body { input, type in
        for offset in stride(from: 0, to: input.count, by: type.size) {
          switch type {
          case .u8: unsafe input[offset] = UInt8(random.next() >> 56)
          case .f32:
            let value = Float(random.next() >> 40) / Float(1 << 23) - 1
            unsafe input.storeBytes(of: value, toByteOffset: offset, as: Float.self)
          }
        }
      }
    }
  }
}

/// What a model's steps computed from `VerificationInputs`.
package struct ExecutionTrace: Sendable {
  /// A hash of what each step wrote, run after run.
  private var hashes: [UInt64] = []
  private let stepCount: Int
  /// The bytes of all output buffers, run after run.
  package private(set) var outputs: [UInt8] = []

  /// Runs step by step on the caller's thread, each step in `parts` as that many threads would share it. Float matrices are
  /// multiplied by the portable code, whose bits do not depend on a library.
  package init(_ program: Program, _ inputs: VerificationInputs, kernels: fovea_int8_kernels, parts: Int) {
    stepCount = program.steps.count
    let executor = unsafe Executor(program: program, kernels: kernels, sgemm: fovea_sgemm_portable)
    unsafe inputs.forEachRun { fill in
      for port in program.inputs {
        unsafe fill(executor.bytes(of: port.buffer), program.buffers[port.buffer].type)
      }
      for (index, step) in program.steps.enumerated() {
        for part in 0..<parts { executor.run(step: index, part: part, of: parts) }
        let writes = step.buffers.writes
        hashes.append(writes.first.map { unsafe hash(executor.bytes(of: $0)) } ?? 0)
        // How scratch was used depends on the parts, and no later step reads it: it must not be seen in buffers that
        // take its place.
        for scratch in writes.dropFirst() {
          _ = unsafe executor.bytes(of: scratch).initializeMemory(as: UInt8.self, repeating: 0)
        }
      }
      for port in program.outputs { unsafe outputs += executor.bytes(of: port.buffer) }
    }
  }

  /// The number of the first step that wrote something else.
  func firstDifference(from reference: ExecutionTrace) -> Int? {
    zip(hashes, reference.hashes).enumerated().first { $1.0 != $1.1 }.map { $0.offset % stepCount }
  }
}

/// How a run differs from the portable kernels' of the same model.
package enum VerificationDifference: Equatable, Sendable {
  /// The first step whose output has other bits.
  case step(Int)
  /// The outputs have other bits, though each step alone has the same: threads got in each other's way.
  case outputs
}

extension Model {
  /// What the definition of every bit, the portable kernels on one thread, computes.
  package func referenceTrace(_ inputs: VerificationInputs) -> ExecutionTrace {
    unsafe ExecutionTrace(program, inputs, kernels: fovea_int8_portable, parts: 1)
  }

  /// How some kernels differ from the reference when `threads` share every step; nil where they do not.
  package func difference(
    from reference: ExecutionTrace, _ inputs: VerificationInputs, kernels: fovea_int8_kernels, threads: Int
  ) -> VerificationDifference? {
    unsafe ExecutionTrace(program, inputs, kernels: kernels, parts: threads).firstDifference(from: reference)
      .map { .step($0) }
  }

  /// The same for an instruction set of this CPU, and for a session as apps run it, where it promises its bits.
  ///
  /// - Throws: `FoveaError.instructionSet`.
  package func difference(
    from reference: ExecutionTrace, _ inputs: VerificationInputs, instructionSet: InstructionSet, threads: Int
  ) throws(FoveaError) -> VerificationDifference? {
    let session = try Session(self, threads: threads, instructionSet: instructionSet)
    if let found = unsafe difference(from: reference, inputs, kernels: instructionSet.kernels, threads: threads) {
      return found
    }
    guard program.firstUnpromisedStep == nil else { return nil }
    var outputs: [UInt8] = []
    unsafe inputs.forEachRun { fill in
      for port in program.inputs {
        unsafe fill(session.bytes(ofBuffer: port.buffer), program.buffers[port.buffer].type)
      }
      session.run()
      for port in program.outputs { unsafe outputs += session.bytes(ofBuffer: port.buffer) }
    }
    return outputs == reference.outputs ? nil : .outputs
  }
}

extension Program {
  /// The first step whose bits are not promised on every machine: float arithmetic of more than one rounding an element,
  /// which libraries (BLAS, expf) and compilers may do in other ways. Nil where every bit of the outputs is promised.
  package var firstUnpromisedStep: Int? {
    steps.firstIndex { step in
      switch step {
      case .convolutionU8, .depthwiseU8, .addU8, .multiplyU8, .tableU8, .channelTablesU8, .padU8, .copy, .fill,
        .quantize, .dequantize:
        false
      case .maxPool(let step), .averagePool(let step): buffers[step.output].type == .f32
      case .resample(let step): buffers[step.output].type == .f32
      case .convolutionF32, .depthwiseF32, .matMulF32, .unaryF32, .binaryF32, .softmaxF32, .meanF32,
        .reduceF32, .normalizeF32:
        true
      }
    }
  }
}

/// Sees every change of a single word, and others with a probability of 1 - 2^-64.
private func hash(_ bytes: UnsafeMutableRawBufferPointer) -> UInt64 {
  var hash: UInt64 = 0
  func add(_ word: UInt64) {
    hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 29
  }
  let words = bytes.count / 8
  for word in 0..<words { add(unsafe bytes.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)) }
  for offset in (words * 8)..<bytes.count { add(unsafe UInt64(bytes[offset])) }
  return hash
}
