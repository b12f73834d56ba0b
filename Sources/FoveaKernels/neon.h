#ifndef FOVEA_NEON_H
#define FOVEA_NEON_H

#include "inline.h"

#include <arm_neon.h>

// What the NEON kernels share: ARMv8.0 instructions only, which every aarch64 CPU has.

#define FOVEA_NEONDOT __attribute__((target("arch=armv8.2-a+dotprod")))
#define FOVEA_NEONI8MM __attribute__((target("arch=armv8.2-a+dotprod+i8mm")))

/// The constants that turn sums into bytes, for 16 bytes at once.
typedef struct {
  int16x8_t zero_point;
  uint8x16_t low, high;
} fovea_neon_output;

FOVEA_INLINE fovea_neon_output fovea_neon_output_of(int32_t zero_point, int32_t low, int32_t high) {
  const fovea_neon_output output = {
      vdupq_n_s16((int16_t)zero_point), vdupq_n_u8((uint8_t)low), vdupq_n_u8((uint8_t)high)};
  return output;
}

/// Rounds 2 x 4 sums (fcvtns: half to even) and adds the zero point, to 16 bits. The narrowing and the addition saturate,
/// always beyond a clamp to 0...255: the bits are those of the definition.
FOVEA_INLINE int16x8_t fovea_neon_narrow(
    int32x4_t first, int32x4_t second, float32x4_t first_scale, float32x4_t second_scale, fovea_neon_output output) {
  const int32x4_t a = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(first), first_scale));
  const int32x4_t b = vcvtnq_s32_f32(vmulq_f32(vcvtq_f32_s32(second), second_scale));
  return vqaddq_s16(vqmovn_high_s32(vqmovn_s32(a), b), output.zero_point);
}

/// 2 x 8 narrowed values to 16 clamped bytes.
FOVEA_INLINE uint8x16_t fovea_neon_pack(int16x8_t first, int16x8_t second, fovea_neon_output output) {
  return vminq_u8(vmaxq_u8(vqmovun_high_s16(vqmovun_s16(first), second), output.low), output.high);
}

/// Writes 16 bytes, or as many as there are channels.
FOVEA_INLINE void fovea_neon_store(uint8_t *to, uint8x16_t bytes, int32_t channels) {
  if (channels >= 16) {
    vst1q_u8(to, bytes);
  } else {
    uint8_t all[16];
    vst1q_u8(all, bytes);
    memcpy(to, all, (size_t)channels);
  }
}

#endif
