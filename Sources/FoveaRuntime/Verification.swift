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
  func forEachRun(
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

  /// Runs step by step on the caller's thread, each step in `parts` as that many threads would share it. Matrices that the network
  /// computes are multiplied by the portable code, whose bits do not depend on a library, nor on the parts.
  package init(_ program: Program, _ inputs: VerificationInputs, kernels: StepKernels, parts: Int) {
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

extension Model {
  /// What the definition of every bit, the portable kernels on one thread, computes.
  package func referenceTrace(_ inputs: VerificationInputs) -> ExecutionTrace {
    ExecutionTrace(program, inputs, kernels: .portable, parts: 1)
  }
}

extension Program {
  /// The first step whose bits are not promised on every machine. Nil where every bit of the outputs is promised.
  package var firstUnpromisedStep: Int? { steps.firstIndex { !isPromised($0) } }

  /// Whether a step's bits are the same on every machine, given the same inputs. They are not where float arithmetic of more than
  /// one rounding an element is done, which libraries (BLAS, expf) and compilers may do in other ways.
  func isPromised(_ step: Step) -> Bool {
    switch step {
    case .convolutionU8, .depthwiseU8, .addU8, .multiplyU8, .tableU8, .channelTablesU8, .padU8, .copy, .fill,
      .quantize, .dequantize:
      true
    case .maxPool(let step), .averagePool(let step): buffers[step.output].type != .f32
    case .resample(let step): buffers[step.output].type != .f32
    case .convolutionF32, .depthwiseF32, .matMulF32, .unaryF32, .binaryF32, .softmaxF32, .meanF32,
      .reduceF32, .normalizeF32:
      false
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
