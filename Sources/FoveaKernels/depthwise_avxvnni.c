// 8-bit depthwise convolution with AVX-VNNI.
//
// vpdpbusd sums four products a 32-bit lane; here they are four kernel rows of one channel. Four input rows are
// interleaved byte by byte once a column, and that column serves every kernel column, and several output rows: with
// weights (w0, w1, w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0, w1, w2) the next one.

#if defined(__x86_64__)

#include "avxvnni.h"
#include "depthwise_shape.h"
#include "kernels.h"

/// A group of 4 rows of one column, or the weights of one kernel column and output row: 2 registers of 8 channels.
enum { unit = 64 };

typedef fovea_depthwise_shape shape;

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

/// Interleaves columns `left ..< left + count` of the input under output row `row` to [count][groups][2 halves].
static FOVEA_AVXVNNI void interleave(
    const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count, __m256i *columns) {
  uint8_t outside[16];
  memset(outside, d->input_zero_point, sizeof outside);
  const __m256i padding = _mm256_set1_epi8((char)d->input_zero_point);
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
    __m256i *to = columns + 2 * g;
    const ptrdiff_t step = 2 * (ptrdiff_t)s.groups, channels = d->channels;
    int32_t c = 0;
    for (; c < inside_begin; c++, to += step) {
      to[0] = to[1] = padding;
    }
    ptrdiff_t offset = (left + c) * channels;
    for (; c < inside_end; c++, to += step, offset += channels) {
      __m128i rows[4];
      FOVEA_UNROLL
      for (int i = 0; i < 4; i++) {
        rows[i] = _mm_loadu_si128((const __m128i *)(const void *)(from[i] + (offset & mask[i])));
      }
      const __m128i above[2] = {_mm_unpacklo_epi8(rows[0], rows[1]), _mm_unpackhi_epi8(rows[0], rows[1])};
      const __m128i below[2] = {_mm_unpacklo_epi8(rows[2], rows[3]), _mm_unpackhi_epi8(rows[2], rows[3])};
      FOVEA_UNROLL
      for (int half = 0; half < 2; half++) {
        __m128i *const four = (__m128i *)(void *)(to + half);
        four[0] = _mm_unpacklo_epi16(above[half], below[half]);
        four[1] = _mm_unpackhi_epi16(above[half], below[half]);
      }
    }
    for (; c < count; c++, to += step) {
      to[0] = to[1] = padding;
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

FOVEA_INLINE FOVEA_AVXVNNI void store(__m128i bytes, const destination *out, uint8_t *to, int32_t row) {
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
  __m256i bias[2];  // by halves
  __m256 scale[2];
  fovea_avx2_output output;
} constants;

FOVEA_INLINE FOVEA_AVXVNNI constants constants_of(const fovea_requantization *requantization, int32_t channel) {
  const __m256i *bias = (const __m256i *)(const void *)(requantization->bias + channel);
  const float *scale = requantization->scale + channel;
  const constants c = {
      {bias[0], bias[1]}, {_mm256_load_ps(scale), _mm256_load_ps(scale + 8)},
      fovea_avx2_output_of(requantization->zero_point, requantization->low, requantization->high)};
  return c;
}

/// Two outputs of 16 channels, the second of which may not exist.
FOVEA_INLINE FOVEA_AVXVNNI __m256i finish(const __m256i *first, const __m256i *second, const constants *c) {
  return fovea_avx2_pack(
      fovea_avx2_round(first[0], c->scale[0]), fovea_avx2_round(first[1], c->scale[1]),
      fovea_avx2_round(second[0], c->scale[0]), fovea_avx2_round(second[1], c->scale[1]), c->output);
}

/// `width` columns of `rows` output rows from interleaved columns `x`, all constants of the compiler, so that width x
/// rows x 2 <= 8 sums stay in registers and a weight is loaded once for all columns, an input once for all rows. A 3x3
/// kernel takes 3 vpdpbusd for 8 outputs, 5x5 10.
FOVEA_INLINE FOVEA_AVXVNNI void convolve_columns(
    const int kernel_width, const int groups, const int rows, const int width, const fovea_depthwise_u8s8 *d,
    const __m256i *weights, const constants *c, const __m256i *x, const destination *out, uint8_t *to) {
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
  FOVEA_UNROLL
  for (int i = 0; i < rows * width; i += 2) {
    const int next = i + 1 < rows * width ? i + 1 : i;
    const __m256i bytes = finish(sums + 2 * i, sums + 2 * next, c);
    store(_mm256_castsi256_si128(bytes), out, to + i / rows * d->channels + i % rows * out->row_step, i % rows);
    if (next > i) {
      store(
          _mm256_extracti128_si256(bytes, 1), out, to + next / rows * d->channels + next % rows * out->row_step,
          next % rows);
    }
  }
}

/// `count` output columns, as many at once as registers allow.
FOVEA_INLINE FOVEA_AVXVNNI void convolve(
    const int kernel_width, const int groups, const int rows, const fovea_depthwise_u8s8 *d, int32_t channel,
    const __m256i *weights, const __m256i *columns, int32_t count, const destination *out) {
  const constants c = constants_of(&d->requantization, channel);
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

typedef void convolve_function(
    const fovea_depthwise_u8s8 *d, int32_t channel, const __m256i *weights, const __m256i *columns, int32_t count,
    const destination *out);

#define CONVOLVE(name, kernel_width, groups, rows)                                                                    \
  static FOVEA_AVXVNNI void name(                                                                                     \
      const fovea_depthwise_u8s8 *d, int32_t channel, const __m256i *weights, const __m256i *columns, int32_t count,  \
      const destination *out) {                                                                                       \
    convolve(kernel_width, groups, rows, d, channel, weights, columns, count, out);                                   \
  }

CONVOLVE(convolve_3x3_stride_1, 3, 1, 2)
CONVOLVE(convolve_5x5_stride_1, 5, 2, 4)
CONVOLVE(convolve_5x5_stride_2, 5, 2, 2)
CONVOLVE(convolve_1_group, d->kernel_width, 1, 1)
CONVOLVE(convolve_2_groups, d->kernel_width, 2, 1)

/// Any kernel: one output row a pass, loops not unrolled.
static FOVEA_AVXVNNI void convolve_any(
    const fovea_depthwise_u8s8 *d, int32_t channel, const __m256i *weights, const __m256i *columns, int32_t count,
    const destination *out) {
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants k = constants_of(&d->requantization, channel);
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
    const __m256i bytes = finish(sums, sums, &k);
    store(_mm256_castsi256_si128(bytes), out, out->to + (ptrdiff_t)c * d->channels, 0);
  }
}

static convolve_function *choose(shape s) {
  if (s.rows > 1) {
    return s.groups == 1 ? convolve_3x3_stride_1 : s.rows == 4 ? convolve_5x5_stride_1 : convolve_5x5_stride_2;
  }
  return s.groups == 1 ? convolve_1_group : s.groups == 2 ? convolve_2_groups : convolve_any;
}

static FOVEA_AVXVNNI void run_block(
    const fovea_depthwise_u8s8 *d, shape s, int32_t row_begin, int32_t row_end, int32_t block, __m256i *scratch) {
  __m256i *const weights = scratch;
  __m256i *const columns = scratch + (ptrdiff_t)d->kernel_width * s.groups * s.rows * 2;
  const int32_t channel = block * 16;
  convolve_function *const convolve_columns = choose(s);
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

void fovea_depthwise_u8s8_avxvnni(
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

size_t fovea_depthwise_scratch_avxvnni(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
