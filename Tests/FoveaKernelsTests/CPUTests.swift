import FoveaKernels
import Testing

#if os(Linux) && arch(x86_64)
  import Foundation

  @Test("what CPUID says is what the kernel of the operating system says")
  func cpuFeatures() throws {
    let info = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let flags = Set(info.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ") ?? [])
    let cpu = fovea_cpu_detect()
    #expect(cpu.sse41 == flags.contains("sse4_1"))
    #expect(cpu.avx2 == flags.contains("avx2"))
    #expect(cpu.fma == flags.contains("fma"))
    #expect(cpu.avx512f == flags.contains("avx512f"))
    #expect(cpu.avx512bw == flags.contains("avx512bw"))
    #expect(cpu.avx512dq == flags.contains("avx512dq"))
    #expect(cpu.avx512vl == flags.contains("avx512vl"))
    #expect(cpu.avx512vnni == flags.contains("avx512_vnni"))
    #expect(cpu.avxvnni == flags.contains("avx_vnni"))
    let name = unsafe withUnsafeBytes(of: cpu.name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    #expect(info.contains(name))
    #expect(!name.hasPrefix(" ") && !name.hasSuffix(" "))
  }
#elseif os(Linux) && arch(arm64)
  import Foundation

  @Test("what the program was told is what the kernel of the operating system says")
  func cpuFeatures() throws {
    let info = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let features = Set(info.split(separator: "\n").first { $0.hasPrefix("Features") }?.split(separator: " ") ?? [])
    let cpu = fovea_cpu_detect()
    #expect(cpu.neon == features.contains("asimd"))
    #expect(cpu.dotprod == features.contains("asimddp"))
    #expect(cpu.i8mm == features.contains("i8mm"))
  }
#endif
