// 8-bit depthwise convolution with SSE4.1, exact: depthwise_avx2.c at half its width.
//
// pmaddwd sums two 16-bit products a 32-bit lane; here they are two kernel rows of one channel. Input rows are interleaved
// in pairs and widened to 16 bits once a column, and that column serves every kernel column and several output rows: with
// weights (w0, w1), (w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0), (w1, w2) the next one.

#if defined(__x86_64__)

#include "depthwise_x86.h"
#include "kernels.h"
#include "sse41.h"

/// A group of 4 rows of one column, or the weights of one kernel column and output row, for 16 channels:
/// [2 pairs of rows][4 quarters] registers of 4 channels.
enum { unit = 128 };

typedef fovea_depthwise_shape shape;

/// The weights of every output row of a pass: [kernel_width][groups][rows][2 pairs][4 quarters], moved down by stride_y
/// input rows an output row.
static FOVEA_SSE41 void prepare_weights(const fovea_depthwise_u8s8 *d, shape s, int32_t block, __m128i *prepared) {
  const int8_t *weights = d->weights + (ptrdiff_t)block * d->kernel_width * s.groups * 64;
  // Bytes 0, 1 or 2, 3 of each dword to the high bytes of its 16-bit halves, for an arithmetic shift to widen.
  const __m128i first = _mm_setr_epi8(-1, 0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13);
  const __m128i second = _mm_setr_epi8(-1, 2, -1, 3, -1, 6, -1, 7, -1, 10, -1, 11, -1, 14, -1, 15);
  for (int32_t kx = 0; kx < d->kernel_width; kx++) {
    __m128i above[4] = {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
    for (int32_t g = 0; g < s.groups; g++, weights += 64, prepared += 8 * s.rows) {
      for (int q = 0; q < 4; q++) {
        const __m128i w = _mm_loadu_si128((const __m128i *)(const void *)(weights + 16 * q));
        for (int32_t r = 0; r < s.rows; r++) {
          const __m128i down = _mm_cvtsi32_si128(8 * r * d->stride_y);
          const __m128i up = _mm_cvtsi32_si128(32 - 8 * r * d->stride_y);  // 32 leaves nothing
          const __m128i moved = _mm_or_si128(_mm_sll_epi32(w, down), _mm_srl_epi32(above[q], up));
          prepared[8 * r + q] = _mm_srai_epi16(_mm_shuffle_epi8(moved, first), 8);
          prepared[8 * r + 4 + q] = _mm_srai_epi16(_mm_shuffle_epi8(moved, second), 8);
        }
        above[q] = w;
      }
    }
  }
}

static inline FOVEA_SSE41 void fill(void *to, uint8_t zero_point) {
  FOVEA_UNROLL
  for (int i = 0; i < 8; i++) {
    ((__m128i *)to)[i] = _mm_set1_epi16(zero_point);
  }
}

/// One column of a group: [2 pairs][4 quarters].
static inline FOVEA_SSE41 void load(const fovea_depthwise_rows *rows, ptrdiff_t offset, void *to) {
  FOVEA_UNROLL
  for (int pair = 0; pair < 2; pair++) {
    const __m128i first = fovea_depthwise_load_16(rows, 2 * pair, offset);
    const __m128i second = fovea_depthwise_load_16(rows, 2 * pair + 1, offset);
    const __m128i lower = _mm_unpacklo_epi8(first, second), upper = _mm_unpackhi_epi8(first, second);
    __m128i *const quarters = (__m128i *)to + 4 * pair;
    quarters[0] = _mm_unpacklo_epi8(lower, _mm_setzero_si128());
    quarters[1] = _mm_unpackhi_epi8(lower, _mm_setzero_si128());
    quarters[2] = _mm_unpacklo_epi8(upper, _mm_setzero_si128());
    quarters[3] = _mm_unpackhi_epi8(upper, _mm_setzero_si128());
  }
}

static FOVEA_SSE41 void interleave(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, void *columns) {
  fovea_depthwise_interleave(d, s, unit, 1, channel, row, left, count, columns, fill, load);
}

/// What every column of a block shares.
typedef struct {
  __m128i bias[4];  // by quarters
  __m128 scale[4];
  fovea_sse41_output output;
} constants;

FOVEA_INLINE FOVEA_SSE41 constants constants_of(const fovea_requantization *requantization, int32_t block) {
  const __m128i *bias = (const __m128i *)(const void *)(requantization->bias + 16 * block);
  const float *scale = requantization->scale + 16 * block;
  const constants c = {
      {bias[0], bias[1], bias[2], bias[3]},
      {_mm_load_ps(scale), _mm_load_ps(scale + 4), _mm_load_ps(scale + 8), _mm_load_ps(scale + 12)},
      fovea_sse41_output_of(requantization->zero_point, requantization->low, requantization->high)};
  return c;
}

/// `width` columns of `rows` output rows from interleaved columns `x`, all constants of the compiler, so that width x
/// rows x 2 <= 8 sums stay in registers and a weight is loaded once for all columns, an input once for all rows. A 3x3
/// kernel takes 6 times pmaddwd, paddd for 4 outputs, 5x5 15: pairs of zero weights are skipped.
FOVEA_INLINE FOVEA_SSE41 void convolve_columns(
    const int kernel_height, const int rows, const int stride_y, const int width, const fovea_depthwise_u8s8 *d,
    const __m128i *weights, const constants *c, const __m128i *x, const fovea_depthwise_output *out,
    uint8_t *to) {
  const int groups = (kernel_height + 3) / 4;
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 8, dilation = (ptrdiff_t)d->dilation_x * groups * 8;
  __m128i narrow[2][4];
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    __m128i sums[8];
    FOVEA_UNROLL
    for (int i = 0; i < 2 * rows * width; i++) {
      sums[i] = c->bias[2 * half + i % 2];
    }
    const __m128i *w = weights + 2 * half, *column = x + 2 * half;
    FOVEA_NO_UNROLL
    for (int32_t kx = 0; kx < d->kernel_width; kx++, column += dilation, w += 8 * groups * rows) {
      FOVEA_UNROLL
      for (int pair = 0; pair < 2 * groups; pair++) {
        FOVEA_UNROLL
        for (int q = 0; q < 2; q++) {
          __m128i inputs[4];
          FOVEA_UNROLL
          for (int i = 0; i < width; i++) {
            inputs[i] = column[i * stride + 4 * pair + q];
          }
          FOVEA_UNROLL
          for (int r = 0; r < rows; r++) {
            if (pair < r * stride_y / 2 || pair > (r * stride_y + kernel_height - 1) / 2) {
              continue;  // both weights are 0
            }
            const __m128i by = w[(pair / 2 * rows + r) * 8 + 4 * (pair % 2) + q];
            FOVEA_UNROLL
            for (int i = 0; i < width; i++) {
              __m128i *sum = sums + 2 * (i * rows + r) + q;
              *sum = _mm_add_epi32(*sum, _mm_madd_epi16(inputs[i], by));
            }
          }
        }
      }
    }
    FOVEA_UNROLL
    for (int i = 0; i < rows * width; i++) {
      narrow[half][i] =
          fovea_sse41_narrow(sums[2 * i], sums[2 * i + 1], c->scale[2 * half], c->scale[2 * half + 1], c->output);
    }
  }
  FOVEA_UNROLL
  for (int i = 0; i < rows * width; i++) {
    const __m128i bytes = fovea_sse41_pack(narrow[0][i], narrow[1][i], c->output);
    fovea_depthwise_store_16(bytes, out, to + i / rows * d->channels + i % rows * out->row_step, i % rows);
  }
}

/// `count` output columns, as many at once as registers allow.
FOVEA_INLINE FOVEA_SSE41 void convolve(
    const int kernel_height, const int rows, const int stride_y, const fovea_depthwise_u8s8 *d,
    const __m128i *weights, const constants *shared, const __m128i *columns, int32_t count,
    const fovea_depthwise_output *out) {
  const constants c = *shared;
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * ((kernel_height + 3) / 4) * 8;
  const int width = 4 / rows;
  uint8_t *to = out->to;
  int32_t column = 0;
  for (; column + width <= count; column += width, columns += width * stride, to += width * d->channels) {
    convolve_columns(kernel_height, rows, stride_y, width, d, weights, &c, columns, out, to);
  }
  if (width > 1) {
    for (; column < count; column++, columns += stride, to += d->channels) {
      convolve_columns(kernel_height, rows, stride_y, 1, d, weights, &c, columns, out, to);
    }
  }
}

#define CONVOLVE(name, kernel_height, rows, stride_y)                                                                 \
  static FOVEA_SSE41 void name(                                                                                       \
      const fovea_depthwise_u8s8 *d, const void *weights, const void *c, const void *columns, int32_t count,          \
      const fovea_depthwise_output *out) {                                                                            \
    convolve(kernel_height, rows, stride_y, d, weights, c, columns, count, out);                                      \
  }

CONVOLVE(convolve_3_rows_stride_1, 3, 2, 1)
CONVOLVE(convolve_3_rows, 3, 1, 0)
CONVOLVE(convolve_5_rows_stride_1, 5, 4, 1)
CONVOLVE(convolve_5_rows_stride_2, 5, 2, 2)
CONVOLVE(convolve_7_rows, 7, 1, 0)

/// Any kernel: one output row a pass, loops not unrolled.
static FOVEA_SSE41 void convolve_any(
    const fovea_depthwise_u8s8 *d, const void *weights, const void *shared, const void *interleaved, int32_t count,
    const fovea_depthwise_output *out) {
  const __m128i *const columns = interleaved;
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants k = *(const constants *)shared;
  for (int32_t c = 0; c < count; c++) {
    __m128i sums[4] = {k.bias[0], k.bias[1], k.bias[2], k.bias[3]};
    const __m128i *w = weights;
    for (int32_t kx = 0; kx < d->kernel_width; kx++) {
      const __m128i *x = columns + ((ptrdiff_t)c * d->stride_x + (ptrdiff_t)kx * d->dilation_x) * groups * 8;
      for (int32_t pair = 0; pair < 2 * groups; pair++, x += 4, w += 4) {
        FOVEA_UNROLL
        for (int q = 0; q < 4; q++) {
          sums[q] = _mm_add_epi32(sums[q], _mm_madd_epi16(x[q], w[q]));
        }
      }
    }
    const __m128i lower = fovea_sse41_narrow(sums[0], sums[1], k.scale[0], k.scale[1], k.output);
    const __m128i upper = fovea_sse41_narrow(sums[2], sums[3], k.scale[2], k.scale[3], k.output);
    const __m128i bytes = fovea_sse41_pack(lower, upper, k.output);
    fovea_depthwise_store_16(bytes, out, out->to + (ptrdiff_t)c * d->channels, 0);
  }
}

static fovea_depthwise_convolve_function *choose(const fovea_depthwise_u8s8 *d, shape s) {
  if (s.rows > 1) {
    return s.groups == 1 ? convolve_3_rows_stride_1 : s.rows == 4 ? convolve_5_rows_stride_1 : convolve_5_rows_stride_2;
  }
  return d->kernel_height == 3 ? convolve_3_rows : d->kernel_height == 7 ? convolve_7_rows : convolve_any;
}

static FOVEA_SSE41 void run_block(const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, void *scratch) {
  const constants c = constants_of(&d->requantization, panel.block);
  prepare_weights(d, s, panel.block, scratch);
  fovea_depthwise_passes(d, s, unit, 1, panel, &c, scratch, interleave, choose(d, s));
}

void fovea_depthwise_u8s8_sse41(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_depthwise_run(depthwise, unit, 1, row_begin, row_end, block_begin, block_end, scratch, run_block);
}

size_t fovea_depthwise_scratch_sse41(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
