#ifndef FOVEA_CPU_H
#define FOVEA_CPU_H

#include <stdbool.h>

/// What this CPU and its operating system let a program use. All false where the architecture has no such thing.
typedef struct fovea_cpu {
  char name[64];       ///< the brand string, "" where unknown
  bool sse41, avx2, fma, avx512f, avx512bw, avx512dq, avx512vl, avx512vnni, avx512vbmi, avxvnni;
  bool neon, dotprod, i8mm;
} fovea_cpu;

/// Asks CPUID, and XGETBV whether the operating system saves the wide registers; on ARM, Linux. Bare aarch64 has NEON.
fovea_cpu fovea_cpu_detect(void);

/// Tells the processor that this is a spin loop, which saves its power and its sibling's time.
static inline void fovea_cpu_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

#endif
