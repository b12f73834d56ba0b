#ifndef FOVEA_AVX2_H
#define FOVEA_AVX2_H

#include "inline.h"

#include <immintrin.h>

// What the two AVX2 kernels share.

#define FOVEA_AVX2 __attribute__((target("avx2")))

/// The constants that turn sums into bytes, for 32 bytes at once.
typedef struct {
  __m256i zero_point;  ///< 16 x s16
  __m256i low, high;   ///< 32 x u8
} fovea_avx2_output;

FOVEA_INLINE FOVEA_AVX2 fovea_avx2_output fovea_avx2_output_of(int32_t zero_point, int32_t low, int32_t high) {
  const fovea_avx2_output output = {
      _mm256_set1_epi16((short)zero_point), _mm256_set1_epi8((char)low), _mm256_set1_epi8((char)high)};
  return output;
}

FOVEA_INLINE FOVEA_AVX2 __m256i fovea_avx2_round(__m256i sums, __m256 scale) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(sums), scale));
}

/// 4 x 8 rounded values to 32 bytes: bytes 8 i ..< 8 i + 8 come from vector i. The packs and the 16-bit addition saturate,
/// always beyond a clamp to 0...255: the bits are those of the definition.
FOVEA_INLINE FOVEA_AVX2 __m256i
fovea_avx2_pack(__m256i v0, __m256i v1, __m256i v2, __m256i v3, fovea_avx2_output output) {
  const __m256i first = _mm256_adds_epi16(_mm256_packs_epi32(v0, v1), output.zero_point);
  const __m256i second = _mm256_adds_epi16(_mm256_packs_epi32(v2, v3), output.zero_point);
  const __m256i bytes = _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(first, second), output.low), output.high);
  // The packs work within 128-bit lanes: dwords are v0 v1 v2 v3 (low halves), v0 v1 v2 v3 (high halves).
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}

#endif
