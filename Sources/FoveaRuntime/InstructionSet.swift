import FoveaKernels
import Glibc

/// The instructions that kernels are written in. All give the same bits in 8 bits; they differ in speed.
public enum InstructionSet: String, CaseIterable, Sendable {
  // Slowest first within an architecture: `best` takes the last that is available.
  case portable
  // avx512 is for server CPUs older than VNNI: 8 bits by AVX2, float by AVX-512.
  case sse41, avx2, avx512, avxvnni, avx512vnni
  case neon, neondot, neoni8mm

  /// Those that this CPU and its operating system have, slowest first.
  public static let available: [InstructionSet] = allCases.filter(\.isAvailable)

  /// The fastest of them.
  public static var best: InstructionSet { available.last ?? .portable }

  /// The one that the environment's `FOVEA_ISA` asks for, or the best.
  ///
  /// - Throws: `FoveaError.instructionSet` where that does not exist or is not available.
  public static func fromEnvironment() throws(FoveaError) -> InstructionSet {
    guard let value = unsafe getenv("FOVEA_ISA") else { return best }
    let name = unsafe String(cString: value)
    guard !name.isEmpty else { return best }
    guard let set = InstructionSet(rawValue: name), set.isAvailable else {
      throw .instructionSet(name: name, available: available.map(\.rawValue))
    }
    return set
  }

  private var isAvailable: Bool {
    let features: [String]
    switch self {
    case .portable: return true
    #if arch(x86_64)
      case .sse41: features = ["sse4.1"]
      case .avx2: features = ["avx2"]
      case .avx512: features = ["avx2", "fma", "avx512f"]
      case .avxvnni: features = ["avx2", "avxvnni"]
      case .avx512vnni: features = ["avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512vnni"]
    #elseif arch(arm64)
      case .neon: features = ["neon"]
      case .neondot: features = ["dotprod"]
      case .neoni8mm: features = ["dotprod", "i8mm"]
    #endif
    default: return false
    }
    return features.allSatisfy(CPU.current.has)
  }

  package var kernels: fovea_int8_kernels {
    switch self {
    #if arch(x86_64)
      case .sse41: unsafe fovea_int8_sse41
      case .avx2, .avx512: unsafe fovea_int8_avx2
      case .avxvnni: unsafe fovea_int8_avxvnni
      case .avx512vnni: unsafe CPU.current.has("avx512vbmi") ? .withVBMI : fovea_int8_avx512vnni
    #elseif arch(arm64)
      case .neon: unsafe fovea_int8_neon
      case .neondot: unsafe fovea_int8_neondot
      case .neoni8mm: unsafe fovea_int8_neoni8mm
    #endif
    default: unsafe fovea_int8_portable
    }
  }

  /// The float kernels that go with these instructions: SSE4.1 has none of its own, nor has AVX2 without FMA.
  package var floatKernels: fovea_f32_kernels {
    switch self {
    #if arch(x86_64)
      case .avx2, .avxvnni: unsafe CPU.current.has("fma") ? fovea_f32_avx2 : fovea_f32_portable
      case .avx512, .avx512vnni: unsafe fovea_f32_avx512
    #elseif arch(arm64)
      case .neon, .neondot, .neoni8mm: unsafe fovea_f32_neon
    #endif
    default: unsafe fovea_f32_portable
    }
  }
}

#if arch(x86_64)
  extension fovea_int8_kernels {
    /// AVX-512 VNNI with the wider table lookup that newer CPUs have.
    fileprivate static var withVBMI: fovea_int8_kernels {
      var kernels = unsafe fovea_int8_avx512vnni
      unsafe kernels.table = fovea_table_u8_avx512vbmi
      unsafe kernels.channel_tables = fovea_channel_tables_u8_avx512vbmi
      return unsafe kernels
    }
  }
#endif

/// This machine's processor.
public struct CPU: Sendable {
  /// The brand string, or "" where unknown.
  public let name: String
  /// The features that matter to kernels, in CPUID's names.
  public let features: [String]

  public static let current = CPU()

  func has(_ feature: String) -> Bool { features.contains(feature) }

  private init() {
    var cpu = fovea_cpu_detect()
    name = unsafe withUnsafeBytes(of: &cpu.name) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let flags: [(String, Bool)] = [
      ("sse4.1", cpu.sse41), ("avx2", cpu.avx2), ("fma", cpu.fma), ("avx512f", cpu.avx512f),
      ("avx512bw", cpu.avx512bw), ("avx512dq", cpu.avx512dq), ("avx512vl", cpu.avx512vl),
      ("avx512vnni", cpu.avx512vnni), ("avx512vbmi", cpu.avx512vbmi), ("avxvnni", cpu.avxvnni), ("neon", cpu.neon),
      ("dotprod", cpu.dotprod), ("i8mm", cpu.i8mm),
    ]
    features = flags.filter(\.1).map(\.0)
  }

  /// Cores that this process may use: by its affinity mask and the processor time that its control groups allow. Hardware
  /// threads of one core count as one, since two of them share the units that multiply.
  public static var availableCount: Int {
    AvailableProcessors(read: readSystemFile).coreCount ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The most threads that the command and the C interface take: above them is a typing error. Few machines have as many cores,
  /// and one session uses no more than `Session.maximumThreads`.
  package static let threadLimit = 256
}

/// The text of a file of /proc or /sys, up to 64 KiB; nil where it cannot be read.
private func readSystemFile(_ path: String) -> String? {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
    while count < buffer.count {
      let got = unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
      guard got > 0 else { return }
      count += got
    }
  }
  return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
}
