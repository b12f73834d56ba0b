import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime

/// An 8-bit program that calibration inputs run through up to some layer, and whose layers can be replaced meanwhile.
@safe
final class LayerwiseProgram {
  private let memory: UnsafeMutableRawBufferPointer
  private let program: Program
  private let executors: [Executor]
  let pool: ThreadPool
  /// What the input buffers hold, one array a run and input.
  private var inputs: [[[UInt8]]] = []

  /// Loads every calibration input once; what is kept of each is the bytes of the program's input buffers.
  init(_ lowering: Lowering, inputs: CalibrationInputs, threads: Int) throws(ConversionError) {
    let network = lowering.network
    let image = try ModelImage(lowering: lowering, metadata: ModelMetadata(), preprocessing: nil, labels: [])
    let bytes = image.bytes
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    unsafe memory.copyBytes(from: bytes)
    pool = ThreadPool(threads: threads)
    do {
      let session = try Session(Model(bytes: bytes, name: network.source))
      for index in 0..<inputs.count {
        try session.setCalibrationInput(inputs, index)
        self.inputs.append(
          session.model.program.inputs.map { port in unsafe Array(session.bytes(ofBuffer: port.buffer)) })
      }
      let program = unsafe try Program(file: UnsafeRawBufferPointer(memory))
      self.program = program
      executors = (0..<pool.threads).map { _ in
        unsafe Executor(program: program, kernels: session.instructionSet.kernels, sgemm: BLAS.sgemm)
      }
    } catch let error as ConversionError {
      unsafe memory.deallocate()
      throw error
    } catch {
      unsafe memory.deallocate()
      throw .invalidNetwork(file: network.source, reason: "the 8-bit network does not run: \(error)")
    }
  }

  deinit {
    unsafe memory.deallocate()
  }

  var runs: Int { inputs.count }

  /// Puts other bytes in a constant's place. No run may be under way.
  func replace(constant: Int, with bytes: [UInt8]) {
    let constant = program.constants[constant]
    precondition(bytes.count <= constant.byteCount, "a constant's replacement must fit")
    let start = program.dataOffset + constant.offset
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start..<(start + bytes.count)]).copyBytes(from: bytes)
  }

  /// Statistics of the windows of a layer's input, over all calibration inputs.
  ///
  /// - Parameters:
  ///   - step: the first step that need not have run for the input to be there.
  ///   - limit: windows of one run to look at.
  func statistics(of windows: LayerWindows, input: Int, before step: Int, limit: Int) -> WindowStatistics {
    var statistics = WindowStatistics(of: windows, withProducts: true)
    let rowSize = windows.rowSize
    let rowsOfRun = min(limit, windows.count)
    let batch = max(2, min(8, Self.batchBytes / (4 * rowsOfRun * rowSize)))
    let zero = Int32(program.buffers[input].zeroPoint)
    var rows = [Float](repeating: 0, count: min(batch, runs) * rowsOfRun * rowSize)
    for first in stride(from: 0, to: runs, by: batch) {
      let count = min(batch, runs - first)
      let elements = count * rowsOfRun * rowSize
      unsafe rows.withUnsafeMutableBufferPointer { rows in
        let (executors, inputs, threads) = (executors, inputs, pool.threads)
        let program = program
        // Each run has rows and each thread an executor of its own: hence nonisolated(unsafe).
        nonisolated(unsafe) let (target, shared) = unsafe (rows.baseAddress.unsafelyUnwrapped, executors)
        pool.run { part in
          let executor = unsafe shared[part]
          for run in stride(from: part, to: count, by: threads) {
            for (port, bytes) in zip(program.inputs, inputs[first + run]) {
              unsafe executor.bytes(of: port.buffer).copyBytes(from: bytes)
            }
            for step in 0..<step { executor.run(step: step) }
            let elements = unsafe executor.bytes(of: input)
            for (index, position) in windows.sample(run: first + run, limit: limit).enumerated() {
              unsafe windows.gather(position, into: target + (run * rowsOfRun + index) * rowSize) { offset in
                unsafe Float(Int32(elements[offset]) - zero)
              }
            }
          }
        }
        unsafe statistics.add(rows: UnsafeBufferPointer(rebasing: rows[..<elements]), threads: pool)
      }
    }
    return statistics
  }

  /// About what the windows of runs that are worked on at once may take.
  private static let batchBytes = 12 << 20
}
