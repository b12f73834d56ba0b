// 8-bit convolution with AVX2, exact: vpmaddwd multiplies pairs of 16-bit numbers, whose sums never saturate. (vpmaddubsw
// would multiply bytes at once, but its 16-bit sums do.)
//
// One 32-bit lane is one output channel, so there are no horizontal sums. Weights are split in registers, 8 channels x 4
// inputs to the inputs 0, 2 and 1, 3 as 16 bits; the activations of a tile of pixels are split likewise, once, into scratch,
// and reused by every channel.

#if defined(__x86_64__)

#include "avx2.h"
#include "conv_windows.h"
#include "kernels.h"
#include "winograd_u8s8.h"

enum {
  max_pixels = 12,   ///< 12 sums, the 2 halves of the weights and 2 temporaries are the 16 registers
  chunk_groups = 8,  ///< packed together: 8 dwords of inputs 0, 2 and 8 of inputs 1, 3 are 64 bytes of a pixel
};

/// Splits the windows of a tile: [taps][chunks][pixels][2][8] pairs of 16 bits.
static FOVEA_AVX2 void pack(
    const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixels, uint8_t *packed) {
  static const int32_t masks[2 * chunk_groups] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  const __m256i low_byte = _mm256_set1_epi16(0xff);
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    for (int32_t group = 0; group < conv->run; group += chunk_groups) {
      const ptrdiff_t offset = conv->tap_offsets[tap] + 4 * (ptrdiff_t)group;
      const int32_t count = conv->run - group < chunk_groups ? conv->run - group : chunk_groups;
      const __m256i mask = _mm256_loadu_si256((const __m256i *)(const void *)(masks + chunk_groups - count));
      for (int32_t p = 0; p < pixels; p++, packed += 64) {
        const __m256i x = _mm256_maskload_epi32((const int *)(const void *)(windows[p] + offset), mask);
        _mm256_store_si256((__m256i *)(void *)packed, _mm256_and_si256(x, low_byte));
        _mm256_store_si256((__m256i *)(void *)(packed + 32), _mm256_srli_epi16(x, 8));
      }
    }
  }
}

/// The sums of `pixels` (a constant) x 8 channels. Per 4 inputs: 1 load, 3 shifts and 2 x pixels times broadcast, vpmaddwd,
/// vpaddd: 76 instructions for 384 MACs. One core of AMD EPYC (Zen 4, 3.6 GHz): 82 to 86 GMAC/s from K = 240 on, ResNet-50 82;
/// the four vector pipes allow 109. 5 pixels x 16 channels, 58 instructions for 320 MACs, spilled and gave 78.
FOVEA_INLINE FOVEA_AVX2 void sum_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *packed, const int8_t *weights, __m256i bias,
    __m256i sums[max_pixels]) {
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    sums[p] = bias;
  }
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    for (int32_t left = conv->run; left > 0; left -= chunk_groups, packed += 64 * pixels) {
      const uint8_t *x = packed, *const end = packed + 4 * (left < chunk_groups ? left : chunk_groups);
      for (; x < end; x += 4, weights += 64) {
        const __m256i w = _mm256_load_si256((const __m256i *)(const void *)weights);
        const __m256i odd = _mm256_srai_epi16(w, 8);
        const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8);
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          int32_t pair;
          memcpy(&pair, x + 64 * p, 4);
          sums[p] = _mm256_add_epi32(sums[p], _mm256_madd_epi16(_mm256_set1_epi32(pair), even));
          memcpy(&pair, x + 64 * p + 32, 4);
          sums[p] = _mm256_add_epi32(sums[p], _mm256_madd_epi16(_mm256_set1_epi32(pair), odd));
        }
      }
    }
  }
}

FOVEA_INLINE FOVEA_AVX2 void store_8(uint8_t *to, __m128i bytes, int32_t channels) {
  if (channels >= 8) {
    _mm_storel_epi64((__m128i *)(void *)to, bytes);
  } else {
    const int64_t all = _mm_cvtsi128_si64(bytes);
    memcpy(to, &all, (size_t)channels);
  }
}

/// Sums to outputs, four pixels at a time.
FOVEA_INLINE FOVEA_AVX2 void store_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const __m256i *sums, int32_t pixel, int32_t channel) {
  const fovea_requantization *requantization = &conv->requantization;
  const __m256 scale = _mm256_load_ps(requantization->scale + channel);
  const size_t stride = (size_t)conv->output_stride, first = (size_t)pixel * stride + (size_t)channel;
  const int32_t channels = conv->channels - channel;
  if (conv->output_f32) {
    static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
    const int32_t skip = channels < 8 ? 8 - channels : 0;
    const __m256i mask = _mm256_loadu_si256((const __m256i *)(const void *)(masks + skip));
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      const __m256 values = _mm256_mul_ps(_mm256_cvtepi32_ps(sums[p]), scale);
      _mm256_maskstore_ps(conv->output_f32 + first + (size_t)p * stride, mask, values);
    }
    return;
  }
  const fovea_avx2_output output =
      fovea_avx2_output_of(requantization->zero_point, requantization->low, requantization->high);
  uint8_t *to = conv->output_u8 + first;
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p += 4, to += 4 * stride) {
    __m256i rounded[4];
    FOVEA_UNROLL
    for (int i = 0; i < 4; i++) {
      rounded[i] = p + i < pixels ? fovea_avx2_round(sums[p + i], scale) : rounded[0];
    }
    const __m256i bytes = fovea_avx2_pack(rounded[0], rounded[1], rounded[2], rounded[3], output);
    const __m128i lower = _mm256_castsi256_si128(bytes), upper = _mm256_extracti128_si256(bytes, 1);
    store_8(to, lower, channels);
    if (p + 1 < pixels) {
      store_8(to + stride, _mm_unpackhi_epi64(lower, lower), channels);
    }
    if (p + 2 < pixels) {
      store_8(to + 2 * stride, upper, channels);
    }
    if (p + 3 < pixels) {
      store_8(to + 3 * stride, _mm_unpackhi_epi64(upper, upper), channels);
    }
  }
}

/// One tile of packed pixels for a range of channel blocks, 8 channels at a time.
#define TILE(pixels)                                                                                                    \
  static FOVEA_AVX2 void tile_##pixels(                                                                                 \
      const fovea_conv_u8s8 *conv, const uint8_t *packed, int32_t pixel, int32_t block_begin, int32_t block_end) {      \
    const ptrdiff_t block_bytes = (ptrdiff_t)conv->taps * conv->run * 64;                                               \
    const int32_t end = conv->channels < block_end * 16 ? conv->channels : block_end * 16;                              \
    for (int32_t channel = block_begin * 16; channel < end; channel += 8) {                                             \
      const int8_t *weights = conv->weights + channel / 16 * block_bytes + (channel & 8) * 4;                           \
      const __m256i bias =                                                                                              \
          _mm256_load_si256((const __m256i *)(const void *)(conv->requantization.bias + channel));                      \
      __m256i sums[max_pixels];                                                                                         \
      sum_tile(pixels, conv, packed, weights, bias, sums);                                                              \
      store_tile(pixels, conv, sums, pixel, channel);                                                                   \
    }                                                                                                                   \
  }

TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6) TILE(7) TILE(8) TILE(9) TILE(10) TILE(11) TILE(12)

static fovea_conv_packed_function *const tiles[max_pixels + 1] = {
    0, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6, tile_7, tile_8, tile_9, tile_10, tile_11, tile_12,
};

void fovea_conv_u8s8_avx2(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  if (fovea_winograd_suits(conv)) {
    fovea_winograd_u8s8_avx2(conv, pixel_begin, pixel_end, block_begin, block_end, scratch);
    return;
  }
  fovea_conv_run_packed(conv, max_pixels, pixel_begin, pixel_end, block_begin, block_end, scratch, pack, tiles);
}

size_t fovea_conv_scratch_avx2(const fovea_conv_u8s8 *conv) {
  if (fovea_winograd_suits(conv)) {
    return fovea_winograd_scratch_avx2(conv);
  }
  return fovea_conv_packed_scratch(conv, max_pixels, chunk_groups, 64);
}

int32_t fovea_conv_granule_avx2(const fovea_conv_u8s8 *conv, int32_t parts) {
  return fovea_winograd_suits(conv) ? fovea_winograd_granule(conv, parts) : fovea_conv_granule_12(conv, parts);
}

#endif
