import FoveaKernels

/// A program bound to memory: what `Program` describes, with addresses. Runs one step at a time, whole or in parts that
/// threads share; the order of steps and the waiting between them is the caller's.
///
/// Everything is allocated here, once; running allocates nothing.
@safe
package final class Executor {
  package let program: Program
  /// `program.units`, which take a walk over all steps to find.
  package let units: [Range<Int>]
  /// The instruction set's name.
  package let instructionSet: String
  let kernels: fovea_int8_kernels
  let floatKernels: fovea_f32_kernels
  let sgemm: fovea_sgemm_function
  /// `program.header.arenaBytes` and the slack that kernels may read past a buffer's end.
  private let arena: UnsafeMutableRawPointer
  /// The offsets of every convolution's taps, one step's after another's.
  private let tapOffsets: UnsafeMutablePointer<Int32>
  /// Weights of float convolutions that Winograd's algorithm multiplies by, one step's after another's.
  private let transformedWeights: UnsafeMutableRawPointer?
  private let transformedBytes: Int
  /// One for each thread.
  private let scratch: UnsafeMutableRawPointer
  private let scratchStride: Int
  /// Where in a thread's memory what lies between two steps is kept, past what kernels use.
  private let bandOffset: Int
  /// Of a unit's rows, for the average that the next unit makes: one such pair after another uses them.
  private let rowSums: UnsafeMutableRawPointer
  /// By the first step of a unit: whether it writes or reads these sums.
  private let usesRowSums: [Bool]
  package let threads: Int
  private let bound: [BoundStep]

  private static let slack = 64

  /// - Parameters:
  ///   - kernels: the 8-bit kernels of an instruction set that this CPU has.
  ///   - floatKernels: the float kernels of an instruction set that this CPU has.
  ///   - sgemm: float matrix multiplication.
  ///   - threads: how many may run parts of a step at the same time.
  package init(
    program: Program, kernels: fovea_int8_kernels, floatKernels: fovea_f32_kernels = unsafe fovea_f32_portable,
    sgemm: @escaping fovea_sgemm_function, threads: Int = 1
  ) {
    self.program = program
    units = program.units
    unsafe self.kernels = unsafe kernels
    // Where there are bytes, their bits must not depend on the chip: exp and its like, which differ in the last bit, are the
    // portable ones there.
    var floatKernels = unsafe floatKernels
    if program.buffers.contains(where: { $0.type == .u8 }) {
      unsafe floatKernels.unary = unsafe fovea_f32_portable.unary
    }
    unsafe self.floatKernels = unsafe floatKernels
    unsafe self.sgemm = sgemm
    unsafe instructionSet = String(cString: kernels.name)
    self.threads = threads

    let arenaBytes = program.header.arenaBytes + Self.slack
    unsafe arena = unsafe Self.allocateArena(arenaBytes)
    var taps = 0
    for case .convolutionU8(let step) in program.steps { taps += step.taps }
    unsafe tapOffsets = UnsafeMutablePointer<Int32>.allocate(capacity: Swift.max(1, taps))

    transformedBytes = unsafe program.transformedWeightBytes(floatKernels)
    unsafe transformedWeights = transformedBytes > 0 ? Self.allocateArena(transformedBytes) : nil

    var binder = unsafe Binder(
      program: program, arena: arena, tapOffsets: tapOffsets, floatKernels: floatKernels,
      transformedWeights: transformedWeights?.assumingMemoryBound(to: Float.self))
    var bound: [BoundStep] = []
    bound.reserveCapacity(program.steps.count)
    for step in program.steps { bound.append(binder.bind(step)) }
    self.bound = bound

    var bytes = 64
    for step in bound { bytes = unsafe Swift.max(bytes, step.scratchBytes(kernels, floatKernels)) }
    bandOffset = (bytes + 63) / 64 * 64
    bytes = bandOffset
    for unit in units {
      if let bands = Self.bands(of: bound[unit]) { bytes = max(bytes, bandOffset + bands.byteCount) }
    }
    scratchStride = (bytes + 63) / 64 * 64
    unsafe scratch = UnsafeMutableRawPointer.allocate(byteCount: scratchStride * threads, alignment: 64)

    var usesRowSums = [Bool](repeating: false, count: bound.count)
    var sumBytes = 64
    for (unit, next) in zip(units, units.dropFirst()) where threads > 1 && program.averagesRows(of: unit, in: next) {
      guard case .averagePool(let pool) = program.steps[next.lowerBound] else { continue }
      sumBytes = Swift.max(sumBytes, pool.rowSumBytes)
      (usesRowSums[unit.lowerBound], usesRowSums[next.lowerBound]) = (true, true)
    }
    self.usesRowSums = usesRowSums
    unsafe rowSums = UnsafeMutableRawPointer.allocate(byteCount: sumBytes, alignment: 64)
  }

  deinit {
    unsafe Self.freeArena(arena, program.header.arenaBytes + Self.slack)
    if let transformedWeights = unsafe transformedWeights {
      unsafe Self.freeArena(transformedWeights, transformedBytes)
    }
    unsafe tapOffsets.deallocate()
    unsafe scratch.deallocate()
    unsafe rowSums.deallocate()
  }

  /// Zeroed memory, or the end of the process where there is none, as with everything else that Swift allocates.
  private static func allocateArena(_ byteCount: Int) -> UnsafeMutableRawPointer {
    #if os(Linux) && !hasFeature(Embedded)
      guard let memory = unsafe fovea_allocate_zeroed(byteCount) else {
        preconditionFailure("no memory for activations")
      }
      return unsafe memory
    #else
      let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
      return unsafe memory
    #endif
  }

  private static func freeArena(_ memory: UnsafeMutableRawPointer, _ byteCount: Int) {
    #if os(Linux) && !hasFeature(Embedded)
      unsafe fovea_free_zeroed(memory, byteCount)
    #else
      unsafe memory.deallocate()
    #endif
  }

  package var stepCount: Int { bound.count }

  /// Runs part `part` of `parts` of a step, on thread `thread` of those that the executor was made for. Parts of one step may
  /// run at once, on threads of different numbers; the next step must wait for them all. How many parts there are makes no
  /// difference to the results, but where `sgemm` adds in another order for other numbers of rows, as OpenBLAS does.
  package func run(step: Int, part: Int = 0, of parts: Int = 1, thread: Int = 0) {
    let share = share(part, of: parts, thread)
    unsafe bound[step].run(share, kernels: kernels, floatKernels: floatKernels, sgemm: sgemm)
  }

  /// The same for the steps of one of the program's `units`.
  package func run(unit: Range<Int>, part: Int = 0, of parts: Int = 1, thread: Int = 0) {
    var share = share(part, of: parts, thread)
    if usesRowSums[unit.lowerBound] { unsafe share.rowSums = unsafe rowSums }
    guard unit.count == 2 else {
      return unsafe bound[unit.lowerBound].run(share, kernels: kernels, floatKernels: floatKernels, sgemm: sgemm)
    }
    if let bands = Self.bands(of: bound[unit]) {
      let band = unsafe (share.scratch + bandOffset).assumingMemoryBound(to: Float.self)
      return unsafe bands.run(share, floatKernels, band: band)
    }
    let second: BoundElementwise
    switch bound[unit.lowerBound + 1] {
    case .addU8(let add): second = unsafe .add(add)
    case .tableU8(let table): second = .table(table)
    case .channelTablesU8(let tables): second = unsafe .channelTables(tables)
    default: preconditionFailure("no unit of the program")
    }
    switch bound[unit.lowerBound] {
    case .convolutionU8(let step): unsafe step.run(share, kernels, then: second)
    case .depthwiseU8(let step): unsafe step.run(share, kernels, then: second)
    default: preconditionFailure("no unit of the program")
    }
  }

  private static func bands(of unit: ArraySlice<BoundStep>) -> BoundBandsF32? {
    guard unit.count == 2, case .convolutionF32(let first) = unit.first, case .depthwiseF32(let second) = unit.last
    else {
      return nil
    }
    return BoundBandsF32(first: first, second: second)
  }

  private func share(_ part: Int, of parts: Int, _ thread: Int) -> Share {
    precondition(part < parts && thread < threads, "more threads than the executor was made for")
    return unsafe Share(part: part, parts: parts, threads: threads, scratch: scratch + thread * scratchStride)
  }

  /// Runs every step on the caller's thread.
  package func run() {
    for step in bound.indices { run(step: step) }
  }

  /// The memory of a buffer. Contents are meaningful for inputs before a run, for outputs after it, for others only
  /// between the step that writes and the last that reads.
  package func bytes(of buffer: Int) -> UnsafeMutableRawBufferPointer {
    let buffer = program.buffers[buffer]
    return unsafe UnsafeMutableRawBufferPointer(start: arena + buffer.offset, count: buffer.byteCount)
  }
}

/// A part of a step, and the memory of the thread that runs it.
@safe
struct Share {
  let part: Int
  let parts: Int
  /// That run the parts.
  let threads: Int
  let scratch: UnsafeMutableRawPointer
  /// Where a step that makes rows writes their sums, and where the average of them reads these; nil where there is no such average.
  var rowSums: UnsafeMutableRawPointer?

  /// This part's stretch of `0 ..< count`, cut at multiples of `granule`.
  func range(of count: Int, granule: Int = 1) -> Range<Int> {
    let units = (count + granule - 1) / granule
    let begin = Swift.min(count, units * part / parts * granule)
    let end = Swift.min(count, units * (part + 1) / parts * granule)
    return begin..<end
  }
}

/// A step with addresses in place of indices.
@safe
enum BoundStep {
  case convolutionU8(BoundConvolutionU8)
  case depthwiseU8(BoundDepthwiseU8)
  case addU8(fovea_add_u8)
  case multiplyU8(fovea_multiply_u8)
  case tableU8(BoundTable)
  case channelTablesU8(fovea_channel_tables_u8)
  case pool(BoundPool)
  case padU8(BoundPad)
  case copy(fovea_copy)
  case fill(BoundFill)
  case conversion(BoundConversion)
  case convolutionF32(BoundConvolutionF32)
  case depthwiseF32(BoundDepthwiseF32)
  case matMulF32(BoundMatMul)
  case unaryF32(BoundUnary)
  case binaryF32(fovea_binary_f32)
  case reductionF32(BoundReduction)
  case statisticF32(BoundStatistic)
  case resample(BoundResample)

  func scratchBytes(_ kernels: fovea_int8_kernels, _ floatKernels: fovea_f32_kernels) -> Int {
    switch self {
    case .convolutionU8(let step):
      var conv = unsafe step.conv
      return unsafe kernels.conv_scratch(&conv)
    case .depthwiseU8(let step):
      var depthwise = unsafe step.depthwise
      return unsafe kernels.depthwise_scratch(&depthwise)
    case .convolutionF32(let step):
      var conv = unsafe step.conv
      return unsafe floatKernels.conv_scratch(&conv)
    default: return 0
    }
  }

  func run(
    _ share: Share, kernels: fovea_int8_kernels, floatKernels: fovea_f32_kernels, sgemm: fovea_sgemm_function
  ) {
    switch self {
    case .convolutionU8(let step): unsafe step.run(share, kernels)
    case .depthwiseU8(let step): unsafe step.run(share, kernels)
    case .addU8(var step):
      let rows = unsafe share.range(of: Int(step.rows))
      unsafe kernels.add(&step, Int32(rows.lowerBound), Int32(rows.upperBound))
    case .multiplyU8(var step):
      let rows = unsafe share.range(of: Int(step.rows))
      unsafe kernels.multiply(&step, Int32(rows.lowerBound), Int32(rows.upperBound))
    case .tableU8(let step): unsafe step.run(share, kernels.table)
    case .channelTablesU8(var step):
      let rows = unsafe share.range(of: Int(step.rows))
      unsafe kernels.channel_tables(&step, Int32(rows.lowerBound), Int32(rows.upperBound), 0, step.channels)
    case .pool(let step): step.run(share)
    case .padU8(let step): step.run(share)
    case .copy(var step):
      let outer = unsafe share.range(of: Int(fovea_copy_outer(&step)))
      unsafe fovea_copy_run(&step, Int32(outer.lowerBound), Int32(outer.upperBound))
    case .fill(let step): step.run(share)
    case .conversion(let step): step.run(share)
    case .convolutionF32(let step): unsafe step.run(share, floatKernels.conv)
    case .depthwiseF32(let step): unsafe step.run(share, floatKernels.depthwise)
    case .matMulF32(let step): unsafe step.run(share, sgemm)
    case .unaryF32(let step): unsafe step.run(share, floatKernels.unary)
    case .binaryF32(var step):
      let rows = unsafe share.range(of: Int(step.rows))
      unsafe floatKernels.binary(&step, Int32(rows.lowerBound), Int32(rows.upperBound))
    case .reductionF32(let step): step.run(share)
    case .statisticF32(let step): step.run(share)
    case .resample(let step): step.run(share)
    }
  }
}
