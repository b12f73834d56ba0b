#ifndef FOVEA_DEPTHWISE_AVX2_H
#define FOVEA_DEPTHWISE_AVX2_H

#include "avx2.h"
#include "depthwise_x86.h"

// What the depthwise kernels of AVX2 and AVX-VNNI share: all but how they multiply. A block's 16 channels are two halves, a
// register of 8 sums each.

/// What every column of a block shares.
typedef struct {
  __m256i bias[2];  // by halves
  __m256 scale[2];
  fovea_avx2_output output;
} fovea_depthwise_avx2_constants;

FOVEA_INLINE FOVEA_AVX2 fovea_depthwise_avx2_constants fovea_depthwise_avx2_constants_of(
    const fovea_requantization *requantization, int32_t block) {
  const __m256i *bias = (const __m256i *)(const void *)(requantization->bias + 16 * block);
  const float *scale = requantization->scale + 16 * block;
  const fovea_depthwise_avx2_constants c = {
      {bias[0], bias[1]}, {_mm256_load_ps(scale), _mm256_load_ps(scale + 8)},
      fovea_avx2_output_of(requantization->zero_point, requantization->low, requantization->high)};
  return c;
}

/// Two outputs of 16 channels.
FOVEA_INLINE FOVEA_AVX2 __m256i fovea_depthwise_avx2_finish(
    const __m256i *first, const __m256i *second, const fovea_depthwise_avx2_constants *c) {
  return fovea_avx2_pack(
      fovea_avx2_round(first[0], c->scale[0]), fovea_avx2_round(first[1], c->scale[1]),
      fovea_avx2_round(second[0], c->scale[0]), fovea_avx2_round(second[1], c->scale[1]), c->output);
}

/// Writes the [width][rows][2 halves] sums of a tile, two outputs at a time.
FOVEA_INLINE FOVEA_AVX2 void fovea_depthwise_avx2_store(
    const int rows, const int width, const __m256i *sums, const fovea_depthwise_avx2_constants *c, int32_t channels,
    const fovea_depthwise_output *out, uint8_t *to) {
  FOVEA_UNROLL
  for (int i = 0; i < rows * width; i += 2) {
    const int next = i + 1 < rows * width ? i + 1 : i;  // the last one's second may not exist
    const __m256i bytes = fovea_depthwise_avx2_finish(sums + 2 * i, sums + 2 * next, c);
    fovea_depthwise_store_16(
        _mm256_castsi256_si128(bytes), out, to + i / rows * channels + i % rows * out->row_step, i % rows);
    if (next > i) {
      fovea_depthwise_store_16(
          _mm256_extracti128_si256(bytes, 1), out, to + next / rows * channels + next % rows * out->row_step,
          next % rows);
    }
  }
}

#endif
