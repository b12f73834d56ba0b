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
/// a * b + c, rounded once.
FOVEA_INLINE vector vector_fma(vector a, vector b, vector c) { return vfmaq_f32(c, a, b); }
/// NaN stays NaN.
FOVEA_INLINE vector vector_clamp(vector x, vector low, vector high) { return vminq_f32(vmaxq_f32(x, low), high); }
FOVEA_INLINE void vector_store(float *to, vector x) { vst1q_f32(to, x); }
/// The first `count` lanes, 1 to 3.
FOVEA_INLINE void vector_store_some(float *to, vector x, int32_t count) {
  float all[4];
  vst1q_f32(all, x);
  memcpy(to, all, (size_t)count * sizeof(float));
}

#endif
