#ifndef FOVEA_VECTOR_AVX512_H
#define FOVEA_VECTOR_AVX512_H

#include "inline.h"

// 16 floats in a register: what the float kernels' templates (tiles_f32.h and those after it) are made of. FOVEA_SIMDE compiles
// them for any CPU, to test them where the instructions are missing.

#if defined(FOVEA_SIMDE)
#include "simde_avx512vnni.h"
#define FOVEA_VECTOR
#else
#include <immintrin.h>
#define FOVEA_VECTOR __attribute__((target("avx512f")))
#endif

typedef __m512 vector;
enum { vector_lanes = 16 };

FOVEA_INLINE FOVEA_VECTOR vector vector_load(const float *from) { return _mm512_loadu_ps(from); }
FOVEA_INLINE FOVEA_VECTOR vector vector_all(float x) { return _mm512_set1_ps(x); }
FOVEA_INLINE FOVEA_VECTOR vector vector_add(vector a, vector b) { return _mm512_add_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_subtract(vector a, vector b) { return _mm512_sub_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_multiply(vector a, vector b) { return _mm512_mul_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_divide(vector a, vector b) { return _mm512_div_ps(a, b); }
/// a * b + c, rounded once.
FOVEA_INLINE FOVEA_VECTOR vector vector_fma(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
/// NaN stays NaN: the instructions return their second operand then.
FOVEA_INLINE FOVEA_VECTOR vector vector_clamp(vector x, vector low, vector high) {
  return _mm512_min_ps(high, _mm512_max_ps(low, x));
}
/// Where a < b x, elsewhere (also where one is NaN) y.
FOVEA_INLINE FOVEA_VECTOR vector vector_select_less(vector a, vector b, vector x, vector y) {
  return _mm512_mask_mov_ps(y, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), x);
}
/// x * 2^n for whole n in -252 ... 254, in two steps, so that neither factor leaves the normal floats.
FOVEA_INLINE FOVEA_VECTOR vector vector_scale(vector x, vector n) {
  const __m512i whole = _mm512_cvtps_epi32(n), half = _mm512_srai_epi32(whole, 1), one = _mm512_set1_epi32(127);
  const __m512i first = _mm512_slli_epi32(_mm512_add_epi32(half, one), 23);
  const __m512i second = _mm512_slli_epi32(_mm512_add_epi32(_mm512_sub_epi32(whole, half), one), 23);
  return _mm512_mul_ps(_mm512_mul_ps(x, _mm512_castsi512_ps(first)), _mm512_castsi512_ps(second));
}
/// The first `count` lanes, 1 to 15, and zeros.
FOVEA_INLINE FOVEA_VECTOR vector vector_load_some(const float *from, int32_t count) {
  return _mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (16 - count)), from);
}
FOVEA_INLINE FOVEA_VECTOR void vector_store(float *to, vector x) { _mm512_storeu_ps(to, x); }
/// The first `count` lanes, 1 to 15.
FOVEA_INLINE FOVEA_VECTOR void vector_store_some(float *to, vector x, int32_t count) {
  _mm512_mask_storeu_ps(to, (__mmask16)(0xffffu >> (16 - count)), x);
}

typedef __m256 half_vector;

FOVEA_INLINE FOVEA_VECTOR half_vector half_load(const float *from) { return _mm256_loadu_ps(from); }
/// As vector_fma, with the lower half of `a`.
FOVEA_INLINE FOVEA_VECTOR half_vector half_fma(vector a, half_vector b, half_vector c) {
  return _mm256_fmadd_ps(_mm512_castps512_ps256(a), b, c);
}
FOVEA_INLINE FOVEA_VECTOR vector half_widen(half_vector x) { return _mm512_castps256_ps512(x); }

#endif
