// 8-bit convolution with AVX-VNNI (Alder Lake-N and later chips without AVX-512): vpdpbusd multiplies 8 channels x 4
// inputs an instruction.

#if defined(__x86_64__)

#include "avxvnni.h"
#include "conv_windows.h"
#include "kernels.h"

/// 6 x 2 sums, 2 weights and 1 broadcast activation of 16 registers.
enum { max_pixels = 6 };

FOVEA_INLINE FOVEA_AVXVNNI void store_16(uint8_t *to, __m128i bytes, int32_t channels) {
  if (channels >= 16) {
    _mm_storeu_si128((__m128i *)(void *)to, bytes);
  } else {
    uint8_t all[16];
    _mm_storeu_si128((__m128i *)(void *)all, bytes);
    memcpy(to, all, (size_t)channels);
  }
}

/// `pixels` (a constant) x 16 sums to outputs.
FOVEA_INLINE FOVEA_AVXVNNI void store_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const __m256i *sums, int32_t pixel, int32_t block) {
  const fovea_requantization *requantization = &conv->requantization;
  const int32_t channel = block * 16, channels = conv->channels - channel;
  const __m256 scale[2] = {
      _mm256_load_ps(requantization->scale + channel), _mm256_load_ps(requantization->scale + channel + 8)};
  const ptrdiff_t stride = conv->output_stride, first = pixel * stride + channel;
  if (conv->output_f32) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      float values[16];
      _mm256_storeu_ps(values, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[2 * p]), scale[0]));
      _mm256_storeu_ps(values + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(sums[2 * p + 1]), scale[1]));
      memcpy(
          conv->output_f32 + first + p * stride, values,
          channels < 16 ? (size_t)channels * sizeof(float) : sizeof values);
    }
    return;
  }
  const fovea_avx2_output output =
      fovea_avx2_output_of(requantization->zero_point, requantization->low, requantization->high);
  uint8_t *to = conv->output_u8 + first;
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p += 2, to += 2 * stride) {
    const int next = p + 1 < pixels ? p + 1 : p;
    const __m256i bytes = fovea_avx2_pack(
        fovea_avx2_round(sums[2 * p], scale[0]), fovea_avx2_round(sums[2 * p + 1], scale[1]),
        fovea_avx2_round(sums[2 * next], scale[0]), fovea_avx2_round(sums[2 * next + 1], scale[1]), output);
    store_16(to, _mm256_castsi256_si128(bytes), channels);
    if (next > p) {
      store_16(to + stride, _mm256_extracti128_si256(bytes, 1), channels);
    }
  }
}

/// `pixels` (a constant) x 16 channels. Per 4 inputs and 6 pixels: 2 loads, 6 broadcasts (load ports only) and 12
/// vpdpbusd: 20 instructions for 384 MACs. With AVX-512's form of the instruction on one core of AMD EPYC (Zen 4):
/// EfficientNet-Lite0 164 GMAC/s, ResNet-50 215.
FOVEA_INLINE FOVEA_AVXVNNI void tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel, int32_t block) {
  const int8_t *weights = conv->weights + (ptrdiff_t)block * conv->taps * conv->run * 64;
  const __m256i *bias = (const __m256i *)(const void *)(conv->requantization.bias + block * 16);
  __m256i sums[2 * max_pixels];
  FOVEA_UNROLL
  for (int i = 0; i < 2 * pixels; i++) {
    sums[i] = bias[i % 2];
  }
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    ptrdiff_t offset = conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->run; group++, offset += 4, weights += 64) {
      const __m256i *w = (const __m256i *)(const void *)weights;
      const __m256i lower = w[0], upper = w[1];
      FOVEA_UNROLL
      for (int p = 0; p < pixels; p++) {
        int32_t four;
        memcpy(&four, windows[p] + offset, 4);
        const __m256i x = _mm256_set1_epi32(four);
        sums[2 * p] = fovea_avxvnni_dpbusd(sums[2 * p], x, lower);
        sums[2 * p + 1] = fovea_avxvnni_dpbusd(sums[2 * p + 1], x, upper);
      }
    }
  }
  store_tile(pixels, conv, sums, pixel, block);
}

typedef void tile_function(
    const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel, int32_t block);

#define TILE(pixels)                                                                                     \
  static FOVEA_AVXVNNI void tile_##pixels(                                                               \
      const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel, int32_t block) {        \
    tile(pixels, conv, windows, pixel, block);                                                           \
  }

TILE(1) TILE(2) TILE(3) TILE(4) TILE(5) TILE(6)

static tile_function *const tiles[max_pixels + 1] = {0, tile_1, tile_2, tile_3, tile_4, tile_5, tile_6};

void fovea_conv_u8s8_avxvnni(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  (void)scratch;
  // A block's weights stay in the first cache while the pixels pass; tiles of nearly equal size.
  for (int32_t block = block_begin; block < block_end; block++) {
    fovea_conv_window window = fovea_conv_window_of(conv, pixel_begin);
    int32_t tiles_left = (pixel_end - pixel_begin + max_pixels - 1) / max_pixels;
    for (int32_t pixel = pixel_begin, count; pixel < pixel_end; pixel += count, tiles_left--) {
      count = fovea_conv_tile_size(pixel_end - pixel, tiles_left);
      const uint8_t *windows[max_pixels];
      fovea_conv_next_windows(conv, &window, count, windows);
      tiles[count](conv, windows, pixel, block);
    }
  }
}

size_t fovea_conv_scratch_avxvnni(const fovea_conv_u8s8 *conv) {
  (void)conv;
  return 0;
}

#endif
