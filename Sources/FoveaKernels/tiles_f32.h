#ifndef FOVEA_TILES_F32_H
#define FOVEA_TILES_F32_H

#include "conv_f32.h"

// Tiles of a float convolution, for the instruction set whose vector_*.h was included before.

enum { block_vectors = 16 / vector_lanes, tile_sums = 24 };

/// Writes `blocks` blocks of sums, as many of their channels as there are.
FOVEA_INLINE FOVEA_VECTOR void store_blocks(
    const int blocks, const vector *sums, float *to, int32_t channels) {
  FOVEA_UNROLL
  for (int v = 0; v < blocks * block_vectors; v++) {
    const int32_t left = channels - v * vector_lanes;
    if (left >= vector_lanes) {
      vector_store(to + v * vector_lanes, sums[v]);
    } else if (left > 0) {
      vector_store_some(to + v * vector_lanes, sums[v], left);
    }
  }
}

/// `pixels` x `blocks` outputs, both compile-time constants. For each input: `blocks` * block_vectors loads of weights, `pixels`
/// broadcasts (load ports only) and their product of fused multiply-adds. 24 sums (12 with AVX2's 16 registers) are more than
/// the 8 to 10 that latency times throughput asks for.
FOVEA_INLINE FOVEA_VECTOR void tile(
    const int pixels, const int blocks, const fovea_f32_product *product, const float *const *windows, float *output,
    int32_t block) {
  const int width = blocks * block_vectors;
  const float *weights = product->weights + block * product->block_step;
  const ptrdiff_t block_step = product->block_step;
  vector sums[tile_sums];
  FOVEA_UNROLL
  for (int v = 0; v < width; v++) {
    const vector bias = vector_load(product->bias + block * 16 + v * vector_lanes);
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p * width + v] = bias;
    }
  }
  const int32_t run = product->run;
  for (int32_t tap_row = 0; tap_row < product->tap_rows; tap_row++) {
    for (int32_t tap_column = 0; tap_column < product->tap_columns; tap_column++) {
      ptrdiff_t offset = tap_row * product->tap_row_step + tap_column * product->tap_column_step;
      FOVEA_NO_UNROLL
      for (int32_t k = 0; k < run; k++, offset++, weights += 16) {
        vector w[fovea_f32_most_blocks];
        FOVEA_UNROLL
        for (int v = 0; v < width; v++) {
          w[v] = vector_load(weights + v / block_vectors * block_step + v % block_vectors * vector_lanes);
        }
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          const vector x = vector_all(windows[p][offset]);
          FOVEA_UNROLL
          for (int v = 0; v < width; v++) {
            sums[p * width + v] = vector_fma(x, w[v], sums[p * width + v]);
          }
        }
      }
    }
  }
  const vector low = vector_all(product->low), high = vector_all(product->high);
  const int32_t channels = product->channels - block * 16;
  float *to = output + block * 16;
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++, to += product->output_stride) {
    FOVEA_UNROLL
    for (int v = 0; v < width; v++) {
      sums[p * width + v] = vector_clamp(sums[p * width + v], low, high);
    }
    store_blocks(blocks, sums + p * width, to, channels);
  }
}

#define TILE(pixels, blocks)                                                                                       \
  static FOVEA_VECTOR void tile_##pixels##x##blocks(                                                               \
      const fovea_f32_product *product, const float *const *windows, float *output, int32_t block) {               \
    tile(pixels, blocks, product, windows, output, block);                                                         \
  }

#define TILES_UP_TO_6(blocks) \
  TILE(1, blocks) TILE(2, blocks) TILE(3, blocks) TILE(4, blocks) TILE(5, blocks) TILE(6, blocks)

#endif
