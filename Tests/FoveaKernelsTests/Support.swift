import FoveaKernels

/// Memory that C code may read 64 bytes past and must not write outside of: a guard before and after, 64-byte aligned.
@safe
final class Memory<Element: BitwiseCopyable> {
  let count: Int
  private let base: UnsafeMutableRawPointer
  private static var guardBytes: Int { 256 }
  private static var guardValue: UInt8 { 0xA5 }

  init(_ count: Int, repeating value: Element) {
    self.count = count
    let bytes = count * MemoryLayout<Element>.stride
    unsafe base = .allocate(byteCount: bytes + 2 * Self.guardBytes, alignment: 64)
    unsafe base.initializeMemory(as: UInt8.self, repeating: Self.guardValue, count: bytes + 2 * Self.guardBytes)
    unsafe pointer.initialize(repeating: value, count: count)
  }

  convenience init(_ values: [Element], padding: Element) {
    self.init(max(values.count, 1), repeating: padding)
    for (i, value) in values.enumerated() {
      self[i] = value
    }
  }

  deinit {
    unsafe base.deallocate()
  }

  var pointer: UnsafeMutablePointer<Element> {
    unsafe (base + Self.guardBytes).assumingMemoryBound(to: Element.self)
  }

  subscript(index: Int) -> Element {
    get {
      precondition(index >= 0 && index < count)
      return unsafe pointer[index]
    }
    set {
      precondition(index >= 0 && index < count)
      unsafe pointer[index] = newValue
    }
  }

  var values: [Element] {
    (0..<count).map { self[$0] }
  }

  /// Whether nobody wrote before the first or after the last element.
  var guardsAreIntact: Bool {
    let bytes = count * MemoryLayout<Element>.stride
    for i in 0..<Self.guardBytes {
      let before = unsafe base.load(fromByteOffset: i, as: UInt8.self)
      let after = unsafe base.load(fromByteOffset: Self.guardBytes + bytes + i, as: UInt8.self)
      if before != Self.guardValue || after != Self.guardValue {
        return false
      }
    }
    return true
  }
}

/// SplitMix64: the same numbers on every run and machine.
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: Int) {
    state = UInt64(truncatingIfNeeded: seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in .random(in: 0...255, using: &self) }
  }

  mutating func floats(_ count: Int, in range: ClosedRange<Float> = -2...2) -> [Float] {
    (0..<count).map { _ in .random(in: range, using: &self) }
  }
}

/// The kernels of one instruction set that this CPU has.
@safe
struct InstructionSet: @unchecked Sendable {  // Tables of functions, never written.
  let name: String
  let kernels: fovea_int8_kernels

  static let portable = unsafe InstructionSet(name: "portable", kernels: fovea_int8_portable)

  /// Every one but the portable.
  static let vector: [InstructionSet] = {
    var sets: [InstructionSet] = []
    #if arch(x86_64)
      let cpu = fovea_cpu_detect()
      if cpu.sse41 {
        unsafe sets.append(InstructionSet(name: "sse41", kernels: fovea_int8_sse41))
      }
      if cpu.avx2 {
        unsafe sets.append(InstructionSet(name: "avx2", kernels: fovea_int8_avx2))
      }
      if cpu.avx2 && cpu.avxvnni {
        unsafe sets.append(InstructionSet(name: "avxvnni", kernels: fovea_int8_avxvnni))
      }
      if cpu.avx512f && cpu.avx512bw && cpu.avx512dq && cpu.avx512vl && cpu.avx512vnni {
        unsafe sets.append(InstructionSet(name: "avx512vnni", kernels: fovea_int8_avx512vnni))
        if cpu.avx512vbmi {
          var kernels = unsafe fovea_int8_avx512vnni
          unsafe kernels.table = fovea_table_u8_avx512vbmi
          unsafe kernels.channel_tables = fovea_channel_tables_u8_avx512vbmi
          unsafe sets.append(InstructionSet(name: "avx512vnni with avx512vbmi", kernels: kernels))
        }
      }
    #elseif arch(arm64)
      let cpu = fovea_cpu_detect()
      if cpu.neon {
        unsafe sets.append(InstructionSet(name: "neon", kernels: fovea_int8_neon))
      }
      if cpu.dotprod {
        unsafe sets.append(InstructionSet(name: "neondot", kernels: fovea_int8_neondot))
      }
      if cpu.dotprod && cpu.i8mm {
        unsafe sets.append(InstructionSet(name: "neoni8mm", kernels: fovea_int8_neoni8mm))
      }
    #endif
    return sets
  }()

  static let all = [portable] + vector
}

/// The float kernels of one instruction set that this CPU has.
@safe
struct FloatInstructionSet: @unchecked Sendable {  // Tables of functions, never written.
  let kernels: fovea_f32_kernels
  var name: String { unsafe String(cString: kernels.name) }

  static let portable = unsafe FloatInstructionSet(kernels: fovea_f32_portable)

  /// Every one but the portable.
  static let vector: [FloatInstructionSet] = {
    var sets: [FloatInstructionSet] = []
    let cpu = fovea_cpu_detect()
    #if arch(x86_64)
      if cpu.avx2 && cpu.fma {
        unsafe sets.append(FloatInstructionSet(kernels: fovea_f32_avx2))
      }
      if cpu.avx512f {
        unsafe sets.append(FloatInstructionSet(kernels: fovea_f32_avx512))
      }
    #elseif arch(arm64)
      if cpu.neon {
        unsafe sets.append(FloatInstructionSet(kernels: fovea_f32_neon))
      }
    #endif
    return sets
  }()

  static let all = [portable] + vector
}

/// How products become bytes, as the header's formula says it.
func requantized(_ sum: Int, scale: Float, zeroPoint: Int, low: Int, high: Int) -> UInt8 {
  let rounded = (Float(Int32(sum)) * scale).rounded(.toNearestOrEven)
  return UInt8(min(max(Int(rounded) + zeroPoint, low), high))
}

/// The numbers of a fused output: which bias and scale, and the clamp.
struct Output: Sendable, CustomStringConvertible {
  enum Scales: String, Sendable {
    case typical  // most results inside 0...255
    case halves  // 0.5 and 0.25 and 0.125: exact ties
    case huge  // nearly every result clamped, products near the bound of int32
    case tiny  // everything rounds to the zero point
  }

  var scales = Scales.typical
  var zeroPoint = 3
  var low = 0
  var high = 255

  var description: String { "\(scales.rawValue) scale, zero point \(zeroPoint), \(low)...\(high)" }

  /// `depth` products a sum.
  func scale(channels: Int, depth: Int, _ generator: inout Generator) -> [Float] {
    (0..<channels).map { channel in
      switch scales {
      case .typical: .random(in: 0.5...2, using: &generator) / (64 * Float(depth).squareRoot())
      case .halves: [0.5, 0.25, 0.125][channel % 3]
      case .huge: 2_000_000_000 / (Float(depth) * 255 * 128 + 4096)
      case .tiny: 1e-20
      }
    }
  }

  func bias(channels: Int, _ generator: inout Generator) -> [Int32] {
    (0..<channels).map { _ in .random(in: -4000...4000, using: &generator) }
  }
}

/// Cuts of `0 ..< count`: the whole, and three parts in odd places.
func cuts(_ count: Int, _ generator: inout Generator) -> [Range<Int>] {
  var cuts = [0..<count]
  for _ in 0..<3 {
    let first = Int.random(in: 0...count, using: &generator)
    let second = Int.random(in: 0...count, using: &generator)
    cuts.append(min(first, second)..<max(first, second))
  }
  return cuts
}

func roundedUp(_ value: Int, to multiple: Int) -> Int {
  (value + multiple - 1) / multiple * multiple
}
