// 8-bit depthwise convolution with AVX-512 VNNI.
//
// vpdpbusd sums four products a 32-bit lane; here they are four kernel rows of one channel. Four input rows are interleaved
// byte by byte once a column, and that column serves every kernel column, and several output rows: with weights
// (w0, w1, w2, 0) the rows 0...3 give an output row of a 3x3 kernel, with (0, w0, w1, w2) the next one.
//
// A register holds four 128-bit lanes of 16 channels: 64 channels of one row, 32 channels of two distant rows, or 16 of
// four, so that layers of few channels fill it too. vpunpck works within those lanes, and so do the packs of
// requantization, which put the channels back in order for free.

#if defined(__x86_64__) || defined(FOVEA_SIMDE)

#include "avx512vnni.h"
#include "depthwise_driver.h"
#include "kernels.h"

/// A group of 4 rows of one column, or the weights of one kernel column and output row: 4 registers.
enum { unit = 256 };

typedef fovea_depthwise_shape shape;

/// Four consecutive vectors for 16-byte pieces 0...3 of `blocks` blocks, repeated to fill the lanes.
FOVEA_INLINE FOVEA_AVX512 __m512i gather(const void *piece, ptrdiff_t block_bytes, int32_t blocks) {
  const uint8_t *from = piece;
  __m512i result = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)from));
  const ptrdiff_t second = blocks > 1 ? block_bytes : 0, third = blocks > 2 ? 2 * block_bytes : 0;
  result = _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)(from + second)), 1);
  result = _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)(from + third)), 2);
  return _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)(from + second + third)), 3);
}

/// The weights of every output row of a pass: [kernel_width][groups][rows][4 pieces], moved down by stride_y input rows an
/// output row.
static FOVEA_AVX512 void prepare_weights(
    const fovea_depthwise_u8s8 *d, shape s, int32_t block, int32_t blocks, __m512i *prepared) {
  const ptrdiff_t block_bytes = (ptrdiff_t)d->kernel_width * s.groups * 64;
  const int8_t *weights = d->weights + block * block_bytes;
  for (int32_t kx = 0; kx < d->kernel_width; kx++) {
    __m512i above[4] = {
        _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
    for (int32_t g = 0; g < s.groups; g++, weights += 64, prepared += 4 * s.rows) {
      for (int q = 0; q < 4; q++) {
        const __m512i w = gather(weights + 16 * q, block_bytes, blocks);
        for (int32_t r = 0; r < s.rows; r++) {
          const __m128i down = _mm_cvtsi32_si128(8 * r * d->stride_y);
          const __m128i up = _mm_cvtsi32_si128(32 - 8 * r * d->stride_y);  // 32 leaves nothing
          prepared[4 * r + q] = _mm512_or_si512(_mm512_sll_epi32(w, down), _mm512_srl_epi32(above[q], up));
        }
        above[q] = w;
      }
    }
  }
}

/// Input row `i` of every set of lanes.
FOVEA_INLINE FOVEA_AVX512 __m512i load_row(
    const int blocks, const fovea_depthwise_rows *sets, const int i, ptrdiff_t offset) {
  const uint8_t *const first = fovea_depthwise_at(sets, i, offset);
  if (blocks == 4) {
    return _mm512_loadu_si512(first);
  }
  const uint8_t *const second = fovea_depthwise_at(sets + 1, i, offset);
  if (blocks == 2) {
    return _mm512_inserti64x4(
        _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(const void *)first)),
        _mm256_loadu_si256((const __m256i *)(const void *)second), 1);
  }
  const uint8_t *const third = fovea_depthwise_at(sets + 2, i, offset);
  const uint8_t *const fourth = fovea_depthwise_at(sets + 3, i, offset);
  __m512i result = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(const void *)first));
  result = _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)second), 1);
  result = _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)third), 2);
  return _mm512_inserti32x4(result, _mm_loadu_si128((const __m128i *)(const void *)fourth), 3);
}

/// One column of a group: [4 pieces].
FOVEA_INLINE FOVEA_AVX512 void load(const int blocks, const fovea_depthwise_rows *sets, ptrdiff_t offset, __m512i *to) {
  const __m512i r0 = load_row(blocks, sets, 0, offset), r1 = load_row(blocks, sets, 1, offset);
  const __m512i r2 = load_row(blocks, sets, 2, offset), r3 = load_row(blocks, sets, 3, offset);
  const __m512i low01 = _mm512_unpacklo_epi8(r0, r1), high01 = _mm512_unpackhi_epi8(r0, r1);
  const __m512i low23 = _mm512_unpacklo_epi8(r2, r3), high23 = _mm512_unpackhi_epi8(r2, r3);
  to[0] = _mm512_unpacklo_epi16(low01, low23);
  to[1] = _mm512_unpackhi_epi16(low01, low23);
  to[2] = _mm512_unpacklo_epi16(high01, high23);
  to[3] = _mm512_unpackhi_epi16(high01, high23);
}

static inline FOVEA_AVX512 void fill(void *to, uint8_t zero_point) {
  __m512i *const pieces = to;
  pieces[0] = pieces[1] = pieces[2] = pieces[3] = _mm512_set1_epi8((char)zero_point);
}

#define INTERLEAVE(wide, blocks)                                                                                    \
  static inline FOVEA_AVX512 void load_##wide(const fovea_depthwise_rows *sets, ptrdiff_t offset, void *to) {       \
    load(blocks, sets, offset, to);                                                                                 \
  }                                                                                                                 \
  static FOVEA_AVX512 void interleave_##wide(                                                                       \
      const fovea_depthwise_u8s8 *d, shape s, int32_t channel, int32_t row, int32_t left, int32_t count,            \
      void *columns) {                                                                                              \
    fovea_depthwise_interleave(                                                                                     \
        d, s, unit, 4 / (blocks), channel, row, left, count, columns, fill, load_##wide);                           \
  }

INTERLEAVE(64, 4)
INTERLEAVE(32, 2)
INTERLEAVE(16, 1)

FOVEA_INLINE FOVEA_AVX512 void store(
    __m512i bytes, const fovea_depthwise_output *out, uint8_t *to, int32_t row, int32_t rows) {
  if (out->channels == 64) {
    if (row < out->rows_left) {
      _mm512_storeu_si512(to, bytes);
    }
    return;
  }
  for (int32_t set = 0; set < out->sets && row < out->rows_left; set++, row += rows, to += rows * out->row_step) {
    if (out->channels == 32) {
      _mm256_storeu_si256((__m256i *)(void *)to, _mm512_castsi512_si256(bytes));
    } else if (out->channels == 16) {
      _mm_storeu_si128((__m128i *)(void *)to, _mm512_castsi512_si128(bytes));
    } else {
      _mm512_mask_storeu_epi8(to, ~0ull >> (64 - out->channels), bytes);
    }
    bytes = out->sets == 2 ? _mm512_shuffle_i64x2(bytes, bytes, 0x4e) : _mm512_shuffle_i64x2(bytes, bytes, 0x39);
  }
}

/// What every column of a panel shares: [4 pieces] bias and scale.
typedef struct {
  __m512i bias[4];
  __m512 scale[4];
  fovea_avx512_output output;
} constants;

/// `width` columns of `rows` output rows (times the sets of lanes) from interleaved columns `x`, all constants of the
/// compiler. Half of the channels at a time: width x rows x 2 sums are 16 of the 32 registers, and a weight is loaded once
/// for all columns, an input once for all rows: 0.75 loads a vpdpbusd. (One column at a time took 1.25 to 1.5, and loads were
/// the limit: a 512-bit load a cycle on Zen 4.)
FOVEA_INLINE FOVEA_AVX512 void convolve_columns(
    const int kernel_width, const int groups, const int rows, const int width, const fovea_depthwise_u8s8 *d,
    const __m512i *weights, const constants *c, const __m512i *x, const fovea_depthwise_output *out,
    uint8_t *to) {
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 4, dilation = (ptrdiff_t)d->dilation_x * groups * 4;
  __m512i narrow[2][8];
  FOVEA_UNROLL
  for (int half = 0; half < 2; half++) {
    __m512i sums[16];
    FOVEA_UNROLL
    for (int i = 0; i < 2 * rows * width; i++) {
      sums[i] = c->bias[2 * half + i % 2];
    }
    const __m512i *w = weights + 2 * half, *column = x + 2 * half;
    // Unrolled, this loop becomes one block in which clang reorders the products sum by sum and spills every weight.
    FOVEA_NO_UNROLL
    for (int kx = 0; kx < kernel_width; kx++, column += dilation, w += groups * rows * 4) {
      FOVEA_UNROLL
      for (int g = 0; g < groups; g++) {
        FOVEA_UNROLL
        for (int q = 0; q < 2; q++) {
          __m512i inputs[4];
          FOVEA_UNROLL
          for (int i = 0; i < width; i++) {
            inputs[i] = column[i * stride + 4 * g + q];
          }
          FOVEA_UNROLL
          for (int r = 0; r < rows; r++) {
            const __m512i by = w[4 * (g * rows + r) + q];
            FOVEA_UNROLL
            for (int i = 0; i < width; i++) {
              __m512i *sum = sums + 2 * (i * rows + r) + q;
              *sum = _mm512_dpbusd_epi32(*sum, inputs[i], by);
            }
          }
        }
      }
    }
    FOVEA_UNROLL
    for (int i = 0; i < rows * width; i++) {
      narrow[half][i] = fovea_avx512_narrow(
          sums[2 * i], sums[2 * i + 1], c->scale[2 * half], c->scale[2 * half + 1], c->output);
    }
  }
  FOVEA_UNROLL
  for (int i = 0; i < width; i++) {
    FOVEA_UNROLL
    for (int r = 0; r < rows; r++) {
      const __m512i bytes = fovea_avx512_pack(narrow[0][i * rows + r], narrow[1][i * rows + r], c->output);
      store(bytes, out, to + i * d->channels + r * out->row_step, r, rows);
    }
  }
}

/// `count` output columns, 4 or 2 of them at once.
FOVEA_INLINE FOVEA_AVX512 void convolve(
    const int kernel_width, const int groups, const int rows, const fovea_depthwise_u8s8 *d, const __m512i *weights,
    const constants *c, const __m512i *columns, int32_t count, const fovea_depthwise_output *out) {
  const ptrdiff_t stride = (ptrdiff_t)d->stride_x * groups * 4;
  uint8_t *to = out->to;
  int32_t column = 0;
  if (rows < 4) {
    for (; column + 4 <= count; column += 4, columns += 4 * stride, to += 4 * d->channels) {
      convolve_columns(kernel_width, groups, rows, 4, d, weights, c, columns, out, to);
    }
  }
  for (; column + 2 <= count; column += 2, columns += 2 * stride, to += 2 * d->channels) {
    convolve_columns(kernel_width, groups, rows, 2, d, weights, c, columns, out, to);
  }
  if (column < count) {
    convolve_columns(kernel_width, groups, rows, 1, d, weights, c, columns, out, to);
  }
}

#define CONVOLVE(name, kernel_width, groups, rows)                                                                    \
  static FOVEA_AVX512 void name(                                                                                      \
      const fovea_depthwise_u8s8 *d, const void *weights, const void *c, const void *columns, int32_t count,          \
      const fovea_depthwise_output *out) {                                                                            \
    convolve(kernel_width, groups, rows, d, weights, c, columns, count, out);                                         \
  }

CONVOLVE(convolve_3x3_stride_1, 3, 1, 2)
CONVOLVE(convolve_3x3, 3, 1, 1)
CONVOLVE(convolve_5x5_stride_1, 5, 2, 4)
CONVOLVE(convolve_5x5_stride_2, 5, 2, 2)

/// The bytes of one output column and row.
FOVEA_INLINE FOVEA_AVX512 __m512i pack_sums(const __m512i *sums, const constants *c) {
  return fovea_avx512_pack(
      fovea_avx512_narrow(sums[0], sums[1], c->scale[0], c->scale[1], c->output),
      fovea_avx512_narrow(sums[2], sums[3], c->scale[2], c->scale[3], c->output), c->output);
}

/// Any kernel: one output row a pass, sums still in registers, loops not unrolled.
static FOVEA_AVX512 void convolve_any(
    const fovea_depthwise_u8s8 *d, const void *weights, const void *shared, const void *interleaved, int32_t count,
    const fovea_depthwise_output *out) {
  const __m512i *const columns = interleaved;
  const int32_t groups = (d->kernel_height + 3) / 4;
  const constants *const c = shared;
  for (int32_t column = 0; column < count; column++) {
    __m512i sums[4] = {c->bias[0], c->bias[1], c->bias[2], c->bias[3]};
    const __m512i *w = weights;
    for (int32_t kx = 0; kx < d->kernel_width; kx++) {
      const __m512i *x = columns + ((ptrdiff_t)column * d->stride_x + (ptrdiff_t)kx * d->dilation_x) * groups * 4;
      for (int32_t g = 0; g < groups; g++, x += 4, w += 4) {
        FOVEA_UNROLL
        for (int q = 0; q < 4; q++) {
          sums[q] = _mm512_dpbusd_epi32(sums[q], x[q], w[q]);
        }
      }
    }
    store(pack_sums(sums, c), out, out->to + (ptrdiff_t)column * d->channels, 0, 1);
  }
}

static fovea_depthwise_convolve_function *choose(const fovea_depthwise_u8s8 *d, shape s) {
  if (d->kernel_width == 3 && s.groups == 1) {
    return s.rows == 2 ? convolve_3x3_stride_1 : convolve_3x3;
  }
  return s.rows == 4 ? convolve_5x5_stride_1 : s.rows == 2 ? convolve_5x5_stride_2 : convolve_any;
}

/// Column `x` of the input, or padding: [4 pieces].
FOVEA_INLINE FOVEA_AVX512 void load_column(
    const int blocks, const fovea_depthwise_u8s8 *d, const fovea_depthwise_rows *rows, int32_t x, __m512i *to) {
  if (x >= 0 && x < d->width) {
    load(blocks, rows, (ptrdiff_t)x * d->channels, to);
  } else {
    fill(to, (uint8_t)d->input_zero_point);
  }
}

/// A 3x3 kernel at stride 2: an interleaved column serves two outputs of one row at most, so it goes from registers to sums and is
/// never stored. One core of AMD EPYC (Zen 4), GMAC/s, beside those
/// of stored columns: 56x56x96 50 (39), 28x28x144 46 (37), 14x14x192 54 (47), 7x7x576 51 (38).
FOVEA_INLINE FOVEA_AVX512 void convolve_3x3_stride_2(
    const int blocks, const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, const constants *c,
    const __m512i *weights) {
  const int32_t sets = 4 / blocks, channel = panel.block * 16, channels = d->channels - channel, most = 16 * blocks;
  uint8_t outside[64];
  memset(outside, d->input_zero_point, sizeof outside);
  for (int32_t row = panel.row_begin; row < panel.row_end; row += sets) {
    fovea_depthwise_rows rows[4];
    fovea_depthwise_find_rows(d, s, sets, channel, row, 0, outside, rows);
    const fovea_depthwise_output out = {
        .to = d->output + (ptrdiff_t)row * d->out_width * d->channels + channel,
        .row_step = (ptrdiff_t)d->out_width * d->channels, .rows_left = panel.row_end - row, .sets = sets,
        .channels = channels < most ? channels : most,
    };
    uint8_t *to = out.to;
    __m512i left[4], middle[4], right[4];
    int32_t x = -d->pad_left;
    load_column(blocks, d, rows, x, left);
    for (int32_t column = 0; column < d->out_width; column++, x += 2, to += d->channels) {
      load_column(blocks, d, rows, x + 1, middle);
      load_column(blocks, d, rows, x + 2, right);
      __m512i sums[4];
      FOVEA_UNROLL
      for (int q = 0; q < 4; q++) {
        sums[q] = _mm512_dpbusd_epi32(c->bias[q], left[q], weights[q]);
        sums[q] = _mm512_dpbusd_epi32(sums[q], middle[q], weights[4 + q]);
        sums[q] = _mm512_dpbusd_epi32(sums[q], right[q], weights[8 + q]);
        left[q] = right[q];
      }
      store(pack_sums(sums, c), &out, to, 0, 1);
    }
  }
}

static FOVEA_AVX512 void run_panel(
    const fovea_depthwise_u8s8 *d, shape s, fovea_depthwise_panel panel, void *scratch) {
  const int32_t blocks = panel.blocks;
  const fovea_requantization *requantization = &d->requantization;
  constants c = {
      .output = fovea_avx512_output_of(requantization->zero_point, requantization->low, requantization->high)};
  for (int q = 0; q < 4; q++) {
    c.bias[q] = gather(requantization->bias + panel.block * 16 + 4 * q, 64, blocks);
    c.scale[q] = _mm512_castsi512_ps(gather(requantization->scale + panel.block * 16 + 4 * q, 64, blocks));
  }
  prepare_weights(d, s, panel.block, blocks, scratch);
  if (d->kernel_width == 3 && d->kernel_height == 3 && d->stride_x == 2 && d->dilation_x == 1 && s.rows == 1) {
    if (blocks == 4) {
      convolve_3x3_stride_2(4, d, s, panel, &c, scratch);
    } else if (blocks == 2) {
      convolve_3x3_stride_2(2, d, s, panel, &c, scratch);
    } else {
      convolve_3x3_stride_2(1, d, s, panel, &c, scratch);
    }
    return;
  }
  fovea_depthwise_interleave_function *const interleave =
      blocks == 4 ? interleave_64 : blocks == 2 ? interleave_32 : interleave_16;
  fovea_depthwise_passes(d, s, unit, 4 / blocks, panel, &c, scratch, interleave, choose(d, s));
}

void fovea_depthwise_u8s8_avx512vnni(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_depthwise_run(depthwise, unit, 4, row_begin, row_end, block_begin, block_end, scratch, run_panel);
}

size_t fovea_depthwise_scratch_avx512vnni(const fovea_depthwise_u8s8 *depthwise) {
  return fovea_depthwise_scratch(depthwise, unit);
}

#endif
