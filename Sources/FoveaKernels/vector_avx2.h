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
/// a * b + c, rounded once.
FOVEA_INLINE FOVEA_VECTOR vector vector_fma(vector a, vector b, vector c) { return _mm256_fmadd_ps(a, b, c); }
/// NaN stays NaN: the instructions return their second operand then.
FOVEA_INLINE FOVEA_VECTOR vector vector_clamp(vector x, vector low, vector high) {
  return _mm256_min_ps(high, _mm256_max_ps(low, x));
}
FOVEA_INLINE FOVEA_VECTOR void vector_store(float *to, vector x) { _mm256_storeu_ps(to, x); }
/// The first `count` lanes, 1 to 7.
FOVEA_INLINE FOVEA_VECTOR void vector_store_some(float *to, vector x, int32_t count) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lane), x);
}

#endif
