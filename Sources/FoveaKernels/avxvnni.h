#ifndef FOVEA_AVXVNNI_H
#define FOVEA_AVXVNNI_H

#include "avx2.h"

// What the two AVX-VNNI kernels share. FOVEA_AVXVNNI_EMULATED compiles them with AVX-512's form of their one instruction,
// to test their bits on a CPU that has only that (tools/check_kernels_simde.sh).

#if defined(FOVEA_AVXVNNI_EMULATED)
#define FOVEA_AVXVNNI __attribute__((target("avx2,avx512f,avx512vl,avx512vnni")))
#define fovea_avxvnni_dpbusd _mm256_dpbusd_epi32
#else
#define FOVEA_AVXVNNI __attribute__((target("avx2,avxvnni")))
#define fovea_avxvnni_dpbusd _mm256_dpbusd_avx_epi32
#endif

#endif
