// Winograd convolution with SSE4.1: see winograd_u8s8.h. pmaddwd multiplies pairs of inputs, the inputs 0, 2 and 1, 3 of
// each group of 4, as conv_sse41.c splits them.

#if defined(__x86_64__)

#include "kernels.h"
#include "sse41.h"
#include "winograd_u8s8.h"

#define FOVEA_WINOGRAD_TARGET FOVEA_SSE41
#define FOVEA_WINOGRAD_BYTES 16
#include "winograd_transforms.h"

enum { max_tiles = 4 };  ///< x 8 channels: 8 sums, 2 vectors of weights and temporaries; with 12 sums clang spills

/// 8 inputs of a pixel at a time, as 16 bits: 0, 2, 1, 3, 4, 6, 5, 7.
static FOVEA_SSE41 void transform_input(
    const uint8_t *const pixels[16], int32_t inputs, int16_t *to, ptrdiff_t position_stride) {
  const __m128i order = _mm_setr_epi8(0, -1, 2, -1, 1, -1, 3, -1, 4, -1, 6, -1, 5, -1, 7, -1);
  for (int32_t channel = 0; channel < inputs; channel += 8) {
    winograd_s16 d[16], v[16];
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      const __m128i eight = _mm_loadl_epi64((const __m128i *)(const void *)(pixels[i] + channel));
      d[i] = (winograd_s16)_mm_shuffle_epi8(eight, order);
    }
    winograd_input(d, v);
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      _mm_store_si128((__m128i *)(void *)(to + channel + i * position_stride), (__m128i)v[i]);
    }
  }
}

/// To [groups][inputs 0, 2 | inputs 1, 3][16 channels][2].
static FOVEA_SSE41 void transform_weights(
    const int8_t *from, ptrdiff_t row_bytes, ptrdiff_t column_bytes, int32_t groups, int16_t *to,
    ptrdiff_t position_stride) {
  for (int32_t part = 0; part < 8 * groups; part++, to += 8) {
    const int odd = part / 4 % 2;
    const int8_t *const weights = from + part / 8 * 64 + part % 4 * 16;
    winograd_s16 g[9], u[16];
    FOVEA_UNROLL
    for (int i = 0; i < 9; i++) {
      const void *const w = weights + i / 3 * row_bytes + i % 3 * column_bytes;
      const __m128i both = _mm_load_si128((const __m128i *)w);
      g[i] = (winograd_s16)_mm_srai_epi16(odd ? both : _mm_slli_epi16(both, 8), 8);
    }
    winograd_weights(g, u);
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      _mm_store_si128((__m128i *)(void *)(to + i * position_stride), (__m128i)u[i]);
    }
  }
}

/// Pair `lane` (a constant) of 4 pairs of inputs: 8 channels with every tile. The empty statement keeps clang from
/// loading the next pair's weights, for which there are no registers.
#define PAIR(lane)                                                                                           \
  {                                                                                                          \
    __asm__ volatile("" : : : "memory");                                                                     \
    const __m128i w0 = _mm_load_si128((const __m128i *)(const void *)(w + 32 * (lane)));                     \
    const __m128i w1 = _mm_load_si128((const __m128i *)(const void *)(w + 32 * (lane) + 8));                 \
    FOVEA_UNROLL                                                                                             \
    for (int t = 0; t < tiles; t++) {                                                                        \
      const __m128i four = _mm_load_si128((const __m128i *)(const void *)(x + t * tile_stride));             \
      const __m128i pair = _mm_shuffle_epi32(four, 0x55 * (lane));                                           \
      s[2 * t] = _mm_add_epi32(s[2 * t], _mm_madd_epi16(pair, w0));                                          \
      s[2 * t + 1] = _mm_add_epi32(s[2 * t + 1], _mm_madd_epi16(pair, w1));                                  \
    }                                                                                                        \
  }

/// 8 channels at a time. Per pair of inputs: 2 loads, and `tiles` times pshufd, movdqa, 2 pmaddwd, 2 paddd: 26
/// instructions for 64 products. One core of AMD EPYC (Zen 4), ResNet-18's layers: 81 to 84 GMAC/s of the convolution
/// (59 for 7x7 pixels), the direct kernel 38.
FOVEA_INLINE FOVEA_SSE41 void multiply(
    const int tiles, const int16_t *inputs, ptrdiff_t tile_stride, const int16_t *weights, int32_t groups,
    int32_t *sums, int first) {
  FOVEA_NO_UNROLL
  for (int half = 0; half < 2; half++, weights += 16, sums += 8) {
    const int16_t *x = inputs, *w = weights, *const end = inputs + 4 * (groups & -2);
    __m128i s[2 * max_tiles];
    FOVEA_UNROLL
    for (int i = 0; i < 2 * tiles; i++) {
      const __m128i *from = (const __m128i *)(const void *)(sums + i / 2 * 256 + i % 2 * 4);
      s[i] = first ? _mm_setzero_si128() : _mm_load_si128(from);
    }
    for (; x < end; x += 8, w += 128) {
      PAIR(0)
      PAIR(1)
      PAIR(2)
      PAIR(3)
    }
    if (groups % 2) {
      PAIR(0)
      PAIR(1)
    }
    FOVEA_UNROLL
    for (int i = 0; i < 2 * tiles; i++) {
      _mm_store_si128((__m128i *)(void *)(sums + i / 2 * 256 + i % 2 * 4), s[i]);
    }
  }
}

#define MULTIPLY(tiles) FOVEA_WINOGRAD_MULTIPLY(FOVEA_SSE41, tiles)
MULTIPLY(1) MULTIPLY(2) MULTIPLY(3) MULTIPLY(4)

static FOVEA_SSE41 void transform_output(
    const fovea_conv_u8s8 *conv, const int32_t *sums, uint8_t *const to[4], int32_t channel) {
  const fovea_requantization *requantization = &conv->requantization;
  const fovea_sse41_output output =
      fovea_sse41_output_of(requantization->zero_point, requantization->low, requantization->high);
  __m128i narrow[2][4];  // [half][pixel]
  for (int half = 0; half < 2; half++) {
    winograd_s32 y[2][4];
    __m128i bias[2];
    __m128 scale[2];
    FOVEA_UNROLL
    for (int q = 0; q < 2; q++) {
      const int32_t n = 8 * half + 4 * q;
      winograd_output(sums + n, 16, y[q]);
      bias[q] = _mm_load_si128((const __m128i *)(const void *)(requantization->bias + channel + n));
      scale[q] = _mm_load_ps(requantization->scale + channel + n);
    }
    FOVEA_UNROLL
    for (int i = 0; i < 4; i++) {
      narrow[half][i] = fovea_sse41_narrow(
          _mm_add_epi32((__m128i)y[0][i], bias[0]), _mm_add_epi32((__m128i)y[1][i], bias[1]), scale[0], scale[1],
          output);
    }
  }
  const int32_t channels = conv->channels - channel;
  for (int i = 0; i < 4; i++) {
    if (to[i]) {
      const __m128i bytes = fovea_sse41_pack(narrow[0][i], narrow[1][i], output);
      if (channels >= 16) {
        _mm_storeu_si128((__m128i *)(void *)to[i], bytes);
      } else {
        memcpy(to[i], &bytes, (size_t)channels);
      }
    }
  }
}

static fovea_winograd_multiply_function *const multiplications[max_tiles + 1] = {
    0, multiply_1, multiply_2, multiply_3, multiply_4,
};

static const fovea_winograd sse41 = {
    .max_tiles = max_tiles, .input = transform_input, .weights = transform_weights, .multiply = multiplications,
    .output = transform_output};

void fovea_winograd_u8s8_sse41(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_winograd_run(&sse41, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_winograd_scratch_sse41(const fovea_conv_u8s8 *conv) { return fovea_winograd_scratch(conv, max_tiles); }

#endif
