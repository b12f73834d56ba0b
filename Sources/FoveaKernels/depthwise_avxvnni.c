// 8-bit depthwise convolution with AVX-VNNI.
//
// vpdpbusd sums four products a 32-bit lane; here they are four kernel rows of one channel. Four input rows are
// interleaved byte by byte once a column, and that column serves every kernel column, and several output rows: with
// weights (w0, w1, w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0, w1, w2) the next one.

#if defined(__x86_64__)

#include "avxvnni.h"
#include "depthwise_avx2.h"
#include "kernels.h"

/// A group of 4 rows of one column, or the weights of one kernel column and output row: 2 registers of 8 channels.
enum { unit = 64 };

typedef fovea_depthwise_shape shape;
typedef fovea_depthwise_avx2_constants constants;

/// The weights of every output row of a pass: [kernel_width][groups][rows][2 halves], moved down by stride_y input rows an
/// output row.
static FOVEA_AVXVNNI void prepare_weights(const fovea_depthwise_u8s8 *d, shape s, int32_t block, __m256i *prepared) {
  const int8_t *weights = d->weights + (ptrdiff_t)block * d->kernel_width * s.groups * 64;
  for (int32_t kx = 0; kx < d->kernel_width; kx++) {
    __m256i above[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
    for (int32_t g = 0; g < s.groups; g++, weights += 64, prepared += 2 * s.rows) {
      for (int half = 0; half < 2; half++) {
        const __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(weights + 32 * half));
        for (int32_t r = 0; r < s.rows; r++) {
          const __m128i down = _mm_cvtsi32_si128(8 * r * d->stride_y);
          const __m128i up = _mm_cvtsi32_si128(32 - 8 * r * d->stride_y);  // 32 leaves nothing
          prepared[2 * r + half] = _mm256_or_si256(_mm256_sll_epi32(w, down), _mm256_srl_epi32(above[half], up));
        }
        above[half] = w;
      }
    }
  }
}

static inline FOVEA_AVXVNNI void fill(void *to, uint8_t zero_point) {
  __m256i *const halves = to;
  halves[0] = halves[1] = _mm256_set1_epi8((char)zero_point);
}

/// One column of a group: [2 halves].
static inline FOVEA_AVXVNNI void load(const fovea_depthwise_rows *rows, ptrdiff_t offset, void *to) {
  const __m128i r0 = fovea_depthwise_load_16(rows, 0, offset), r1 = fovea_depthwise_load_16(rows, 1, offset);
  const __m128i r2 = fovea_depthwise_load_16(rows, 2, offset), r3 = fovea_depthwise_load_16(rows, 3, offset);
  const __m128i above[2] = {_mm_unpacklo_epi8(r0, r1), _mm_unpackhi_epi8(r0, r1)};
  const __m128i below[2] = {_mm_unpacklo_epi8(r2, r3), _mm_unpackhi_epi8(r2, r3)};
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    __m128i *const four = (__m128i *)to + 2 * half;
    four[0] = _mm_unpacklo_epi16(above[half], below[half]);
    four[1] = _mm_unpackhi_epi16(above[half], below[half]);
  }
}

static FOVEA_AVXVNNI void interleave(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, void *columns) {
  fovea_depthwise_interleave(d, s, unit, 1, channel, row, left, count, columns, fill, load);
}

/// `width` columns of `rows` output rows from interleaved columns `x`, all constants of the compiler, so that width x
/// rows x 2 <= 8 sums stay in registers and a weight is loaded once for all columns, an input once for all rows. A 3x3
/// kernel takes 3 vpdpbusd for 8 outputs, 5x5 10.
FOVEA_INLINE FOVEA_AVXVNNI void convolve_columns(
    const int kernel_width, const int groups, const int rows, const int width, const fovea_depthwise_u8s8 *d,
    const __m256i *weights, const constants *c, const __m256i *x, const fovea_depthwise_output *out, uint8_t *to) {
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 2, dilation = (ptrdiff_t)d->dilation_x * groups * 2;
  __m256i sums[8];
  FOVEA_UNROLL
  for (int i = 0; i < 2 * rows * width; i++) {
    sums[i] = c->bias[i % 2];
  }
  FOVEA_NO_UNROLL
  for (int kx = 0; kx < kernel_width; kx++, x += dilation, weights += 2 * groups * rows) {
    FOVEA_UNROLL
    for (int g = 0; g < groups; g++) {
      FOVEA_UNROLL
      for (int half = 0; half < 2; half++) {
        __m256i inputs[4];
        FOVEA_UNROLL
        for (int i = 0; i < width; i++) {
          inputs[i] = x[i * stride + 2 * g + half];
        }
        FOVEA_UNROLL
        for (int r = 0; r < rows; r++) {
          const __m256i w = weights[(g * rows + r) * 2 + half];
          FOVEA_UNROLL
          for (int i = 0; i < width; i++) {
            __m256i *sum = sums + 2 * (i * rows + r) + half;
            *sum = fovea_avxvnni_dpbusd(*sum, inputs[i], w);
          }
        }
      }
    }
  }
  fovea_depthwise_avx2_store(rows, width, sums, c, d->channels, out, to);
}

/// `count` output columns, as many at once as registers allow.
FOVEA_INLINE FOVEA_AVXVNNI void convolve(
    const int kernel_width, const int groups, const int rows, const fovea_depthwise_u8s8 *d,
    const __m256i *weights, const constants *shared, const __m256i *columns, int32_t count,
    const fovea_depthwise_output *out) {
  const constants c = *shared;
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 2;
  const int width = 4 / rows;
  uint8_t *to = out->to;
  int32_t column = 0;
  for (; column + width <= count; column += width, columns += width * stride, to += width * d->channels) {
    convolve_columns(kernel_width, groups, rows, width, d, weights, &c, columns, out, to);
  }
  if (width > 1) {
    for (; column < count; column++, columns += stride, to += d->channels) {
      convolve_columns(kernel_width, groups, rows, 1, d, weights, &c, columns, out, to);
    }
  }
}

#define CONVOLVE(name, kernel_width, groups, rows)                                                                    \
  static FOVEA_AVXVNNI void name(                                                                                     \
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
static FOVEA_AVXVNNI void convolve_any(
    const fovea_depthwise_u8s8 *d, const void *weights, const void *shared, const void *interleaved, int32_t count,
    const fovea_depthwise_output *out) {
  const __m256i *const columns = interleaved;
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants k = *(const constants *)shared;
  for (int32_t c = 0; c < count; c++) {
    __m256i sums[2] = {k.bias[0], k.bias[1]};
    const __m256i *w = weights;
    for (int32_t kx = 0; kx < d->kernel_width; kx++) {
      const __m256i *x = columns + ((ptrdiff_t)c * d->stride_x + (ptrdiff_t)kx * d->dilation_x) * groups * 2;
      for (int32_t g = 0; g < groups; g++, x += 2, w += 2) {
        sums[0] = fovea_avxvnni_dpbusd(sums[0], x[0], w[0]);
        sums[1] = fovea_avxvnni_dpbusd(sums[1], x[1], w[1]);
      }
    }
    fovea_depthwise_avx2_store(1, 1, sums, &k, d->channels, out, out->to + (ptrdiff_t)c * d->channels);
  }
}

static fovea_depthwise_convolve_function *choose(shape s) {
  if (s.rows > 1) {
    return s.groups == 1 ? convolve_3x3_stride_1 : s.rows == 4 ? convolve_5x5_stride_1 : convolve_5x5_stride_2;
  }
  return s.groups == 1 ? convolve_1_group : s.groups == 2 ? convolve_2_groups : convolve_any;
}

static FOVEA_AVXVNNI void run_block(const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, void *scratch) {
  const constants c = fovea_depthwise_avx2_constants_of(&d->requantization, panel.block);
  prepare_weights(d, s, panel.block, scratch);
  fovea_depthwise_passes(d, s, unit, 1, panel, &c, scratch, interleave, choose(s));
}

void fovea_depthwise_u8s8_avxvnni(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_depthwise_run(depthwise, unit, 1, row_begin, row_end, block_begin, block_end, scratch, run_block);
}

size_t fovea_depthwise_scratch_avxvnni(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
