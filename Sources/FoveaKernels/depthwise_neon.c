// 8-bit depthwise convolution with the NEON of every aarch64 CPU.
//
// One lane is one channel. As in conv_neon.c, two products of bytes fit 16 bits when the second is subtracted: even kernel
// rows read activations x as x - 128 (XOR 0x80), odd ones as 127 - x (XOR 0x7f), which the bias makes good. The input rows
// under an output row are copied so, column by column, and a copied column serves every kernel column.

#if defined(__aarch64__)

#include "depthwise_driver.h"
#include "kernels.h"
#include "neon.h"

/// Scratch for a group of 4 rows of 16 channels.
enum { unit = 64 };

/// Only its passes' `width` and `band` are used: one output row a pass.
typedef fovea_depthwise_shape shape;

FOVEA_INLINE uint8_t mask_of(int32_t row) { return row % 2 ? 0x7f : 0x80; }

/// One block's weights as [kernel_width][kernel_height][16].
static void prepare_weights(const fovea_depthwise_u8s8 *d, int32_t block, int8x16_t *prepared) {
  const ptrdiff_t groups = (d->kernel_height + 3) / 4;
  const int8_t *weights = d->weights + (ptrdiff_t)block * d->kernel_width * groups * 64;
  for (int32_t kx = 0; kx < d->kernel_width; kx++, prepared += d->kernel_height) {
    for (int32_t row = 0; row < d->kernel_height; row += 4, weights += 64) {
      const int8x16x4_t rows = vld4q_s8(weights);
      for (int32_t i = 0; i < 4 && row + i < d->kernel_height; i++) {
        prepared[row + i] = rows.val[i];
      }
    }
  }
}

/// What every column of a block shares.
typedef struct {
  int32x4_t bias[4];
  float32x4_t scale[4];
  fovea_neon_output output;
} constants;

static constants constants_of(const fovea_depthwise_u8s8 *d, int32_t block, const int8x16_t *weights) {
  const fovea_requantization *requantization = &d->requantization;
  constants c = {.output = fovea_neon_output_of(requantization->zero_point, requantization->low, requantization->high)};
  for (int q = 0; q < 4; q++) {
    c.bias[q] = vld1q_s32(requantization->bias + block * 16 + 4 * q);
    c.scale[q] = vld1q_f32(requantization->scale + block * 16 + 4 * q);
  }
  for (int32_t i = 0; i < d->kernel_width * d->kernel_height; i++) {
    const int8x16_t less = vdupq_n_s8(i % d->kernel_height % 2 ? -127 : -128);
    const int16x8_t lower = vmull_s8(vget_low_s8(weights[i]), vget_low_s8(less)), upper = vmull_high_s8(weights[i], less);
    c.bias[0] = vsubw_s16(c.bias[0], vget_low_s16(lower));
    c.bias[1] = vsubw_high_s16(c.bias[1], lower);
    c.bias[2] = vsubw_s16(c.bias[2], vget_low_s16(upper));
    c.bias[3] = vsubw_high_s16(c.bias[3], upper);
  }
  return c;
}

/// Copies columns `left ..< left + count` of the input under output row `row` to [count][kernel_height][16].
static void copy_columns(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, void *columns) {
  (void)s;
  const fovea_depthwise_inside inside = fovea_depthwise_inside_of(d, left, count);
  const ptrdiff_t step = d->kernel_height, channels = d->channels;
  for (int32_t ky = 0; ky < d->kernel_height; ky++) {
    const int32_t y = row * d->stride_y - d->pad_top + ky * d->dilation_y;
    const uint8x16_t mask = vdupq_n_u8(mask_of(ky));
    const uint8x16_t padding = veorq_u8(vdupq_n_u8((uint8_t)d->input_zero_point), mask);
    const int within = y >= 0 && y < d->height;
    uint8x16_t *to = (uint8x16_t *)columns + ky;
    int32_t c = 0;
    for (; c < (within ? inside.begin : count); c++, to += step) {
      *to = padding;
    }
    if (c < inside.end) {
      const uint8_t *from = d->input + ((ptrdiff_t)y * d->width + left + c) * channels + channel;
      for (; c < inside.end; c++, to += step, from += channels) {
        *to = veorq_u8(vld1q_u8(from), mask);
      }
    }
    for (; c < count; c++, to += step) {
      *to = padding;
    }
  }
}

/// Adds 16 products, or sums of two, to 4 x 4 sums.
FOVEA_INLINE void accumulate(int32x4_t sums[4], int16x8_t lower, int16x8_t upper) {
  sums[0] = vaddw_s16(sums[0], vget_low_s16(lower));
  sums[1] = vaddw_high_s16(sums[1], lower);
  sums[2] = vaddw_s16(sums[2], vget_low_s16(upper));
  sums[3] = vaddw_high_s16(sums[3], upper);
}

/// `width` (a constant) outputs of 16 channels: 16 sums, 2 weights, 2 inputs and temporaries. A pair of kernel rows takes
/// 4 times smull, smlsl and 4 saddw for 32 MACs, a last single one 2 smull and 4 saddw for 16: 3x3 42 instructions for 144
/// MACs, 5x5 110 for 400. (smlal on 16 bits: 36 and 100, but all of them multiplications, of which Cortex-A72 starts one a
/// cycle beside one addition; and the inputs would be twice as wide.)
FOVEA_INLINE void convolve_columns(
    const int kernel_height, const int width, const fovea_depthwise_u8s8 *d, const int8x16_t *weights, const constants *c,
    const int8x16_t *x, uint8_t *to, int32_t channels) {
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * kernel_height, dilation = (ptrdiff_t)d->dilation_x * kernel_height;
  int32x4_t sums[16];
  FOVEA_UNROLL
  for (int i = 0; i < 4 * width; i++) {
    sums[i] = c->bias[i % 4];
  }
  FOVEA_NO_UNROLL
  for (int32_t kx = 0; kx < d->kernel_width; kx++, x += dilation, weights += kernel_height) {
    for (int ky = 0; ky + 2 <= kernel_height; ky += 2) {
      const int8x16_t w = weights[ky], v = weights[ky + 1];
      FOVEA_UNROLL
      for (int i = 0; i < width; i++) {
        const int8x16_t a = x[i * stride + ky], b = x[i * stride + ky + 1];
        accumulate(
            sums + 4 * i,
            vmlsl_s8(vmull_s8(vget_low_s8(w), vget_low_s8(a)), vget_low_s8(v), vget_low_s8(b)),
            vmlsl_high_s8(vmull_high_s8(w, a), v, b));
      }
    }
    if (kernel_height % 2) {
      const int8x16_t w = weights[kernel_height - 1];
      FOVEA_UNROLL
      for (int i = 0; i < width; i++) {
        const int8x16_t a = x[i * stride + kernel_height - 1];
        accumulate(sums + 4 * i, vmull_s8(vget_low_s8(w), vget_low_s8(a)), vmull_high_s8(w, a));
      }
    }
  }
  FOVEA_UNROLL
  for (int i = 0; i < width; i++) {
    const int32x4_t *s = sums + 4 * i;
    const int16x8_t lower = fovea_neon_narrow(s[0], s[1], c->scale[0], c->scale[1], c->output);
    const int16x8_t upper = fovea_neon_narrow(s[2], s[3], c->scale[2], c->scale[3], c->output);
    fovea_neon_store(to + i * (ptrdiff_t)d->channels, fovea_neon_pack(lower, upper, c->output), channels);
  }
}

/// `count` output columns, 4 at once.
#define CONVOLVE(name, kernel_height)                                                                                 \
  static void name(                                                                                                   \
      const fovea_depthwise_u8s8 *d, const void *weights, const void *c, const void *columns, int32_t count,          \
      const fovea_depthwise_output *out) {                                                                            \
    const int8x16_t *x = columns;                                                                                     \
    uint8_t *to = out->to;                                                                                            \
    const ptrdiff_t stride = (ptrdiff_t)d->stride_x * (kernel_height);                                                \
    int32_t column = 0;                                                                                               \
    for (; column + 4 <= count; column += 4, x += 4 * stride, to += 4 * (ptrdiff_t)d->channels) {                     \
      convolve_columns(kernel_height, 4, d, weights, c, x, to, out->channels);                                        \
    }                                                                                                                 \
    for (; column < count; column++, x += stride, to += d->channels) {                                                \
      convolve_columns(kernel_height, 1, d, weights, c, x, to, out->channels);                                        \
    }                                                                                                                 \
  }

CONVOLVE(convolve_height_3, 3)
CONVOLVE(convolve_height_5, 5)
CONVOLVE(convolve_height_7, 7)
CONVOLVE(convolve_any, d->kernel_height)

static fovea_depthwise_convolve_function *choose(const fovea_depthwise_u8s8 *d) {
  return d->kernel_height == 3   ? convolve_height_3
         : d->kernel_height == 5 ? convolve_height_5
         : d->kernel_height == 7 ? convolve_height_7
                                 : convolve_any;
}

static void run_block(const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, void *scratch) {
  s.rows = 1;  // the shape and its scratch may have room for more
  prepare_weights(d, panel.block, scratch);
  const constants c = constants_of(d, panel.block, scratch);
  fovea_depthwise_passes(d, s, unit, 1, panel, &c, scratch, copy_columns, choose(d));
}

void fovea_depthwise_u8s8_neon(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_depthwise_run(depthwise, unit, 1, row_begin, row_end, block_begin, block_end, scratch, run_block);
}

size_t fovea_depthwise_scratch_neon(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
