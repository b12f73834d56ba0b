// 8-bit convolution with ARMv8.2's dot product: sdot multiplies 4 channels x 4 inputs an instruction.
//
// sdot takes signed bytes: activations are XORed with 0x80, which subtracts 128, and 128 times the sum of a channel's
// weights is added to its bias. That costs as much as one more pixel, once a call and block.

#if defined(__aarch64__)

#include "conv_neon.h"
#include "kernels.h"

/// 6 x 4 sums, 6 activations and 2 weights are the 32 registers.
enum { max_pixels = 6 };

static FOVEA_NEONDOT void correct(const fovea_conv_u8s8 *conv, int32_t block, int32_t bias[16]) {
  const ptrdiff_t groups = (ptrdiff_t)conv->taps * conv->run;
  const int8_t *weights = conv->weights + block * groups * 64;
  const int8x16_t shift = vdupq_n_s8(-128);
  int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
  for (ptrdiff_t group = 0; group < groups; group++, weights += 64) {
    FOVEA_UNROLL
    for (int j = 0; j < 4; j++) {
      sums[j] = vdotq_s32(sums[j], vld1q_s8(weights + 16 * j), shift);
    }
  }
  for (int j = 0; j < 4; j++) {
    vst1q_s32(bias + 4 * j, vsubq_s32(vld1q_s32(conv->requantization.bias + block * 16 + 4 * j), sums[j]));
  }
}

/// Group `lane` of 4: 16 channels of weights with every pixel.
#define GROUP(lane)                                                                 \
  FOVEA_UNROLL                                                                      \
  for (int j = 0; j < 4; j++) {                                                     \
    const int8x16_t w = vld1q_s8(weights + 64 * (lane) + 16 * j);                   \
    FOVEA_UNROLL                                                                    \
    for (int p = 0; p < pixels; p++) {                                              \
      sums[4 * p + j] = vdotq_laneq_s32(sums[4 * p + j], w, x[p], lane);            \
    }                                                                               \
  }

/// `pixels` (a constant) x 16 channels. Per 16 inputs and 6 pixels: 6 + 16 loads and 96 sdot: 118 instructions for 1536
/// MACs, 13 each.
FOVEA_INLINE FOVEA_NEONDOT void tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *packed, ptrdiff_t row_bytes, const int32_t *bias,
    int32_t pixel, int32_t block) {
  const ptrdiff_t groups = (ptrdiff_t)conv->taps * conv->run;
  const int8_t *weights = conv->weights + block * groups * 64;
  const uint8_t *rows[max_pixels];
  int32x4_t sums[4 * max_pixels];
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    rows[p] = packed + p * row_bytes;
    FOVEA_UNROLL
    for (int j = 0; j < 4; j++) {
      sums[4 * p + j] = vld1q_s32(bias + 4 * j);
    }
  }
  ptrdiff_t group = 0;
  for (; group + 4 <= groups; group += 4, weights += 256) {
    int8x16_t x[max_pixels];
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      x[p] = vreinterpretq_s8_u8(vld1q_u8(rows[p] + 4 * group));
    }
    GROUP(0)
    GROUP(1)
    GROUP(2)
    GROUP(3)
  }
  for (; group < groups; group++, weights += 64) {
    int8x16_t x[max_pixels];
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      x[p] = fovea_neon_broadcast(rows[p] + 4 * group);
    }
    GROUP(0)
  }
  fovea_neon_store_tile(pixels, conv, sums, pixel, block);
}

#define TILE(pixels) FOVEA_NEON_TILE(FOVEA_NEONDOT, pixels)
TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)

static fovea_neon_tile_function *const tiles[max_pixels + 1] = {0, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};

static const fovea_neon_conv neondot = {
    .max_pixels = max_pixels, .tiles = tiles, .even_mask = 0x80, .odd_mask = 0x80, .correct = correct};

void fovea_conv_u8s8_neondot(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_neon_conv_run(&neondot, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_conv_scratch_neondot(const fovea_conv_u8s8 *conv) { return fovea_neon_conv_scratch(conv, max_pixels); }

#endif
