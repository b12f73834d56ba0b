import FoveaCore
import FoveaGraph
import FoveaKernels
import FoveaRuntime

/// An 8-bit program that calibration inputs run through up to some layer, and whose layers can be replaced meanwhile.
@safe
final class LayerwiseProgram {
  private let memory: AlignedBytes
  private let program: Program
  private let executors: [Executor]
  let pool: ThreadPool
  /// What the input buffers hold, one array a run and input.
  private var inputs: [[[UInt8]]] = []

  /// Loads every calibration input once; what is kept of each is the bytes of the program's input buffers.
  ///
  /// - Parameter image: whose constants are those that can be replaced: in place.
  init(
    _ image: ModelImage, source: String, inputs: CalibrationInputs, threads: Int
  ) throws(ConversionError) {
    memory = image.memory
    pool = ThreadPool(threads: threads)
    let session = try Session(image, of: source)
    let program = session.model.program
    self.program = program
    executors = (0..<pool.threads).map { _ in
      unsafe Executor(program: program, kernels: session.instructionSet.kernels, sgemm: BLAS.sgemm)
    }
    for index in 0..<inputs.count {
      try session.setCalibrationInput(inputs, index)
      self.inputs.append(program.inputs.map { port in unsafe Array(session.bytes(ofBuffer: port.buffer)) })
    }
  }

  var runs: Int { inputs.count }

  /// Puts other bytes in a constant's place. No run may be under way.
  func replace(constant: Int, with bytes: [UInt8]) {
    let constant = program.constants[constant]
    precondition(bytes.count <= constant.byteCount, "a constant's replacement must fit")
    let start = program.dataOffset + constant.offset
    unsafe UnsafeMutableRawBufferPointer(rebasing: memory.mutableBytes[start..<(start + bytes.count)]).copyBytes(
      from: bytes)
  }

  /// Statistics of the windows of a layer's input, over all calibration inputs.
  ///
  /// - Parameters:
  ///   - step: the first step that need not have run for the input to be there.
  ///   - limit: windows of one run to look at.
  func statistics(of windows: LayerWindows, input: Int, before step: Int, limit: Int) -> WindowStatistics {
    var statistics = WindowStatistics(of: windows, withProducts: true)
    let rowsOfRun = min(limit, windows.count)
    let batch = max(2, min(8, Self.batchBytes / (4 * rowsOfRun * windows.rowSize)))
    let zero = Int32(program.buffers[input].zeroPoint)
    let byteCount = program.buffers[input].count
    var images = [UInt8](repeating: 0, count: min(batch, runs) * byteCount)
    for first in stride(from: 0, to: runs, by: batch) {
      let count = min(batch, runs - first)
      let positions = (first..<(first + count)).map { windows.sample(run: $0, limit: limit) }
      unsafe images.withUnsafeMutableBufferPointer { images in
        unsafe run(first..<(first + count), upTo: step, copying: input, to: images)
        guard let images = images.baseAddress else { return }
        unsafe statistics.add(
          SampledWindows(
            windows: windows, positions: positions, images: images, imageBytes: byteCount, zeroPoint: zero),
          threads: pool)
      }
    }
    return statistics
  }

  /// Runs the steps before `end` on some of the inputs, and copies what a buffer then holds, one run after another.
  @unsafe
  private func run(
    _ indices: Range<Int>, upTo end: Int, copying buffer: Int, to images: UnsafeMutableBufferPointer<UInt8>
  ) {
    let (program, executors, inputs, threads) = (program, executors, inputs, pool.threads)
    let byteCount = program.buffers[buffer].count
    // Each run has a stretch of the images and each thread an executor of its own: hence nonisolated(unsafe).
    nonisolated(unsafe) let (images, shared) = unsafe (images, executors)
    pool.run { part in
      let executor = unsafe shared[part]
      for index in stride(from: part, to: indices.count, by: threads) {
        for (port, bytes) in zip(program.inputs, inputs[indices.lowerBound + index]) {
          unsafe executor.bytes(of: port.buffer).copyBytes(from: bytes)
        }
        for step in 0..<end { executor.run(step: step) }
        let image = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(images)[(index * byteCount)..<((index + 1) * byteCount)])
        unsafe image.copyBytes(from: executor.bytes(of: buffer).prefix(byteCount))
      }
    }
  }

  /// About what the windows of runs that are worked on at once may take, as floats.
  private static let batchBytes = 12 << 20
}
