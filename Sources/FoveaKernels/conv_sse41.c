// 8-bit convolution with SSE4.1 (Atom and Celeron without AVX), exact: pmaddwd multiplies pairs of 16-bit numbers, whose
// sums never saturate. It is conv_avx2.c at half its width.
//
// One 32-bit lane is one output channel. Weights are split in registers, 4 channels x 4 inputs to the inputs 0, 2 and 1,
// 3 as 16 bits; the windows of a tile of pixels are split likewise, once, into scratch, and reused by every channel.
// There is no broadcasting load, but pshufd takes one of four neighbouring pairs straight from memory.

#if defined(__x86_64__)

#include "conv_windows.h"
#include "kernels.h"
#include "sse41.h"
#include "winograd_u8s8.h"

enum {
  max_pixels = 4,    ///< 8 sums, 4 halves of weights and temporaries are the 16 registers
  chunk_groups = 4,  ///< packed together: 4 dwords of inputs 0, 2 and 4 of inputs 1, 3 are 32 bytes of a pixel
  chunk_bytes = 32,
};

/// Splits the windows of a tile: [taps][chunks][pixels][2][4] pairs of 16 bits. A run's last chunk may hold bytes from
/// behind it, which no weight meets.
static FOVEA_SSE41 void pack(
    const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixels, uint8_t *packed) {
  const __m128i low_byte = _mm_set1_epi16(0xff);
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    for (int32_t group = 0; group < conv->run; group += chunk_groups) {
      const ptrdiff_t offset = conv->tap_offsets[tap] + 4 * (ptrdiff_t)group;
      for (int32_t p = 0; p < pixels; p++, packed += chunk_bytes) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(windows[p] + offset));
        _mm_store_si128((__m128i *)(void *)packed, _mm_and_si128(x, low_byte));
        _mm_store_si128((__m128i *)(void *)(packed + 16), _mm_srli_epi16(x, 8));
      }
    }
  }
}

/// Group `lane` (a constant) of a chunk: 8 channels with every pixel. The empty statement keeps clang from loading the
/// next group's weights, for which there are no registers.
#define GROUP(lane)                                                                                              \
  {                                                                                                              \
    __asm__ volatile("" : : : "memory");                                                                         \
    const __m128i w0 = _mm_load_si128((const __m128i *)(const void *)(weights + 64 * (lane)));                   \
    const __m128i w1 = _mm_load_si128((const __m128i *)(const void *)(weights + 64 * (lane) + 16));              \
    const __m128i odd0 = _mm_srai_epi16(w0, 8), odd1 = _mm_srai_epi16(w1, 8);                                    \
    const __m128i even0 = _mm_srai_epi16(_mm_slli_epi16(w0, 8), 8);                                              \
    const __m128i even1 = _mm_srai_epi16(_mm_slli_epi16(w1, 8), 8);                                              \
    FOVEA_UNROLL                                                                                                 \
    for (int p = 0; p < pixels; p++) {                                                                           \
      const __m128i *from = (const __m128i *)(const void *)(packed + chunk_bytes * p);                           \
      const __m128i even = _mm_shuffle_epi32(from[0], 0x55 * (lane)), odd = _mm_shuffle_epi32(from[1], 0x55 * (lane)); \
      sums[2 * p] = _mm_add_epi32(sums[2 * p], _mm_madd_epi16(even, even0));                                     \
      sums[2 * p + 1] = _mm_add_epi32(sums[2 * p + 1], _mm_madd_epi16(even, even1));                             \
      sums[2 * p] = _mm_add_epi32(sums[2 * p], _mm_madd_epi16(odd, odd0));                                       \
      sums[2 * p + 1] = _mm_add_epi32(sums[2 * p + 1], _mm_madd_epi16(odd, odd1));                               \
    }                                                                                                            \
  }

/// The sums of `pixels` (a constant) x 8 channels. Per 4 inputs and 4 pixels: 2 loads, 8 for the halves of the weights, and
/// 2 x 4 times pshufd, movdqa, 2 pmaddwd, 2 paddd: 58 instructions for 128 MACs, 60 in clang's code. (12 pixels x 4
/// channels would be 77 for 192, but with a shuffle a pmaddwd, and Atom has one port for both.) One core of AMD EPYC
/// (Zen 4): EfficientNet-Lite0 33 GMAC/s, ResNet-50 36.
FOVEA_INLINE FOVEA_SSE41 void sum_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *packed, const int8_t *weights, const int32_t *bias,
    __m128i sums[2 * max_pixels]) {
  FOVEA_UNROLL
  for (int i = 0; i < 2 * pixels; i++) {
    sums[i] = _mm_load_si128((const __m128i *)(const void *)(bias + 4 * (i % 2)));
  }
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    int32_t left = conv->run;
    for (; left >= chunk_groups; left -= chunk_groups, packed += chunk_bytes * pixels, weights += 64 * chunk_groups) {
      GROUP(0)
      GROUP(1)
      GROUP(2)
      GROUP(3)
    }
    if (left > 0) {
      GROUP(0)
      if (left > 1) {
        GROUP(1)
      }
      if (left > 2) {
        GROUP(2)
      }
      packed += chunk_bytes * pixels;
      weights += 64 * left;
    }
  }
}

/// Sums to 8 channels of outputs.
FOVEA_INLINE FOVEA_SSE41 void store_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const __m128i *sums, int32_t pixel, int32_t channel) {
  const fovea_requantization *requantization = &conv->requantization;
  const __m128 scale[2] = {
      _mm_load_ps(requantization->scale + channel), _mm_load_ps(requantization->scale + channel + 4)};
  const ptrdiff_t stride = conv->output_stride, first = pixel * stride + channel;
  const size_t channels = (size_t)(conv->channels - channel);
  if (conv->output_f32) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      float values[8];
      _mm_storeu_ps(values, _mm_mul_ps(_mm_cvtepi32_ps(sums[2 * p]), scale[0]));
      _mm_storeu_ps(values + 4, _mm_mul_ps(_mm_cvtepi32_ps(sums[2 * p + 1]), scale[1]));
      memcpy(conv->output_f32 + first + p * stride, values, channels < 8 ? channels * sizeof(float) : sizeof values);
    }
    return;
  }
  const fovea_sse41_output output =
      fovea_sse41_output_of(requantization->zero_point, requantization->low, requantization->high);
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    const __m128i eight = fovea_sse41_narrow(sums[2 * p], sums[2 * p + 1], scale[0], scale[1], output);
    const int64_t bytes = _mm_cvtsi128_si64(fovea_sse41_pack(eight, eight, output));
    uint8_t *const to = conv->output_u8 + first + p * stride;
    if (channels >= 8) {
      memcpy(to, &bytes, 8);
    } else {
      memcpy(to, &bytes, channels);
    }
  }
}

/// One tile of packed pixels for a range of channel blocks, 8 channels at a time.
#define TILE(pixels)                                                                                                    \
  static FOVEA_SSE41 void tile_##pixels(                                                                                \
      const fovea_conv_u8s8 *conv, const uint8_t *packed, int32_t pixel, int32_t block_begin, int32_t block_end) {      \
    const ptrdiff_t block_bytes = (ptrdiff_t)conv->taps * conv->run * 64;                                               \
    const int32_t end = conv->channels < block_end * 16 ? conv->channels : block_end * 16;                              \
    for (int32_t channel = block_begin * 16; channel < end; channel += 8) {                                             \
      const int8_t *weights = conv->weights + channel / 16 * block_bytes + (channel & 8) * 4;                           \
      __m128i sums[2 * max_pixels];                                                                                     \
      sum_tile(pixels, conv, packed, weights, conv->requantization.bias + channel, sums);                               \
      store_tile(pixels, conv, sums, pixel, channel);                                                                   \
    }                                                                                                                   \
  }

TILE(1) TILE(2) TILE(3) TILE(4)

static fovea_conv_packed_function *const tiles[max_pixels + 1] = {0, tile_1, tile_2, tile_3, tile_4};

void fovea_conv_u8s8_sse41(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  if (fovea_winograd_suits(conv)) {
    fovea_winograd_u8s8_sse41(conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
    return;
  }
  fovea_conv_run_packed(conv, max_pixels, pixel_begin, pixel_end, block_begin, block_end, scratch, pack, tiles);
}

size_t fovea_conv_scratch_sse41(const fovea_conv_u8s8 *conv) {
  if (fovea_winograd_suits(conv)) {
    return fovea_winograd_scratch_sse41(conv);
  }
  return fovea_conv_packed_scratch(conv, max_pixels, chunk_groups, chunk_bytes);
}

int32_t fovea_conv_granule_sse41(const fovea_conv_u8s8 *conv, int32_t parts) {
  return fovea_winograd_suits(conv) ? fovea_winograd_granule(conv, parts) : fovea_conv_granule_12(conv, parts);
}

#endif
