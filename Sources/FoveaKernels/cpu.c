// What the CPU can do, asked of the CPU itself: no libgcc, no operating system call. (ARM's CPUs answer only their operating
// system, which lays its copy of the answer beside the program's arguments.)

#include "fovea_cpu.h"

#if defined(__x86_64__)

#include "inline.h"

#include <stdint.h>

typedef struct {
  uint32_t eax, ebx, ecx, edx;
} registers;

static registers cpuid(uint32_t leaf, uint32_t subleaf) {
  registers r;
  __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
  return r;
}

/// The register sets that the operating system saves (XCR0). Only where CPUID reports OSXSAVE.
static uint32_t saved_state(void) {
  uint32_t eax, edx;
  __asm__ volatile("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  return eax;
}

static bool bit(uint32_t word, int index) { return (word >> index) & 1; }

/// The 48-byte brand string without the spaces that some chips pad it with.
static void copy_name(char name[64]) {
  if (cpuid(0x80000000u, 0).eax < 0x80000004u) {
    return;
  }
  char brand[49] = {0};
  for (uint32_t part = 0; part < 3; part++) {
    const registers r = cpuid(0x80000002u + part, 0);
    memcpy(brand + 16 * part, &r, 16);
  }
  size_t begin = 0, end = 0;
  while (brand[begin] == ' ') {
    begin++;
  }
  for (size_t i = begin; brand[i]; i++) {
    if (brand[i] != ' ') {
      end = i + 1;
    }
  }
  if (end > begin) {
    memcpy(name, brand + begin, end - begin);
  }
}

fovea_cpu fovea_cpu_detect(void) {
  fovea_cpu cpu;
  memset(&cpu, 0, sizeof cpu);
  copy_name(cpu.name);

  const uint32_t last_leaf = cpuid(0, 0).eax;
  const registers basic = cpuid(1, 0);
  cpu.sse41 = bit(basic.ecx, 19);
  if (last_leaf < 7 || !bit(basic.ecx, 27)) {
    return cpu;
  }
  const registers extended = cpuid(7, 0);
  const uint32_t saved = saved_state();

  const bool saves_ymm = (saved & 0x06) == 0x06;  // SSE and AVX
  if (!saves_ymm || !bit(basic.ecx, 28)) {
    return cpu;
  }
  cpu.avx2 = bit(extended.ebx, 5);
  cpu.fma = bit(basic.ecx, 12);
  cpu.avxvnni = extended.eax >= 1 && bit(cpuid(7, 1).eax, 4);

  const bool saves_zmm = (saved & 0xe6) == 0xe6;  // and the mask registers and both parts of zmm
  if (!saves_zmm) {
    return cpu;
  }
  cpu.avx512f = bit(extended.ebx, 16);
  cpu.avx512dq = bit(extended.ebx, 17);
  cpu.avx512bw = bit(extended.ebx, 30);
  cpu.avx512vl = bit(extended.ebx, 31);
  cpu.avx512vbmi = bit(extended.ecx, 1);
  cpu.avx512vnni = bit(extended.ecx, 11);
  return cpu;
}

#elif defined(__aarch64__)

#if defined(__linux__)
#include <sys/auxv.h>
#endif

fovea_cpu fovea_cpu_detect(void) {
  fovea_cpu cpu = {.name = "", .neon = true};
#if defined(__linux__)
  cpu.dotprod = getauxval(AT_HWCAP) >> 20 & 1;  // HWCAP_ASIMDDP
  cpu.i8mm = getauxval(AT_HWCAP2) >> 13 & 1;    // HWCAP2_I8MM
#endif
  return cpu;
}

#else

fovea_cpu fovea_cpu_detect(void) {
  const fovea_cpu nothing = {.name = ""};
  return nothing;
}

#endif
