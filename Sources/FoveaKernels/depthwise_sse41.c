// 8-bit depthwise convolution with SSE4.1, exact: depthwise_avx2.c at half its width.
//
// pmaddwd sums two 16-bit products a 32-bit lane; here they are two kernel rows of one channel. Input rows are interleaved
// in pairs and widened to 16 bits once a column, and that column serves every kernel column and several output rows: with
// weights (w0, w1), (w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0), (w1, w2) the next one.

#if defined(__x86_64__)

#include "depthwise_shape.h"
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

FOVEA_INLINE FOVEA_SSE41 void fill(__m128i to[8], __m128i value) {
  FOVEA_UNROLL
  for (int i = 0; i < 8; i++) {
    to[i] = value;
  }
}

/// Interleaves columns `left ..< left + count` of the input under output row `row` to [count][groups][2 pairs][4
/// quarters].
static FOVEA_SSE41 void interleave(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, __m128i *columns) {
  uint8_t outside[16];
  memset(outside, d->input_zero_point, sizeof outside);
  const __m128i padding = _mm_set1_epi16((short)d->input_zero_point);
  const int32_t needed = (s.rows - 1) * d->stride_y + d->kernel_height;
  const int32_t inside_begin = left >= 0 ? 0 : -left < count ? -left : count;
  const int32_t inside_end = left + count > d->width ? d->width - left : count;
  for (int32_t g = 0; g < s.groups; g++) {
    // Rows outside the input read `outside` and stay there.
    const uint8_t *from[4];
    ptrdiff_t mask[4];
    for (int32_t i = 0; i < 4; i++) {
      const int32_t y = row * d->stride_y - d->pad_top + (4 * g + i) * d->dilation_y;
      const int inside = y >= 0 && y < d->height && 4 * g + i < needed;
      from[i] = inside ? d->input + (ptrdiff_t)y * d->width * d->channels + channel : outside;
      mask[i] = inside ? -1 : 0;
    }
    __m128i *to = columns + 8 * g;
    const ptrdiff_t step = 8 * (ptrdiff_t)s.groups, channels = d->channels;
    int32_t c = 0;
    for (; c < inside_begin; c++, to += step) {
      fill(to, padding);
    }
    ptrdiff_t offset = (left + c) * channels;
    for (; c < inside_end; c++, to += step, offset += channels) {
      __m128i rows[4];
      FOVEA_UNROLL
      for (int i = 0; i < 4; i++) {
        rows[i] = _mm_loadu_si128((const __m128i *)(const void *)(from[i] + (offset & mask[i])));
      }
      FOVEA_UNROLL
      for (int pair = 0; pair < 2; pair++) {
        const __m128i lower = _mm_unpacklo_epi8(rows[2 * pair], rows[2 * pair + 1]);
        const __m128i upper = _mm_unpackhi_epi8(rows[2 * pair], rows[2 * pair + 1]);
        to[4 * pair] = _mm_unpacklo_epi8(lower, _mm_setzero_si128());
        to[4 * pair + 1] = _mm_unpackhi_epi8(lower, _mm_setzero_si128());
        to[4 * pair + 2] = _mm_unpacklo_epi8(upper, _mm_setzero_si128());
        to[4 * pair + 3] = _mm_unpackhi_epi8(upper, _mm_setzero_si128());
      }
    }
    for (; c < count; c++, to += step) {
      fill(to, padding);
    }
  }
}

/// Where a pass writes.
typedef struct {
  uint8_t *to;         ///< the pass's first row, column and channel
  ptrdiff_t row_step;  ///< bytes between output rows
  int32_t rows_left;   ///< rows of the whole range from the first on
  int32_t channels;
} destination;

FOVEA_INLINE FOVEA_SSE41 void store(__m128i bytes, const destination *out, uint8_t *to, int32_t row) {
  if (row >= out->rows_left) {
    return;
  }
  if (out->channels >= 16) {
    _mm_storeu_si128((__m128i *)(void *)to, bytes);
  } else {
    uint8_t all[16];
    _mm_storeu_si128((__m128i *)(void *)all, bytes);
    memcpy(to, all, (size_t)out->channels);
  }
}

/// What every column of a block shares.
typedef struct {
  __m128i bias[4];  // by quarters
  __m128 scale[4];
  fovea_sse41_output output;
} constants;

FOVEA_INLINE FOVEA_SSE41 constants constants_of(const fovea_requantization *requantization, int32_t channel) {
  const __m128i *bias = (const __m128i *)(const void *)(requantization->bias + channel);
  const float *scale = requantization->scale + channel;
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
    const __m128i *weights, const constants *c, const __m128i *x, const destination *out, uint8_t *to) {
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
    store(bytes, out, to + i / rows * d->channels + i % rows * out->row_step, i % rows);
  }
}

/// `count` output columns, as many at once as registers allow.
FOVEA_INLINE FOVEA_SSE41 void convolve(
    const int kernel_height, const int rows, const int stride_y, const fovea_depthwise_u8s8 *d, int32_t channel,
    const __m128i *weights, const __m128i *columns, int32_t count, const destination *out) {
  const constants c = constants_of(&d->requantization, channel);
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

typedef void convolve_function(
    const fovea_depthwise_u8s8 *d, int32_t channel, const __m128i *weights, const __m128i *columns, int32_t count,
    const destination *out);

#define CONVOLVE(name, kernel_height, rows, stride_y)                                                                 \
  static FOVEA_SSE41 void name(                                                                                       \
      const fovea_depthwise_u8s8 *d, int32_t channel, const __m128i *weights, const __m128i *columns, int32_t count,  \
      const destination *out) {                                                                                       \
    convolve(kernel_height, rows, stride_y, d, channel, weights, columns, count, out);                                \
  }

CONVOLVE(convolve_3_rows_stride_1, 3, 2, 1)
CONVOLVE(convolve_3_rows, 3, 1, 0)
CONVOLVE(convolve_5_rows_stride_1, 5, 4, 1)
CONVOLVE(convolve_5_rows_stride_2, 5, 2, 2)
CONVOLVE(convolve_7_rows, 7, 1, 0)

/// Any kernel: one output row a pass, loops not unrolled.
static FOVEA_SSE41 void convolve_any(
    const fovea_depthwise_u8s8 *d, int32_t channel, const __m128i *weights, const __m128i *columns, int32_t count,
    const destination *out) {
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants k = constants_of(&d->requantization, channel);
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
    store(fovea_sse41_pack(lower, upper, k.output), out, out->to + (ptrdiff_t)c * d->channels, 0);
  }
}

static convolve_function *choose(const fovea_depthwise_u8s8 *d, shape s) {
  if (s.rows > 1) {
    return s.groups == 1 ? convolve_3_rows_stride_1 : s.rows == 4 ? convolve_5_rows_stride_1 : convolve_5_rows_stride_2;
  }
  return d->kernel_height == 3 ? convolve_3_rows : d->kernel_height == 7 ? convolve_7_rows : convolve_any;
}

static FOVEA_SSE41 void run_block(
    const fovea_depthwise_u8s8 *d, shape s, int32_t row_begin, int32_t row_end, int32_t block, __m128i *scratch) {
  __m128i *const weights = scratch;
  __m128i *const columns = scratch + (ptrdiff_t)d->kernel_width * s.groups * s.rows * 8;
  const int32_t channel = block * 16;
  convolve_function *const convolve_columns = choose(d, s);
  prepare_weights(d, s, block, weights);
  for (int32_t row = row_begin; row < row_end; row += s.rows) {
    for (int32_t column = 0; column < d->out_width; column += s.width) {
      const int32_t count = d->out_width - column < s.width ? d->out_width - column : s.width;
      interleave(d, s, channel, row, column * d->stride_x - d->pad_left, fovea_depthwise_columns(d, count), columns);
      const destination out = {
          .to = d->output + ((ptrdiff_t)row * d->out_width + column) * d->channels + channel,
          .row_step = (ptrdiff_t)d->out_width * d->channels, .rows_left = row_end - row,
          .channels = d->channels - channel,
      };
      convolve_columns(d, channel, weights, columns, count, &out);
    }
  }
}

void fovea_depthwise_u8s8_sse41(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  const shape s = fovea_depthwise_shape_of(depthwise, unit);
  for (int32_t row = row_begin; row < row_end; row += s.band) {
    const int32_t end = row_end - row < s.band ? row_end : row + s.band;
    for (int32_t block = block_begin; block < block_end; block++) {
      run_block(depthwise, s, row, end, block, scratch);
    }
  }
}

size_t fovea_depthwise_scratch_sse41(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
