#ifndef FOVEA_TILES_F32_H
#define FOVEA_TILES_F32_H

#include "conv_f32.h"
#include "functions_f32.h"

// Tiles of a float convolution, for the instruction set whose vector_*.h was included before.

enum { block_vectors = 16 / vector_lanes, tile_sums = 24, tile_pixels = 12 };

/// Writes `count` vectors of one pixel's sums, as many of their channels as there are.
FOVEA_INLINE FOVEA_VECTOR void store_vectors(const int count, const vector *sums, float *to, int32_t channels) {
  FOVEA_UNROLL
  for (int v = 0; v < count; v++) {
    const int32_t left = channels - v * vector_lanes;
    if (left >= vector_lanes) {
      vector_store(to + v * vector_lanes, sums[v]);
    } else if (left > 0) {
      vector_store_some(to + v * vector_lanes, sums[v], left);
    }
  }
}

/// Adds `count` vectors of one pixel, as many of their channels as there are.
FOVEA_INLINE FOVEA_VECTOR void add_vectors(const int count, vector *sums, const float *from, int32_t channels) {
  FOVEA_UNROLL
  for (int v = 0; v < count; v++) {
    const int32_t left = channels - v * vector_lanes;
    if (left >= vector_lanes) {
      sums[v] = vector_add(sums[v], vector_load(from + v * vector_lanes));
    } else if (left > 0) {
      sums[v] = vector_add(sums[v], vector_load_some(from + v * vector_lanes, left));
    }
  }
}

/// `pixels` x `blocks` outputs, both compile-time constants. For each input: `blocks` * block_vectors loads of weights, `pixels`
/// broadcasts (load ports only) and their product of fused multiply-adds. 24 sums (12 with AVX2's 16 registers) are more than
/// the 8 to 10 that latency times throughput asks for.
///
/// With `is_narrow`, also a constant, the last block's upper 8 channels are left out: 24 outputs are no more work than that. Where
/// a vector is a whole block, half vectors take its lower channels' part.
FOVEA_INLINE FOVEA_VECTOR void tile(
    const int pixels, const int blocks, const int is_narrow, const fovea_f32_product *product, const float *const *windows,
    const float *addend, float *output, int32_t block, const float *ahead, ptrdiff_t ahead_step) {
  const int lanes = blocks * 16 - (is_narrow ? 8 : 0), width = lanes / vector_lanes, has_half = lanes % vector_lanes != 0;
  const int all = width + has_half;
  const float *weights = product->weights + block * product->block_step;
  const ptrdiff_t block_step = product->block_step;
  vector sums[tile_sums];
  half_vector halves[tile_pixels];
  FOVEA_UNROLL
  for (int v = 0; v < width; v++) {
    const vector bias = vector_load(product->bias + block * 16 + v * vector_lanes);
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p * all + v] = bias;
    }
  }
  if (has_half) {
    const half_vector bias = half_load(product->bias + block * 16 + width * vector_lanes);
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      halves[p] = bias;
    }
  }
  const int32_t run = product->run;
  for (int32_t tap_row = 0; tap_row < product->tap_rows; tap_row++) {
    for (int32_t tap_column = 0; tap_column < product->tap_columns; tap_column++) {
      ptrdiff_t offset = tap_row * product->tap_row_step + tap_column * product->tap_column_step;
      FOVEA_NO_UNROLL
      for (int32_t k = 0; k < run; k++, offset++, weights += 16, ahead += ahead_step) {
        __builtin_prefetch(ahead, 0, 2);
        vector w[fovea_f32_most_blocks];
        FOVEA_UNROLL
        for (int v = 0; v < width; v++) {
          w[v] = vector_load(weights + v / block_vectors * block_step + v % block_vectors * vector_lanes);
        }
        const half_vector half_w = half_load(has_half ? weights + (blocks - 1) * block_step : weights);
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          const vector x = vector_all(windows[p][offset]);
          FOVEA_UNROLL
          for (int v = 0; v < width; v++) {
            sums[p * all + v] = vector_fma(x, w[v], sums[p * all + v]);
          }
          if (has_half) {
            halves[p] = half_fma(x, half_w, halves[p]);
          }
        }
      }
    }
  }
  if (has_half) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p * all + width] = half_widen(halves[p]);
    }
  }
  const int32_t channels = product->channels - block * 16;
  if (addend) {
    addend += block * 16;
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++, addend += product->output_stride) {
      add_vectors(all, sums + p * all, addend, channels);
    }
  }
  if (product->is_hard_swish) {
    FOVEA_UNROLL
    for (int v = 0; v < pixels * all; v++) {
      sums[v] = functions_hard_swish(sums[v]);
    }
  } else {
    const vector low = vector_all(product->low), high = vector_all(product->high);
    FOVEA_UNROLL
    for (int v = 0; v < pixels * all; v++) {
      sums[v] = vector_clamp(sums[v], low, high);
    }
  }
  float *to = output + block * 16;
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++, to += product->output_stride) {
    store_vectors(all, sums + p * all, to, channels);
  }
}

#define TILE(pixels, blocks)                                                                                       \
  static FOVEA_VECTOR void tile_##pixels##x##blocks(                                                               \
      const fovea_f32_product *product, const float *const *windows, const float *addend, float *output,           \
      int32_t block, const float *ahead, ptrdiff_t ahead_step) {                                                   \
    tile(pixels, blocks, 0, product, windows, addend, output, block, ahead, ahead_step);                           \
  }

#define NARROW_TILE(pixels, blocks)                                                                                \
  static FOVEA_VECTOR void narrow_tile_##pixels##x##blocks(                                                        \
      const fovea_f32_product *product, const float *const *windows, const float *addend, float *output,           \
      int32_t block, const float *ahead, ptrdiff_t ahead_step) {                                                   \
    tile(pixels, blocks, 1, product, windows, addend, output, block, ahead, ahead_step);                           \
  }

#define NARROW_TILES_UP_TO_6(blocks)                                                          \
  NARROW_TILE(1, blocks) NARROW_TILE(2, blocks) NARROW_TILE(3, blocks) NARROW_TILE(4, blocks) \
  NARROW_TILE(5, blocks) NARROW_TILE(6, blocks)

#define TILES_UP_TO_6(blocks) \
  TILE(1, blocks) TILE(2, blocks) TILE(3, blocks) TILE(4, blocks) TILE(5, blocks) TILE(6, blocks)

#endif
