#ifndef SIMDE_AVX512VNNI_H
#define SIMDE_AVX512VNNI_H

// AVX-512 intrinsics in plain C, from SIMDe, and the few that SIMDe 0.7.4 does not have.

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

#include <math.h>
#include <stdint.h>
#include <string.h>

#define __mmask16 uint16_t
#define __mmask64 uint64_t

static inline simde__m512 shim_cvtepi32_ps(simde__m512i a) {
  int32_t from[16];
  float to[16];
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 16; i++) {
    to[i] = (float)from[i];
  }
  return simde_mm512_loadu_ps(to);
}

static inline simde__m512i shim_cvtps_epi32(simde__m512 a) {
  float from[16];
  int32_t to[16];
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 16; i++) {
    to[i] = (int32_t)rintf(from[i]);
  }
  return simde_mm512_loadu_si512(to);
}

static inline simde__m512i shim_srai_epi32(simde__m512i a, int count) {
  int32_t lanes[16];
  memcpy(lanes, &a, sizeof lanes);
  for (int i = 0; i < 16; i++) {
    lanes[i] = lanes[i] >> count;
  }
  return simde_mm512_loadu_si512(lanes);
}

static inline simde__m512 shim_maskz_loadu_ps(uint16_t mask, const float *from) {
  float lanes[16] = {0};
  for (int i = 0; i < 16; i++) {
    if (mask >> i & 1) {
      lanes[i] = from[i];
    }
  }
  return simde_mm512_loadu_ps(lanes);
}

static inline void shim_mask_storeu_ps(void *to, uint16_t mask, simde__m512 a) {
  float from[16];
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 16; i++) {
    if (mask >> i & 1) {
      memcpy((char *)to + 4 * i, from + i, 4);
    }
  }
}

static inline void shim_mask_storeu_epi8(void *to, uint64_t mask, simde__m512i a) {
  uint8_t from[64];
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 64; i++) {
    if (mask >> i & 1) {
      memcpy((char *)to + i, from + i, 1);
    }
  }
}

static inline simde__m512i shim_shuffle_i64x2(simde__m512i a, simde__m512i b, int control) {
  uint64_t from[16], to[8];
  memcpy(from, &a, 64);
  memcpy(from + 8, &b, 64);
  for (int lane = 0; lane < 4; lane++) {
    const int source = (control >> 2 * lane & 3) + (lane < 2 ? 0 : 4);
    to[2 * lane] = from[2 * source];
    to[2 * lane + 1] = from[2 * source + 1];
  }
  return simde_mm512_loadu_si512(to);
}

static inline simde__m512i shim_cvtepu8_epi16(simde__m256i a) {
  uint8_t from[32];
  uint16_t to[32];
  memcpy(from, &a, sizeof from);
  for (int i = 0; i < 32; i++) {
    to[i] = from[i];
  }
  return simde_mm512_loadu_si512(to);
}

// SIMDe's alias takes two parameters too many.
#undef _mm512_madd_epi16
#define _mm512_madd_epi16 simde_mm512_madd_epi16
#define _mm512_cvtepu8_epi16 shim_cvtepu8_epi16
#define _mm512_cvtepi32_ps shim_cvtepi32_ps
#define _mm512_cvtps_epi32 shim_cvtps_epi32
#define _mm512_srai_epi32 shim_srai_epi32
#define _mm512_maskz_loadu_ps shim_maskz_loadu_ps
#define _mm512_mask_storeu_ps shim_mask_storeu_ps
#define _mm512_mask_storeu_epi8 shim_mask_storeu_epi8
#define _mm512_shuffle_i64x2 shim_shuffle_i64x2

#endif
