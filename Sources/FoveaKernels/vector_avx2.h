#ifndef FOVEA_VECTOR_AVX2_H
#define FOVEA_VECTOR_AVX2_H

#include "inline.h"

#include <immintrin.h>

// 8 floats in a register: what the float kernels' templates (tiles_f32.h and those after it) are made of.

#define FOVEA_VECTOR __attribute__((target("avx2,fma")))

typedef __m256 vector;
enum { vector_lanes = 8 };

FOVEA_INLINE FOVEA_VECTOR vector vector_load(const float *from) { return _mm256_loadu_ps(from); }
FOVEA_INLINE FOVEA_VECTOR vector vector_all(float x) { return _mm256_set1_ps(x); }
FOVEA_INLINE FOVEA_VECTOR vector vector_add(vector a, vector b) { return _mm256_add_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_subtract(vector a, vector b) { return _mm256_sub_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_multiply(vector a, vector b) { return _mm256_mul_ps(a, b); }
FOVEA_INLINE FOVEA_VECTOR vector vector_divide(vector a, vector b) { return _mm256_div_ps(a, b); }
/// a * b + c, rounded once.
FOVEA_INLINE FOVEA_VECTOR vector vector_fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
/// NaN stays NaN: the instructions return their second operand then.
FOVEA_INLINE FOVEA_VECTOR vector vector_clamp(vector x, vector low, vector high) {
  return _mm256_min_ps(high, _mm256_max_ps(low, x));
}
/// Where a < b x, elsewhere (also where one is NaN) y.
FOVEA_INLINE FOVEA_VECTOR vector vector_select_less(vector a, vector b, vector x, vector y) {
  return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ));
}
/// x * 2^n for whole n in -252 ... 254, in two steps, so that neither factor leaves the normal floats.
FOVEA_INLINE FOVEA_VECTOR vector vector_scale(vector x, vector n) {
  const __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1), one = _mm256_set1_epi32(127);
  const __m256i first = _mm256_slli_epi32(_mm256_add_epi32(half, one), 23);
  const __m256i second = _mm256_slli_epi32(_mm256_add_epi32(_mm256_sub_epi32(whole, half), one), 23);
  return _mm256_mul_ps(_mm256_mul_ps(x, _mm256_castsi256_ps(first)), _mm256_castsi256_ps(second));
}
/// All bits of the first `count` lanes.
FOVEA_INLINE FOVEA_VECTOR __m256i vector_first(int32_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
/// The first `count` lanes, 1 to 7, and zeros.
FOVEA_INLINE FOVEA_VECTOR vector vector_load_some(const float *from, int32_t count) {
  return _mm256_maskload_ps(from, vector_first(count));
}
FOVEA_INLINE FOVEA_VECTOR void vector_store(float *to, vector x) { _mm256_storeu_ps(to, x); }
/// The first `count` lanes, 1 to 7.
FOVEA_INLINE FOVEA_VECTOR void vector_store_some(float *to, vector x, int32_t count) {
  _mm256_maskstore_ps(to, vector_first(count), x);
}

// Half a block is a whole number of vectors.
typedef vector half_vector;

FOVEA_INLINE FOVEA_VECTOR half_vector half_load(const float *from) { return vector_load(from); }
FOVEA_INLINE FOVEA_VECTOR half_vector half_fma(vector a, half_vector b, half_vector c) { return vector_fma(a, b, c); }
FOVEA_INLINE FOVEA_VECTOR vector half_widen(half_vector x) { return x; }

#endif
