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
/// a * b + c, rounded once.
FOVEA_INLINE FOVEA_VECTOR vector vector_fma(vector a, vector b, vector c) { return _mm512_fmadd_ps(a, b, c); }
/// NaN stays NaN: the instructions return their second operand then.
FOVEA_INLINE FOVEA_VECTOR vector vector_clamp(vector x, vector low, vector high) {
  return _mm512_min_ps(high, _mm512_max_ps(low, x));
}
FOVEA_INLINE FOVEA_VECTOR void vector_store(float *to, vector x) { _mm512_storeu_ps(to, x); }
/// The first `count` lanes, 1 to 15.
FOVEA_INLINE FOVEA_VECTOR void vector_store_some(float *to, vector x, int32_t count) {
  _mm512_mask_storeu_ps(to, (__mmask16)(0xffffu >> (16 - count)), x);
}

#endif
