// 8-bit convolution with ARM's 8-bit matrix multiplication: usmmla multiplies 2 pixels x 8 unsigned inputs by 8 signed
// weights x 2 channels an instruction.
//
// A channel's 8 weights are 4 of one group and 4 of the next: zip brings them together, 2 channels at a time. (usdot would
// take them as they are: 118 instructions where this takes 92.)

#if defined(__aarch64__)

#include "conv_neon.h"
#include "kernels.h"

/// 3 pairs of pixels x 8 pairs of channels: 24 sums, 3 activations and weights of 32 registers.
enum { max_pixels = 6, max_pairs = 3 };

/// Activations are taken as they are.
static void correct(const fovea_conv_u8s8 *conv, int32_t block, int32_t bias[16]) {
  memcpy(bias, conv->requantization.bias + block * 16, 16 * sizeof(int32_t));
}

/// 4 channels, the weights of two groups for each, with every pair of pixels. The empty statement says that sums change
/// before the next weights are loaded: without it, clang loads them all, and moves sums about to make room.
FOVEA_INLINE FOVEA_NEONI8MM void multiply(
    const int pairs, int32x4_t sums[8 * max_pairs], const int q, const uint8x16_t x[max_pairs], int32x4_t even,
    int32x4_t odd) {
  const int8x16_t first = vreinterpretq_s8_s32(vzip1q_s32(even, odd));
  const int8x16_t second = vreinterpretq_s8_s32(vzip2q_s32(even, odd));
  FOVEA_UNROLL
  for (int i = 0; i < pairs; i++) {
    sums[8 * i + 2 * q] = vusmmlaq_s32(sums[8 * i + 2 * q], x[i], first);
    sums[8 * i + 2 * q + 1] = vusmmlaq_s32(sums[8 * i + 2 * q + 1], x[i], second);
  }
  FOVEA_UNROLL
  for (int i = 0; i < pairs; i++) {
    __asm__ volatile("" : "+w"(sums[8 * i + 2 * q]), "+w"(sums[8 * i + 2 * q + 1]) : : "memory");
  }
}

FOVEA_INLINE int32x4_t weights_of(const int8_t *weights) { return vreinterpretq_s32_s8(vld1q_s8(weights)); }

/// 8 inputs of two pixels.
FOVEA_INLINE uint8x16_t pair_of(const uint8_t *first, const uint8_t *second) {
  return vcombine_u8(vld1_u8(first), vld1_u8(second));
}

/// `pixels` (a constant) x 16 channels. Per 8 inputs and 6 pixels: 6 + 8 loads, 8 zips and 24 usmmla: 46 instructions for
/// 768 MACs, 17 each. The second of a lonely last pixel is the pixel itself.
FOVEA_INLINE FOVEA_NEONI8MM void tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *packed, ptrdiff_t row_bytes, const int32_t *bias,
    int32_t pixel, int32_t block) {
  const int pairs = (pixels + 1) / 2;
  const ptrdiff_t groups = (ptrdiff_t)conv->taps * conv->run;
  const int8_t *weights = conv->weights + block * groups * 64;
  const uint8_t *rows[2 * max_pairs];
  int32x4_t sums[8 * max_pairs];  // [pairs of pixels][pairs of channels]: 2 channels of the first pixel, 2 of the second
  FOVEA_UNROLL
  for (int i = 0; i < pairs; i++) {
    rows[2 * i] = packed + 2 * i * row_bytes;
    rows[2 * i + 1] = packed + (2 * i + 1 < pixels ? 2 * i + 1 : 2 * i) * row_bytes;
    FOVEA_UNROLL
    for (int j = 0; j < 8; j++) {
      const int32x2_t two = vld1_s32(bias + 2 * j);
      sums[8 * i + j] = vcombine_s32(two, two);
    }
  }
  ptrdiff_t group = 0;
  for (; group + 2 <= groups; group += 2, weights += 128) {
    uint8x16_t x[max_pairs];
    FOVEA_UNROLL
    for (int i = 0; i < pairs; i++) {
      x[i] = pair_of(rows[2 * i] + 4 * group, rows[2 * i + 1] + 4 * group);
    }
    FOVEA_UNROLL
    for (int q = 0; q < 4; q++) {
      multiply(pairs, sums, q, x, weights_of(weights + 16 * q), weights_of(weights + 64 + 16 * q));
    }
  }
  if (group < groups) {  // the 4 bytes behind meet weights of 0
    uint8x16_t x[max_pairs];
    FOVEA_UNROLL
    for (int i = 0; i < pairs; i++) {
      x[i] = pair_of(rows[2 * i] + 4 * group, rows[2 * i + 1] + 4 * group);
    }
    FOVEA_UNROLL
    for (int q = 0; q < 4; q++) {
      multiply(pairs, sums, q, x, weights_of(weights + 16 * q), vdupq_n_s32(0));
    }
  }

  int32x4_t ordered[4 * max_pixels];
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    FOVEA_UNROLL
    for (int q = 0; q < 4; q++) {
      const int32x4_t a = sums[p / 2 * 8 + 2 * q], b = sums[p / 2 * 8 + 2 * q + 1];
      ordered[4 * p + q] = p % 2 ? vcombine_s32(vget_high_s32(a), vget_high_s32(b))
                                 : vcombine_s32(vget_low_s32(a), vget_low_s32(b));
    }
  }
  fovea_neon_store_tile(pixels, conv, ordered, pixel, block);
}

#define TILE(pixels) FOVEA_NEON_TILE(FOVEA_NEONI8MM, pixels)
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)

static fovea_neon_tile_function *const tiles[max_pixels + 1] = {0, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};

static const fovea_neon_conv neoni8mm = {
    .max_pixels = max_pixels, .tiles = tiles, .even_mask = 0, .odd_mask = 0, .correct = correct};

void fovea_conv_u8s8_neoni8mm(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_neon_conv_run(&neoni8mm, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_conv_scratch_neoni8mm(const fovea_conv_u8s8 *conv) { return fovea_neon_conv_scratch(conv, max_pixels); }

#endif
