// 8-bit convolution with the NEON of every aarch64 CPU (Cortex-A53, A72): smull multiplies 8 bytes to 16 bits an
// instruction.
//
// Two products of signed bytes can be 2 x 128 x 128 = 32768, one more than 16 bits hold. So the second is subtracted: with
// activations x of even groups of 4 inputs turned into x - 128 (XOR 0x80) and of odd groups into 127 - x (XOR 0x7f),
//
//     smull (x - 128) w, smlsl (127 - x') w'    is within -32640...32640,
//
// and sadalp adds neighbours to 32 bits: 3 instructions for 16 MACs. What is missing, 128 times the even groups' weights
// and 127 times the odd ones', goes into the bias. Widening both sides to 16 bits takes 4 smlal for 16 MACs, all of them
// in the one multiplier that a Cortex-A72 has; here only 2 of 3 are.

#if defined(__aarch64__)

#include "conv_neon.h"
#include "kernels.h"
#include "winograd_u8s8.h"

/// 4 x 4 sums, 4 weights, 2 activations and temporaries.
enum { max_pixels = 4 };

static void correct(const fovea_conv_u8s8 *conv, int32_t block, int32_t bias[16]) {
  const ptrdiff_t groups = (ptrdiff_t)conv->taps * conv->run;
  const int8_t *weights = conv->weights + block * groups * 64;
  int32x4_t all[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  int32x4_t odd[4] = {all[0], all[0], all[0], all[0]};
  for (ptrdiff_t group = 0; group < groups; group++, weights += 64) {
    FOVEA_UNROLL
    for (int j = 0; j < 4; j++) {
      const int16x8_t pairs = vpaddlq_s8(vld1q_s8(weights + 16 * j));
      all[j] = vpadalq_s16(all[j], pairs);
      if (group % 2) {
        odd[j] = vpadalq_s16(odd[j], pairs);
      }
    }
  }
  for (int j = 0; j < 4; j++) {
    const int32x4_t missing = vsubq_s32(vshlq_n_s32(all[j], 7), odd[j]);
    vst1q_s32(bias + 4 * j, vaddq_s32(vld1q_s32(conv->requantization.bias + block * 16 + 4 * j), missing));
  }
}

/// Keeps a compiler from working on several pixels at once, for which registers are too few, and from seeing that halves
/// of `x` and `y` are equal (clang then moves the weights' upper halves down, where smull2 reads them for nothing): their
/// values are known only after `sums`.
FOVEA_INLINE void one_after_another(int8x16_t *x, int8x16_t *y, const int32x4_t sums[4]) {
  __asm__ volatile("" : "+w"(*x), "+w"(*y) : "w"(sums[0]), "w"(sums[1]), "w"(sums[2]), "w"(sums[3]));
}

/// The sums of `pixels` (a constant) x 8 channels, without bias. Each is in two lanes until the end. Per 8 inputs and 4
/// pixels: 4 loads of weights, 8 broadcasting loads (ld1r), 48 smull, smlsl or sadalp, 10 for addresses: 70 instructions
/// for 256 MACs.
FOVEA_INLINE void sum_tile(
    const int pixels, ptrdiff_t groups, const uint8_t *packed, ptrdiff_t row_bytes, const int8_t *weights,
    int32x4_t sums[4 * max_pixels]) {
  const uint8_t *rows[max_pixels];
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    rows[p] = packed + p * row_bytes;
    FOVEA_UNROLL
    for (int j = 0; j < 4; j++) {
      sums[4 * p + j] = vdupq_n_s32(0);
    }
  }
  ptrdiff_t group = 0;
  for (; group + 2 <= groups; group += 2, weights += 128) {
    const int8x16_t even[2] = {vld1q_s8(weights), vld1q_s8(weights + 16)};
    const int8x16_t odd[2] = {vld1q_s8(weights + 64), vld1q_s8(weights + 80)};
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      int8x16_t x = fovea_neon_broadcast(rows[p] + 4 * group);
      int8x16_t y = fovea_neon_broadcast(rows[p] + 4 * group + 4);
      one_after_another(&x, &y, sums + 4 * (p ? p - 1 : 0));
      FOVEA_UNROLL
      for (int q = 0; q < 2; q++) {
        const int16x8_t lower = vmlsl_s8(
            vmull_s8(vget_low_s8(even[q]), vget_low_s8(x)), vget_low_s8(odd[q]), vget_low_s8(y));
        const int16x8_t upper = vmlsl_high_s8(vmull_high_s8(even[q], x), odd[q], y);
        sums[4 * p + 2 * q] = vpadalq_s16(sums[4 * p + 2 * q], lower);
        sums[4 * p + 2 * q + 1] = vpadalq_s16(sums[4 * p + 2 * q + 1], upper);
      }
    }
  }
  if (group < groups) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      const int8x16_t x = fovea_neon_broadcast(rows[p] + 4 * group);
      FOVEA_UNROLL
      for (int q = 0; q < 2; q++) {
        const int8x16_t w = vld1q_s8(weights + 16 * q);
        sums[4 * p + 2 * q] = vpadalq_s16(sums[4 * p + 2 * q], vmull_s8(vget_low_s8(w), vget_low_s8(x)));
        sums[4 * p + 2 * q + 1] = vpadalq_s16(sums[4 * p + 2 * q + 1], vmull_high_s8(w, x));
      }
    }
  }
}

FOVEA_INLINE void tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *packed, ptrdiff_t row_bytes, const int32_t *bias,
    int32_t pixel, int32_t block) {
  const ptrdiff_t groups = (ptrdiff_t)conv->taps * conv->run;
  const int8_t *weights = conv->weights + block * groups * 64;
  int32x4_t sums[4 * max_pixels];
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    int32x4_t pairs[4 * max_pixels];
    sum_tile(pixels, groups, packed, row_bytes, weights + 32 * half, pairs);
    FOVEA_UNROLL
    for (int i = 0; i < 2 * pixels; i++) {
      const int q = 2 * half + i % 2;
      sums[i / 2 * 4 + q] = vaddq_s32(vpaddq_s32(pairs[2 * i], pairs[2 * i + 1]), vld1q_s32(bias + 4 * q));
    }
  }
  fovea_neon_store_tile(pixels, conv, sums, pixel, block);
}

#define TILE(pixels) FOVEA_NEON_TILE(, pixels)
TILE(1) TILE(2) TILE(3) TILE(4)

static fovea_neon_tile_function *const tiles[max_pixels + 1] = {0, tile_1, tile_2, tile_3, tile_4};

static const fovea_neon_conv neon = {
    .max_pixels = max_pixels, .tiles = tiles, .even_mask = 0x80, .odd_mask = 0x7f, .correct = correct};

void fovea_conv_u8s8_neon(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  if (fovea_winograd_suits(conv)) {
    fovea_winograd_u8s8_neon(conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
    return;
  }
  fovea_neon_conv_run(&neon, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_conv_scratch_neon(const fovea_conv_u8s8 *conv) {
  return fovea_winograd_suits(conv) ? fovea_winograd_scratch_neon(conv) : fovea_neon_conv_scratch(conv, max_pixels);
}

int32_t fovea_conv_granule_neon(const fovea_conv_u8s8 *conv, int32_t parts) {
  return fovea_winograd_suits(conv) ? fovea_winograd_granule(conv, parts) : fovea_conv_granule_12(conv, parts);
}

#endif
