// 8-bit depthwise convolution with ARMv8.2's dot product.
//
// sdot sums four products a 32-bit lane; here they are four kernel rows of one channel. Four input rows are interleaved
// byte by byte once a column, and that column serves every kernel column, and several output rows: with weights
// (w0, w1, w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0, w1, w2) the next one.
//
// sdot takes signed bytes: columns are XORed with 0x80, which subtracts 128, and 128 times the sum of a channel's weights
// is added to its bias.

#if defined(__aarch64__)

#include "depthwise_driver.h"
#include "kernels.h"
#include "neon.h"

/// A group of 4 rows of one column, or the weights of one kernel column and output row: 4 registers of 4 channels.
enum { unit = 64 };

typedef fovea_depthwise_shape shape;

/// The weights of every output row of a pass: [kernel_width][groups][rows][4], moved down by stride_y input rows an output
/// row.
static void prepare_weights(const fovea_depthwise_u8s8 *d, shape s, int32_t block, int8x16_t *prepared) {
  const int8_t *weights = d->weights + (ptrdiff_t)block * d->kernel_width * s.groups * 64;
  for (int32_t kx = 0; kx < d->kernel_width; kx++) {
    uint32x4_t above[4] = {vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0), vdupq_n_u32(0)};
    for (int32_t g = 0; g < s.groups; g++, weights += 64, prepared += 4 * s.rows) {
      for (int q = 0; q < 4; q++) {
        const uint32x4_t w = vreinterpretq_u32_s8(vld1q_s8(weights + 16 * q));
        for (int32_t r = 0; r < s.rows; r++) {
          const int32x4_t down = vdupq_n_s32(8 * r * d->stride_y);
          const int32x4_t up = vsubq_s32(down, vdupq_n_s32(32));  // ushl by -32 leaves nothing
          prepared[4 * r + q] = vreinterpretq_s8_u32(vorrq_u32(vshlq_u32(w, down), vshlq_u32(above[q], up)));
        }
        above[q] = w;
      }
    }
  }
}

/// sdot wants signed bytes.
FOVEA_INLINE uint8x16_t to_signed(uint8x16_t bytes) { return veorq_u8(bytes, vdupq_n_u8(0x80)); }

static inline void fill(void *to, uint8_t zero_point) {
  uint8x16_t *const four = to;
  four[0] = four[1] = four[2] = four[3] = to_signed(vdupq_n_u8(zero_point));
}

/// One column of a group: 4 registers of 4 channels.
static inline void load(const fovea_depthwise_rows *rows, ptrdiff_t offset, void *to) {
  uint8x16_t row[4];
  FOVEA_UNROLL
  for (int i = 0; i < 4; i++) {
    row[i] = to_signed(vld1q_u8(fovea_depthwise_at(rows, i, offset)));
  }
  const uint8x16x2_t above = vzipq_u8(row[0], row[1]), below = vzipq_u8(row[2], row[3]);
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    const uint16x8x2_t four = vzipq_u16(vreinterpretq_u16_u8(above.val[half]), vreinterpretq_u16_u8(below.val[half]));
    ((uint8x16_t *)to)[2 * half] = vreinterpretq_u8_u16(four.val[0]);
    ((uint8x16_t *)to)[2 * half + 1] = vreinterpretq_u8_u16(four.val[1]);
  }
}

static void interleave(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, void *columns) {
  fovea_depthwise_interleave(d, s, unit, 1, channel, row, left, count, columns, fill, load);
}

/// What every column of a block shares.
typedef struct {
  int32x4_t bias[4];
  float32x4_t scale[4];
  fovea_neon_output output;
} constants;

static FOVEA_NEONDOT constants constants_of(const fovea_depthwise_u8s8 *d, shape s, int32_t block) {
  const fovea_requantization *requantization = &d->requantization;
  constants c = {.output = fovea_neon_output_of(requantization->zero_point, requantization->low, requantization->high)};
  const int32_t count = d->kernel_width * s.groups;
  const int8_t *weights = d->weights + (ptrdiff_t)block * count * 64;
  const int8x16_t shift = vdupq_n_s8(-128);
  for (int q = 0; q < 4; q++) {
    int32x4_t sum = vdupq_n_s32(0);
    for (int32_t i = 0; i < count; i++) {
      sum = vdotq_s32(sum, vld1q_s8(weights + 64 * (ptrdiff_t)i + 16 * q), shift);
    }
    c.bias[q] = vsubq_s32(vld1q_s32(requantization->bias + block * 16 + 4 * q), sum);
    c.scale[q] = vld1q_f32(requantization->scale + block * 16 + 4 * q);
  }
  return c;
}

/// `width` columns of `rows` output rows from interleaved columns `x`, all constants of the compiler, so that width x
/// rows x 2 <= 16 sums stay in registers beside their inputs and weights: a weight is loaded once for all columns, an
/// input once for all rows. 3x3 at stride 1: 72 loads and 96 sdot for 128 outputs, 12 MACs a sdot; 5x5: 240 loads and 320
/// sdot, 10.
FOVEA_INLINE FOVEA_NEONDOT void convolve_columns(
    const int kernel_width, const int groups, const int rows, const int width, const fovea_depthwise_u8s8 *d,
    const int8x16_t *weights, const constants *c, const int8x16_t *x, const fovea_depthwise_output *out,
    uint8_t *to) {
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 4, dilation = (ptrdiff_t)d->dilation_x * groups * 4;
  int16x8_t narrow[2][8];
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    int32x4_t sums[16];
    FOVEA_UNROLL
    for (int i = 0; i < 2 * rows * width; i++) {
      sums[i] = c->bias[2 * half + i % 2];
    }
    const int8x16_t *w = weights + 2 * half, *column = x + 2 * half;
    FOVEA_NO_UNROLL
    for (int kx = 0; kx < kernel_width; kx++, column += dilation, w += groups * rows * 4) {
      FOVEA_UNROLL
      for (int g = 0; g < groups; g++) {
        FOVEA_UNROLL
        for (int q = 0; q < 2; q++) {
          int8x16_t inputs[4];
          FOVEA_UNROLL
          for (int i = 0; i < width; i++) {
            inputs[i] = column[i * stride + 4 * g + q];
          }
          FOVEA_UNROLL
          for (int r = 0; r < rows; r++) {
            const int8x16_t by = w[4 * (g * rows + r) + q];
            FOVEA_UNROLL
            for (int i = 0; i < width; i++) {
              int32x4_t *sum = sums + 2 * (i * rows + r) + q;
              *sum = vdotq_s32(*sum, inputs[i], by);
            }
          }
        }
      }
    }
    FOVEA_UNROLL
    for (int i = 0; i < rows * width; i++) {
      narrow[half][i] =
          fovea_neon_narrow(sums[2 * i], sums[2 * i + 1], c->scale[2 * half], c->scale[2 * half + 1], c->output);
    }
  }
  FOVEA_UNROLL
  for (int i = 0; i < rows * width; i++) {
    if (i % rows < out->rows_left) {
      const uint8x16_t bytes = fovea_neon_pack(narrow[0][i], narrow[1][i], c->output);
      fovea_neon_store(to + i / rows * d->channels + i % rows * out->row_step, bytes, out->channels);
    }
  }
}

/// `count` output columns, as many at once as registers allow.
FOVEA_INLINE FOVEA_NEONDOT void convolve(
    const int kernel_width, const int groups, const int rows, const fovea_depthwise_u8s8 *d, const int8x16_t *weights,
    const constants *c, const int8x16_t *columns, int32_t count, const fovea_depthwise_output *out) {
  const int width = rows == 4 ? 2 : 4;
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 4;
  uint8_t *to = out->to;
  int32_t column = 0;
  for (; column + width <= count; column += width, columns += width * stride, to += width * d->channels) {
    convolve_columns(kernel_width, groups, rows, width, d, weights, c, columns, out, to);
  }
  for (; column < count; column++, columns += stride, to += d->channels) {
    convolve_columns(kernel_width, groups, rows, 1, d, weights, c, columns, out, to);
  }
}

#define CONVOLVE(name, kernel_width, groups, rows)                                                                    \
  static FOVEA_NEONDOT void name(                                                                                     \
      const fovea_depthwise_u8s8 *d, const void *weights, const void *c, const void *columns, int32_t count,          \
      const fovea_depthwise_output *out) {                                                                            \
    convolve(kernel_width, groups, rows, d, weights, c, columns, count, out);                                         \
  }

CONVOLVE(convolve_3x3_stride_1, 3, 1, 2)
CONVOLVE(convolve_5x5_stride_1, 5, 2, 4)
CONVOLVE(convolve_5x5_stride_2, 5, 2, 2)
CONVOLVE(convolve_1_group, d->kernel_width, 1, 1)
CONVOLVE(convolve_2_groups, d->kernel_width, 2, 1)

/// Any kernel: one output row a pass, loops not unrolled.
static FOVEA_NEONDOT void convolve_any(
    const fovea_depthwise_u8s8 *d, const void *weights, const void *shared, const void *interleaved, int32_t count,
    const fovea_depthwise_output *out) {
  const int8x16_t *const columns = interleaved;
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants *const c = shared;
  for (int32_t column = 0; column < count; column++) {
    int32x4_t sums[4] = {c->bias[0], c->bias[1], c->bias[2], c->bias[3]};
    const int8x16_t *w = weights;
    for (int32_t kx = 0; kx < d->kernel_width; kx++) {
      const int8x16_t *x = columns + ((ptrdiff_t)column * d->stride_x + (ptrdiff_t)kx * d->dilation_x) * groups * 4;
      for (int32_t g = 0; g < groups; g++, x += 4, w += 4) {
        FOVEA_UNROLL
        for (int q = 0; q < 4; q++) {
          sums[q] = vdotq_s32(sums[q], x[q], w[q]);
        }
      }
    }
    const int16x8_t lower = fovea_neon_narrow(sums[0], sums[1], c->scale[0], c->scale[1], c->output);
    const int16x8_t upper = fovea_neon_narrow(sums[2], sums[3], c->scale[2], c->scale[3], c->output);
    fovea_neon_store(
        out->to + (ptrdiff_t)column * d->channels, fovea_neon_pack(lower, upper, c->output), out->channels);
  }
}

static fovea_depthwise_convolve_function *choose(shape s) {
  if (s.rows > 1) {
    return s.groups == 1 ? convolve_3x3_stride_1 : s.rows == 4 ? convolve_5x5_stride_1 : convolve_5x5_stride_2;
  }
  return s.groups == 1 ? convolve_1_group : s.groups == 2 ? convolve_2_groups : convolve_any;
}

static void run_block(const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, void *scratch) {
  const constants c = constants_of(d, s, panel.block);
  prepare_weights(d, s, panel.block, scratch);
  fovea_depthwise_passes(d, s, unit, 1, panel, &c, scratch, interleave, choose(s));
}

void fovea_depthwise_u8s8_neondot(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_depthwise_run(depthwise, unit, 1, row_begin, row_end, block_begin, block_end, scratch, run_block);
}

size_t fovea_depthwise_scratch_neondot(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
