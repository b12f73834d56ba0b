#ifndef FOVEA_SSE41_H
#define FOVEA_SSE41_H

#include "inline.h"

#include <smmintrin.h>

// What the two SSE4.1 kernels share.

#define FOVEA_SSE41 __attribute__((target("sse4.1")))

/// The constants that turn sums into bytes, for 16 bytes at once.
typedef struct {
  __m128i zero_point;  ///< 8 x s16
  __m128i low, high;   ///< 16 x u8
} fovea_sse41_output;

FOVEA_INLINE FOVEA_SSE41 fovea_sse41_output fovea_sse41_output_of(int32_t zero_point, int32_t low, int32_t high) {
  const fovea_sse41_output output = {
      _mm_set1_epi16((short)zero_point), _mm_set1_epi8((char)low), _mm_set1_epi8((char)high)};
  return output;
}

/// Rounds 2 x 4 sums (cvtps2dq: half to even) and adds the zero point, to 16 bits. The packs and the addition saturate,
/// always beyond a clamp to 0...255: the bits are those of the definition.
FOVEA_INLINE FOVEA_SSE41 __m128i fovea_sse41_narrow(
    __m128i first, __m128i second, __m128 first_scale, __m128 second_scale, fovea_sse41_output output) {
  const __m128i a = _mm_cvtps_epi32(_mm_mul_ps(_mm_cvtepi32_ps(first), first_scale));
  const __m128i b = _mm_cvtps_epi32(_mm_mul_ps(_mm_cvtepi32_ps(second), second_scale));
  return _mm_adds_epi16(_mm_packs_epi32(a, b), output.zero_point);
}

/// 2 x 8 narrowed values to 16 clamped bytes.
FOVEA_INLINE FOVEA_SSE41 __m128i fovea_sse41_pack(__m128i first, __m128i second, fovea_sse41_output output) {
  return _mm_min_epu8(_mm_max_epu8(_mm_packus_epi16(first, second), output.low), output.high);
}

#endif
