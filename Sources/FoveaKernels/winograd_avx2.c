// Winograd convolution with AVX2: see winograd_u8s8.h. vpmaddwd multiplies pairs of inputs, the inputs 0, 2 and 1, 3 of
// each group of 4, as conv_avx2.c splits them.

#if defined(__x86_64__)

#include "avx2.h"
#include "kernels.h"
#include "winograd_u8s8.h"

#define FOVEA_WINOGRAD_TARGET FOVEA_AVX2
#define FOVEA_WINOGRAD_BYTES 32
#include "winograd_transforms.h"

enum { max_tiles = 6 };  ///< x 16 channels: 12 sums, 2 vectors of weights, an input and a product are the 16 registers

/// 16 inputs of a pixel as 16 bits: the dwords are inputs 0, 2, inputs 1, 3, inputs 4, 6, ...
FOVEA_INLINE FOVEA_AVX2 __m256i load_inputs(const uint8_t *from) {
  const __m256i order = _mm256_setr_epi8(
      0, -1, 2, -1, 1, -1, 3, -1, 4, -1, 6, -1, 5, -1, 7, -1,  //
      8, -1, 10, -1, 9, -1, 11, -1, 12, -1, 14, -1, 13, -1, 15, -1);
  return _mm256_shuffle_epi8(
      _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)from)), order);
}

static FOVEA_AVX2 void transform_input(
    const uint8_t *const pixels[16], int32_t inputs, int16_t *to, ptrdiff_t position_stride) {
  for (int32_t channel = 0; channel < inputs; channel += 16) {
    winograd_s16 d[16], v[16];
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      d[i] = (winograd_s16)load_inputs(pixels[i] + channel);
    }
    winograd_input(d, v);
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      _mm256_store_si256((__m256i *)(void *)(to + channel + i * position_stride), (__m256i)v[i]);
    }
  }
}

/// To [groups][inputs 0, 2 | inputs 1, 3][16 channels][2].
static FOVEA_AVX2 void transform_weights(
    const int8_t *from, ptrdiff_t row_bytes, ptrdiff_t column_bytes, int32_t groups, int16_t *to,
    ptrdiff_t position_stride) {
  for (int32_t part = 0; part < 4 * groups; part++, to += 16) {
    const int odd = part / 2 % 2;
    const int8_t *const weights = from + part / 4 * 64 + part % 2 * 32;
    winograd_s16 g[9], u[16];
    FOVEA_UNROLL
    for (int i = 0; i < 9; i++) {
      const void *const w = weights + i / 3 * row_bytes + i % 3 * column_bytes;
      const __m256i both = _mm256_load_si256((const __m256i *)w);
      g[i] = (winograd_s16)_mm256_srai_epi16(odd ? both : _mm256_slli_epi16(both, 8), 8);
    }
    winograd_weights(g, u);
    FOVEA_UNROLL
    for (int i = 0; i < 16; i++) {
      _mm256_store_si256((__m256i *)(void *)(to + i * position_stride), (__m256i)u[i]);
    }
  }
}

/// Per pair of inputs: 2 loads, `tiles` broadcasts, twice as many vpmaddwd and vpaddd: 32 instructions for 192
/// products, and 6 for addresses. One core of AMD EPYC (Zen 4), ResNet-18's layers: 170 to 182 GMAC/s of the
/// convolution (124 for 7x7 pixels), the direct kernel 84.
FOVEA_INLINE FOVEA_AVX2 void multiply(
    const int tiles, const int16_t *inputs, ptrdiff_t tile_stride, const int16_t *weights, int32_t groups,
    int32_t *sums, int first) {
  __m256i s[2 * max_tiles];
  FOVEA_UNROLL
  for (int i = 0; i < 2 * tiles; i++) {
    const __m256i *from = (const __m256i *)(const void *)(sums + i / 2 * 256 + i % 2 * 8);
    s[i] = first ? _mm256_setzero_si256() : _mm256_load_si256(from);
  }
  for (const int16_t *const end = inputs + 4 * groups; inputs < end; inputs += 2, weights += 32) {
    const __m256i w0 = _mm256_load_si256((const __m256i *)(const void *)weights);
    const __m256i w1 = _mm256_load_si256((const __m256i *)(const void *)(weights + 16));
    FOVEA_UNROLL
    for (int t = 0; t < tiles; t++) {
      int32_t pair;
      memcpy(&pair, inputs + t * tile_stride, 4);
      const __m256i x = _mm256_set1_epi32(pair);
      s[2 * t] = _mm256_add_epi32(s[2 * t], _mm256_madd_epi16(x, w0));
      s[2 * t + 1] = _mm256_add_epi32(s[2 * t + 1], _mm256_madd_epi16(x, w1));
    }
  }
  FOVEA_UNROLL
  for (int i = 0; i < 2 * tiles; i++) {
    _mm256_store_si256((__m256i *)(void *)(sums + i / 2 * 256 + i % 2 * 8), s[i]);
  }
}

#define MULTIPLY(tiles) FOVEA_WINOGRAD_MULTIPLY(FOVEA_AVX2, tiles)
MULTIPLY(1) MULTIPLY(2) MULTIPLY(3) MULTIPLY(4) MULTIPLY(5) MULTIPLY(6)

/// 8 channels of 4 pixels.
FOVEA_INLINE FOVEA_AVX2 __m256i output_eight(const fovea_conv_u8s8 *conv, const int32_t *sums, int32_t channel) {
  const fovea_requantization *requantization = &conv->requantization;
  const __m256i bias = _mm256_load_si256((const __m256i *)(const void *)(requantization->bias + channel));
  const __m256 scale = _mm256_load_ps(requantization->scale + channel);
  winograd_s32 y[4];
  winograd_output(sums, 16, y);
  __m256i rounded[4];
  FOVEA_UNROLL
  for (int i = 0; i < 4; i++) {
    rounded[i] = fovea_avx2_round(_mm256_add_epi32((__m256i)y[i], bias), scale);
  }
  return fovea_avx2_pack(
      rounded[0], rounded[1], rounded[2], rounded[3],
      fovea_avx2_output_of(requantization->zero_point, requantization->low, requantization->high));
}

static FOVEA_AVX2 void transform_output(
    const fovea_conv_u8s8 *conv, const int32_t *sums, uint8_t *const to[4], int32_t channel) {
  const __m256i first = output_eight(conv, sums, channel), second = output_eight(conv, sums + 8, channel + 8);
  // 64-bit halves of a pixel's 16 channels: pixels 0, 2 and 1, 3.
  const __m256i even = _mm256_unpacklo_epi64(first, second), odd = _mm256_unpackhi_epi64(first, second);
  const __m128i pixels[4] = {
      _mm256_castsi256_si128(even), _mm256_castsi256_si128(odd), _mm256_extracti128_si256(even, 1),
      _mm256_extracti128_si256(odd, 1)};
  const int32_t channels = conv->channels - channel;
  FOVEA_UNROLL
  for (int i = 0; i < 4; i++) {
    if (to[i] && channels >= 16) {
      _mm_storeu_si128((__m128i *)(void *)to[i], pixels[i]);
    } else if (to[i]) {
      uint8_t bytes[16];
      _mm_storeu_si128((__m128i *)(void *)bytes, pixels[i]);
      memcpy(to[i], bytes, (size_t)channels);
    }
  }
}

static fovea_winograd_multiply_function *const multiplications[max_tiles + 1] = {
    0, multiply_1, multiply_2, multiply_3, multiply_4, multiply_5, multiply_6,
};

static const fovea_winograd avx2 = {
    .max_tiles = max_tiles, .input = transform_input, .weights = transform_weights, .multiply = multiplications,
    .output = transform_output};

void fovea_winograd_u8s8_avx2(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  fovea_winograd_run(&avx2, conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
}

size_t fovea_winograd_scratch_avx2(const fovea_conv_u8s8 *conv) { return fovea_winograd_scratch(conv, max_tiles); }

#endif
