import FoveaCore
import FoveaKernels
import Platform

/// Runs a model without a thread, a file system of its own or a standard library around it: what a firmware does with
/// FoveaCore, as a program. One source for the host, for emulated aarch64 and for an emulated Cortex-M7.
///
///     run_model MODEL.fovea INPUT.bin OUTPUT.bin [REPETITIONS [KERNELS]]
///     run_model --make-input MODEL.fovea INPUT.bin
///
/// Files other than the model are the raw bytes of the first input's and output's buffers: u8 NHWC for a quantized network.
/// KERNELS names an instruction set, as FOVEA_ISA does, for who knows the chip: no system says what it has.
@c(main)
public func runModel(argumentCount: CInt, arguments: UnsafePointer<UnsafePointer<CChar>?>) -> CInt {
  var words: [String] = []
  for i in 1..<max(1, Int(argumentCount)) {
    if let word = unsafe arguments[i] { unsafe words.append(String(cString: word)) }
  }
  do throws(Failure) {
    if words.count == 3, words[0].utf8.elementsEqual("--make-input".utf8) {
      try makeInput(model: words[1], to: words[2])
    } else {
      guard (3...5).contains(words.count) else { throw .usage }
      guard let repetitions = words.count > 3 ? Int(words[3]) : 1, repetitions > 0 else { throw .usage }
      guard let kernels = unsafe words.count > 4 ? kernels(named: words[4]) : bestKernels() else { throw .usage }
      try unsafe run(model: words[0], input: words[1], output: words[2], repetitions: repetitions, kernels: kernels)
    }
    return 0
  } catch {
    unsafe platform_print(error.line, true)
    return error.exitStatus
  }
}

/// Why there is no output; statuses as in sysexits.h.
private enum Failure: Error {
  case usage
  case unreadable(String)
  case unwritable(String)
  case invalid(String, ModelError)
  case noPort(String)
  case wrongSize(String, needed: Int, found: Int)

  var exitStatus: CInt {
    switch self {
    case .usage: 64
    case .invalid, .noPort, .wrongSize: 65
    case .unreadable: 66
    case .unwritable: 73
    }
  }

  var line: String {
    switch self {
    case .usage: return "usage: run_model MODEL.fovea INPUT.bin OUTPUT.bin [REPETITIONS [KERNELS]]"
    case .unreadable(let path): return "\(path): cannot be read"
    case .unwritable(let path): return "\(path): cannot be written"
    case .invalid(let path, let error):
      let (reason, place) = (error.reason.rawValue, error.place.rawValue)
      let numbers = "reason \(reason), place \(place), index \(error.index), found \(error.found)"
      return "\(path): not a valid model: \(numbers) (see ModelError.swift)"
    case .noPort(let path): return "\(path): the network has no input or no output"
    case .wrongSize(let path, let needed, let found):
      return "\(path): \(found) bytes, but the network's input takes \(needed)"
    }
  }
}

private func readFile(_ path: String) throws(Failure) -> UnsafeRawBufferPointer {
  var count = 0
  guard let start = unsafe platform_read_file(path, &count) else { throw .unreadable(path) }
  return unsafe UnsafeRawBufferPointer(start: start, count: count)
}

private func writeFile(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(Failure) {
  guard unsafe platform_write_file(path, bytes.baseAddress, bytes.count) else { throw .unwritable(path) }
}

/// A validated program with at least one input and output.
private func load(_ path: String) throws(Failure) -> Program {
  let file = try unsafe readFile(path)
  let program: Program
  do throws(ModelError) {
    program = try unsafe Program(file: file)
  } catch {
    throw .invalid(path, error)
  }
  guard !program.inputs.isEmpty, !program.outputs.isEmpty else { throw .noPort(path) }
  return program
}

/// The fastest 8-bit kernels of this CPU.
private func bestKernels() -> fovea_int8_kernels {
  #if arch(x86_64)
    let cpu = fovea_cpu_detect()
    if cpu.avx512f, cpu.avx512bw, cpu.avx512dq, cpu.avx512vl, cpu.avx512vnni { return unsafe fovea_int8_avx512vnni }
    if cpu.avx2 && cpu.avxvnni { return unsafe fovea_int8_avxvnni }
    if cpu.avx2 { return unsafe fovea_int8_avx2 }
    if cpu.sse41 { return unsafe fovea_int8_sse41 }
  #elseif arch(arm64)
    let cpu = fovea_cpu_detect()
    if cpu.dotprod && cpu.i8mm { return unsafe fovea_int8_neoni8mm }
    if cpu.dotprod { return unsafe fovea_int8_neondot }
    if cpu.neon { return unsafe fovea_int8_neon }
  #endif
  return unsafe fovea_int8_portable
}

/// The kernels of an instruction set of this architecture, whether the CPU has it or not.
private func kernels(named name: String) -> fovea_int8_kernels? {
  var all = unsafe [fovea_int8_portable]
  #if arch(x86_64)
    unsafe all += [fovea_int8_sse41, fovea_int8_avx2, fovea_int8_avxvnni, fovea_int8_avx512vnni]
  #elseif arch(arm64)
    unsafe all += [fovea_int8_neon, fovea_int8_neondot, fovea_int8_neoni8mm]
  #endif
  return unsafe all.first { unsafe String(cString: $0.name).utf8.elementsEqual(name.utf8) }
}

private func run(
  model: String, input: String, output: String, repetitions: Int, kernels: fovea_int8_kernels
) throws(Failure) {
  let program = try load(model)
  let executor = unsafe Executor(program: program, kernels: kernels, sgemm: fovea_sgemm_portable)
  let pixels = try unsafe readFile(input)
  let memory = unsafe executor.bytes(of: program.inputs[0].buffer)
  guard pixels.count == memory.count else {
    throw .wrongSize(input, needed: memory.count, found: pixels.count)
  }

  var microseconds: UInt64 = 0
  for _ in 0..<repetitions {
    // Steps may reuse the input's memory: it is filled anew for every run.
    unsafe memory.copyMemory(from: pixels)
    let start = platform_microseconds()
    executor.run()
    microseconds += platform_microseconds() - start
  }
  try unsafe writeFile(output, UnsafeRawBufferPointer(executor.bytes(of: program.outputs[0].buffer)))

  let each = microseconds / UInt64(repetitions)
  let seconds = "\(each / 1000).\(each / 100 % 10) ms a run"
  unsafe platform_print("\(executor.instructionSet) kernels, \(program.steps.count) steps, \(seconds)", false)
}

/// Writes a network's first input filled with Marsaglia's xorshift32 (13, 17, 5) from seed 2463534242: the high byte of each
/// number for u8, the high 24 bits as -1 ..< 1 for f32.
private func makeInput(model: String, to path: String) throws(Failure) {
  let program = try load(model)
  let buffer = program.buffers[program.inputs[0].buffer]
  var state: UInt32 = 2_463_534_242
  var bytes: [UInt8] = []
  bytes.reserveCapacity(buffer.byteCount)
  for _ in 0..<buffer.count {
    state ^= state << 13
    state ^= state >> 17
    state ^= state << 5
    switch buffer.type {
    case .u8: bytes.append(UInt8(state >> 24))
    case .f32:
      let bits = (Float(state >> 8) / 8_388_608 - 1).bitPattern
      for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: bits >> (8 * byte))) }
    }
  }
  try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(Failure) in
    try unsafe writeFile(path, UnsafeRawBufferPointer(bytes))
  }
}
