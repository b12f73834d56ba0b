#ifndef FOVEA_VECTOR_NEON_H
#define FOVEA_VECTOR_NEON_H

#include "inline.h"

#include <arm_neon.h>

// 4 floats in a register: what the float kernels' templates (tiles_f32.h and those after it) are made of. ARMv8.0.

#define FOVEA_VECTOR

typedef float32x4_t vector;
enum { vector_lanes = 4 };

FOVEA_INLINE vector vector_load(const float *from) { return vld1q_f32(from); }
FOVEA_INLINE vector vector_all(float x) { return vdupq_n_f32(x); }
FOVEA_INLINE vector vector_add(vector a, vector b) { return vaddq_f32(a, b); }
FOVEA_INLINE vector vector_subtract(vector a, vector b) { return vsubq_f32(a, b); }
FOVEA_INLINE vector vector_multiply(vector a, vector b) { return vmulq_f32(a, b); }
FOVEA_INLINE vector vector_divide(vector a, vector b) { return vdivq_f32(a, b); }
/// a * b + c, rounded once.
FOVEA_INLINE vector vector_fma(vector a, vector b, vector c) { return vfmaq_f32(c, a, b); }
/// NaN stays NaN.
FOVEA_INLINE vector vector_clamp(vector x, vector low, vector high) { return vminq_f32(vmaxq_f32(x, low), high); }
/// Where a < b x, elsewhere (also where one is NaN) y.
FOVEA_INLINE vector vector_select_less(vector a, vector b, vector x, vector y) {
  return vbslq_f32(vcltq_f32(a, b), x, y);
}
/// x * 2^n for whole n in -252 ... 254, in two steps, so that neither factor leaves the normal floats.
FOVEA_INLINE vector vector_scale(vector x, vector n) {
  const int32x4_t whole = vcvtnq_s32_f32(n), half = vshrq_n_s32(whole, 1), one = vdupq_n_s32(127);
  const int32x4_t first = vshlq_n_s32(vaddq_s32(half, one), 23);
  const int32x4_t second = vshlq_n_s32(vaddq_s32(vsubq_s32(whole, half), one), 23);
  return vmulq_f32(vmulq_f32(x, vreinterpretq_f32_s32(first)), vreinterpretq_f32_s32(second));
}
/// The first `count` lanes, 1 to 3, and zeros.
FOVEA_INLINE vector vector_load_some(const float *from, int32_t count) {
  float all[4] = {0};
  memcpy(all, from, (size_t)count * sizeof(float));
  return vld1q_f32(all);
}
FOVEA_INLINE void vector_store(float *to, vector x) { vst1q_f32(to, x); }
/// The first `count` lanes, 1 to 3.
FOVEA_INLINE void vector_store_some(float *to, vector x, int32_t count) {
  float all[4];
  vst1q_f32(all, x);
  memcpy(to, all, (size_t)count * sizeof(float));
}

// Half a block is a whole number of vectors.
typedef vector half_vector;

FOVEA_INLINE FOVEA_VECTOR half_vector half_load(const float *from) { return vector_load(from); }
FOVEA_INLINE FOVEA_VECTOR half_vector half_fma(vector a, half_vector b, half_vector c) { return vector_fma(a, b, c); }
FOVEA_INLINE FOVEA_VECTOR vector half_widen(half_vector x) { return x; }

#endif
