import FoveaCore
import FoveaKernels

/// One running copy of a model: the memory of its activations, its threads, and kernels chosen for this CPU.
///
/// A session is for one caller at a time; give each thread of an app its own. Nothing is allocated after `init`.
///
///     let session = try Session(model, threads: 2)
///     try session.setInput(0, to: pixels)   // the ONNX network's shape: NCHW
///     session.run()
///     let logits = try session.output(0)
public final class Session {
  public let model: Model
  public let instructionSet: InstructionSet
  let executor: Executor
  let pool: ThreadPool
  let work: ThreadPool.Work
  /// The steps that `work` runs, one or two at a time.
  var units: [Range<Int>] { executor.units }

  /// Plans the model for this machine.
  ///
  /// - Parameters:
  ///   - threads: how many share the work, the caller's own among them.
  ///   - instructionSet: nil takes `FOVEA_ISA`'s, or the best of this CPU.
  /// - Throws: `FoveaError.instructionSet`.
  public convenience init(
    _ model: Model, threads: Int = 1, instructionSet: InstructionSet? = nil
  ) throws(FoveaError) {
    let sgemm = unsafe model.program.needsSgemm ? BLAS.sgemm : fovea_sgemm_portable
    try unsafe self.init(model, threads: threads, instructionSet: instructionSet, sgemm: sgemm)
  }

  /// The same with another multiplication of matrices that the network computes.
  init(
    _ model: Model, threads: Int, instructionSet: InstructionSet?, sgemm: @escaping fovea_sgemm_function
  ) throws(FoveaError) {
    let set: InstructionSet
    if let instructionSet { set = instructionSet } else { set = try InstructionSet.fromEnvironment() }
    guard InstructionSet.available.contains(set) else {
      throw .instructionSet(name: set.rawValue, available: InstructionSet.available.map(\.rawValue))
    }
    let pool = ThreadPool(threads: threads)
    let executor = unsafe Executor(
      program: model.program, kernels: set.kernels, floatKernels: set.floatKernels, sgemm: sgemm,
      threads: pool.threads)
    // The pool orders all accesses to the executor's memory: hence nonisolated(unsafe).
    nonisolated(unsafe) let shared = executor
    let units = executor.units
    let parts = model.program.parts(of: units, threads: pool.threads, most: ThreadPool.maximumParts)
    work = ThreadPool.Work(parts: parts) { unit, part, thread in
      unsafe shared.run(unit: units[unit], part: part, of: parts[unit], thread: thread)
    }
    self.model = model
    self.instructionSet = set
    self.pool = pool
    self.executor = executor
  }

  /// The most threads that share one session's work: the parts of a step, claimed without a lock, are bits of one word.
  public static let maximumThreads = ThreadPool.maximumParts

  /// Threads that share the work, the caller's own among them: fewer than were asked for where those were more than
  /// `maximumThreads`, or the system started fewer.
  public var threads: Int { pool.threads }

  /// Computes the outputs from the inputs.
  public func run() {
    pool.run(work)
  }

  /// Computes the outputs as `run` does, and calls `observe`, on the caller's thread, with each step's number once what the step
  /// writes is there.
  package func run(observing observe: (Int) -> Void) {
    let threads = pool.threads
    // As in `init`.
    nonisolated(unsafe) let shared = executor
    for step in unsafe 0..<shared.stepCount {
      // Each part has the memory of a thread of its own, whichever thread computes it.
      pool.run { part in unsafe shared.run(step: step, part: part, of: threads, thread: part) }
      observe(step)
    }
  }

  /// The memory of a buffer: an input's before a run, an output's after it.
  package func bytes(ofBuffer buffer: Int) -> UnsafeMutableRawBufferPointer {
    unsafe executor.bytes(of: buffer)
  }

  /// Sets an input from values in the source network's order (NCHW for images); a quantized one is quantized here.
  ///
  /// - Throws: `FoveaError.invalidInput` where the input does not exist or the count differs from its shape's.
  public func setInput(_ index: Int, to values: [Float]) throws(FoveaError) {
    guard model.inputs.indices.contains(index) else {
      throw .noTensor(index, of: model.inputs.count, "inputs")
    }
    let tensor = model.inputs[index]
    guard values.count == tensor.count else {
      throw .invalidInput(
        "input \"\(tensor.name)\" takes \(tensor.count) values (\(tensor.shape)), not \(values.count)")
    }
    let port = model.program.inputs[index]
    let buffer = model.program.buffers[port.buffer]
    let arranged = port.isImage ? transposed(values, rows: tensor.shape[1], images: tensor.shape[0]) : values
    let memory = unsafe executor.bytes(of: port.buffer)
    switch buffer.type {
    case .f32:
      unsafe arranged.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
    case .u8:
      unsafe fovea_quantize_u8(
        arranged, memory.baseAddress?.assumingMemoryBound(to: UInt8.self), 0, arranged.count, buffer.scale,
        Int32(buffer.zeroPoint))
    }
  }

  /// An output's values in the source network's order, dequantized where need be. Meaningful after `run`.
  ///
  /// - Throws: `FoveaError.invalidInput` where the output does not exist.
  public func output(_ index: Int = 0) throws(FoveaError) -> [Float] {
    guard model.outputs.indices.contains(index) else {
      throw .noTensor(index, of: model.outputs.count, "outputs")
    }
    return values(ofOutput: index)
  }

  /// The same for an output that exists.
  package func values(ofOutput index: Int) -> [Float] {
    let port = model.program.outputs[index]
    let values = values(ofBuffer: port.buffer)
    guard port.isImage else { return values }
    let shape = model.program.buffers[port.buffer].shape
    return transposed(values, rows: shape[1] * shape[2], images: shape[0])
  }

  /// A buffer's values in the order of memory (NHWC for images), dequantized where need be. Meaningful once the step that writes
  /// them has run, until another takes their place.
  package func values(ofBuffer index: Int) -> [Float] {
    let buffer = model.program.buffers[index]
    let memory = unsafe executor.bytes(of: index)
    var values = [Float](repeating: 0, count: buffer.count)
    switch buffer.type {
    case .f32:
      unsafe values.withUnsafeMutableBytes {
        unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.prefix($0.count)))
      }
    case .u8:
      unsafe fovea_dequantize_u8(
        memory.baseAddress?.assumingMemoryBound(to: UInt8.self), &values, 0, values.count, buffer.scale,
        Int32(buffer.zeroPoint))
    }
    return values
  }

  /// Each image's matrix of `rows` rows, transposed: NCHW to NHWC with the channels as rows, and back with the pixels.
  private func transposed(_ values: [Float], rows: Int, images: Int) -> [Float] {
    let size = values.count / images
    let columns = size / rows
    guard rows > 1, columns > 1 else { return values }
    return unsafe [Float](unsafeUninitializedCapacity: values.count) { target, count in
      for image in stride(from: 0, to: values.count, by: size) {
        for row in 0..<rows {
          for column in 0..<columns {
            unsafe target[image + column * rows + row] = values[image + row * columns + column]
          }
        }
      }
      count = values.count
    }
  }
}

extension FoveaError {
  fileprivate static func noTensor(_ index: Int, of count: Int, _ kind: String) -> FoveaError {
    .invalidInput("the network has \(count) \(kind), no number \(index)")
  }
}

extension Program {
  /// Whether any step multiplies float matrices of which neither is known beforehand.
  var needsSgemm: Bool {
    steps.contains { step in
      switch step {
      case .matMulF32: true
      default: false
      }
    }
  }
}
