// Winograd convolution with the NEON of every aarch64 CPU: see winograd_u8s8.h. smlal multiplies 16-bit weights of 4
// channels by one input: an instruction for 9 products of the convolution, where conv_neon.c has 3 for 16, 2 of them
// multiplications. By instructions that is 2 times faster (Cortex-A53), by multiplications 1.1 times (Cortex-A72).
// Counted, not measured.

#if defined(__aarch64__)

#include "kernels.h"
#include "neon.h"
#include "winograd_u8s8.h"

#define FOVEA_WINOGRAD_TARGET
#define FOVEA_WINOGRAD_BYTES 16
#include "winograd_transforms.h"

enum { max_tiles = 4 };  ///< x 16 channels: 16 sums, 4 inputs and 2 vectors of weights, of 32 registers

static void transform_input(
    const uint8_t *const pixels[16], int32_t inputs, int16_t *to, ptrdiff_t position_stride) {
  for (int32_t channel = 0; channel < inputs; channel += 8) {
    winograd_s16 d[16], v[16];
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      d[i] = (winograd_s16)vmovl_u8(vld1_u8(pixels[i] + channel));
    }
    winograd_input(d, v);
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      vst1q_s16(to + channel + i * position_stride, (int16x8_t)v[i]);
    }
  }
}

/// To [inputs][16 channels].
static void transform_weights(
    const int8_t *from, ptrdiff_t row_bytes, ptrdiff_t column_bytes, int32_t groups, int16_t *to,
    ptrdiff_t position_stride) {
  for (int32_t group = 0; group < groups; group++, from += 64) {
    int8x16x4_t w[9];  // of 4 inputs, 16 channels
    FOVEA_UNROLL
    for (int i = 0; i < 9; i++) {
      w[i] = vld4q_s8(from + i / 3 * row_bytes + i % 3 * column_bytes);
    }
    FOVEA_UNROLL
    for (int part = 0; part < 8; part++, to += 8) {
      winograd_s16 g[9], u[16];
      FOVEA_UNROLL
      for (int i = 0; i < 9; i++) {
        const int8x16_t all = w[i].val[part / 2];
        g[i] = (winograd_s16)vmovl_s8(part % 2 ? vget_high_s8(all) : vget_low_s8(all));
      }
      winograd_weights(g, u);
      FOVEA_UNROLL
      for (int i = 0; i < 16; i++) {
        vst1q_s16(to + i * position_stride, (int16x8_t)u[i]);
      }
    }
  }
}

/// Input `lane` (a constant) of 4: 16 channels with every tile.
#define INPUT(lane)                                                                      \
  {                                                                                      \
    const int16x8_t w0 = vld1q_s16(weights + 16 * (lane));                               \
    const int16x8_t w1 = vld1q_s16(weights + 16 * (lane) + 8);                           \
    FOVEA_UNROLL                                                                         \
    for (int t = 0; t < tiles; t++) {                                                    \
      s[4 * t] = vmlal_lane_s16(s[4 * t], vget_low_s16(w0), x[t], lane);                 \
      s[4 * t + 1] = vmlal_high_lane_s16(s[4 * t + 1], w0, x[t], lane);                  \
      s[4 * t + 2] = vmlal_lane_s16(s[4 * t + 2], vget_low_s16(w1), x[t], lane);         \
      s[4 * t + 3] = vmlal_high_lane_s16(s[4 * t + 3], w1, x[t], lane);                  \
    }                                                                                    \
  }

/// Per group of 4 inputs and 4 tiles: 8 loads of weights, 4 of inputs, 64 smlal: 76 instructions for 256 products.
FOVEA_INLINE void multiply(
    const int tiles, const int16_t *inputs, ptrdiff_t tile_stride, const int16_t *weights, int32_t groups,
    int32_t *sums, int first) {
  int32x4_t s[4 * max_tiles];
  FOVEA_UNROLL
  for (int i = 0; i < 4 * tiles; i++) {
    s[i] = first ? vdupq_n_s32(0) : vld1q_s32(sums + i / 4 * 256 + i % 4 * 4);
  }
  for (int32_t group = 0; group < groups; group++, inputs += 4, weights += 64) {
    int16x4_t x[max_tiles];
    FOVEA_UNROLL
    for (int t = 0; t < tiles; t++) {
      x[t] = vld1_s16(inputs + t * tile_stride);
    }
    INPUT(0)
    INPUT(1)
    INPUT(2)
    INPUT(3)
  }
  FOVEA_UNROLL
  for (int i = 0; i < 4 * tiles; i++) {
    vst1q_s32(sums + i / 4 * 256 + i % 4 * 4, s[i]);
  }
}

#define MULTIPLY(tiles) FOVEA_WINOGRAD_MULTIPLY(, tiles)
MULTIPLY(1) MULTIPLY(2) MULTIPLY(3) MULTIPLY(4)

static void transform_output(
    const fovea_conv_u8s8 *conv, const int32_t *sums, uint8_t *const to[4], int32_t channel) {
  const fovea_requantization *requantization = &conv->requantization;
  const fovea_neon_output output =
      fovea_neon_output_of(requantization->zero_point, requantization->low, requantization->high);
  int16x8_t narrow[2][4];  // [half][pixel]
  for (int half = 0; half < 2; half++) {
    winograd_s32 y[2][4];
    int32x4_t bias[2];
    float32x4_t scale[2];
    FOVEA_UNROLL
    for (int q = 0; q < 2; q++) {
      const int32_t n = 8 * half + 4 * q;
      winograd_output(sums + n, 16, y[q]);
      bias[q] = vld1q_s32(requantization->bias + channel + n);
      scale[q] = vld1q_f32(requantization->scale + channel + n);
    }
    FOVEA_UNROLL
    for (int i = 0; i < 4; i++) {
      narrow[half][i] = fovea_neon_narrow(
          vaddq_s32((int32x4_t)y[0][i], bias[0]), vaddq_s32((int32x4_t)y[1][i], bias[1]), scale[0], scale[1], output);
    }
  }
  for (int i = 0; i < 4; i++) {
    if (to[i]) {
      fovea_neon_store(to[i], fovea_neon_pack(narrow[0][i], narrow[1][i], output), conv->channels - channel);
    }
  }
}

static fovea_winograd_multiply_function *const multiplications[max_tiles + 1] = {
    0, multiply_1, multiply_2, multiply_3, multiply_4,
};

static const fovea_winograd neon = {
    .max_tiles = max_tiles, .input = transform_input, .weights = transform_weights, .multiply = multiplications,
    .output = transform_output};

void fovea_winograd_u8s8_neon(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_winograd_run(&neon, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_winograd_scratch_neon(const fovea_conv_u8s8 *conv) { return fovea_winograd_scratch(conv, max_tiles); }

#endif
