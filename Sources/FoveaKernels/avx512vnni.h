#ifndef FOVEA_AVX512VNNI_H
#define FOVEA_AVX512VNNI_H

#include "inline.h"

// What the two AVX-512 VNNI kernels share. FOVEA_SIMDE compiles them for any CPU, to test their bits where the instructions
// are missing (tools/check_kernels_simde.sh).

#if defined(FOVEA_SIMDE)
#include "simde_avx512vnni.h"
#define FOVEA_AVX512
#else
#include <immintrin.h>
#define FOVEA_AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#endif

/// The constants that turn sums into bytes, for 64 bytes at once.
typedef struct {
  __m512i zero_point;  ///< 32 x s16
  __m512i low, high;   ///< 64 x u8
} fovea_avx512_output;

FOVEA_INLINE FOVEA_AVX512 fovea_avx512_output fovea_avx512_output_of(int32_t zero_point, int32_t low, int32_t high) {
  const fovea_avx512_output output = {
      _mm512_set1_epi16((short)zero_point), _mm512_set1_epi8((char)low), _mm512_set1_epi8((char)high)};
  return output;
}

/// Rounds 2 x 16 sums and adds the zero point, to 16 bits: lane j holds lane j of the first, then of the second.
FOVEA_INLINE FOVEA_AVX512 __m512i
fovea_avx512_narrow(__m512i first, __m512i second, __m512 first_scale, __m512 second_scale, fovea_avx512_output output) {
  const __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(first), first_scale));
  const __m512i b = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(second), second_scale));
  return _mm512_adds_epi16(_mm512_packs_epi32(a, b), output.zero_point);
}

/// 2 x 32 narrowed values to 64 clamped bytes: 128-bit lane j holds lane j of sums 0, 1, 2, 3, one after the other.
///
/// vcvtps2dq rounds half to even. Each pack saturates, and so does the 16-bit addition of the zero point; a value that
/// saturates is beyond every clamp to 0...255, so the bits are those of the definition. 20 instructions for 64 values; four
/// vpmovusdb in place of the packs cost 5 % of a network's pointwise time on Zen 5 (405 against 427 GMAC/s).
FOVEA_INLINE FOVEA_AVX512 __m512i fovea_avx512_pack(__m512i first, __m512i second, fovea_avx512_output output) {
  return _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(first, second), output.low), output.high);
}

#endif
