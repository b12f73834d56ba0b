#ifndef FOVEA_CONV_NEON_H
#define FOVEA_CONV_NEON_H

#include "conv_windows.h"
#include "neon.h"

// The part of a NEON convolution that does not depend on how bytes are multiplied: copying windows to consecutive rows,
// cutting the work into tiles, and writing sums.
//
// Only i8mm multiplies unsigned by signed bytes. The others take activations as signed ones: windows are copied with every
// byte XORed, the difference times the weights goes into the bias, and the sums, which wrap, come out exact. A copied
// window is one run of taps * run groups of 4 bytes, as are its weights, so that a tile has no loop over taps.

enum {
  fovea_neon_slab_bytes = 24576,  ///< of copied windows, for which a block's weights stay in the caches
};

/// One tile: `packed` windows, `row_bytes` apart, of the output pixels from `pixel` on, for one block of 16 channels.
typedef void fovea_neon_tile_function(
    const fovea_conv_u8s8 *conv, const uint8_t *packed, ptrdiff_t row_bytes, const int32_t *bias, int32_t pixel,
    int32_t block);

/// Defines tile_1, ... of an instruction set from its always-inline `tile`.
#define FOVEA_NEON_TILE(target, pixels)                                                                               \
  static target void tile_##pixels(                                                                                   \
      const fovea_conv_u8s8 *conv, const uint8_t *packed, ptrdiff_t row_bytes, const int32_t *bias, int32_t pixel,    \
      int32_t block) {                                                                                                \
    tile(pixels, conv, packed, row_bytes, bias, pixel, block);                                                        \
  }

/// What an instruction set adds to the driver.
typedef struct {
  int32_t max_pixels;                      ///< of a tile
  fovea_neon_tile_function *const *tiles;  ///< [pixels]
  uint8_t even_mask, odd_mask;             ///< what the bytes of even and odd groups are XORed with
  /// Writes the 16 biases of a block whose activations are XORed.
  void (*correct)(const fovea_conv_u8s8 *conv, int32_t block, int32_t bias[16]);
} fovea_neon_conv;

/// Bytes between copied windows: copies of 16 bytes may pass the last by 12.
FOVEA_INLINE ptrdiff_t fovea_neon_row_bytes(const fovea_conv_u8s8 *conv) {
  return ((ptrdiff_t)conv->taps * conv->run * 4 + 12 + 15) & ~(ptrdiff_t)15;
}

/// Windows copied at once: a few tiles' worth.
FOVEA_INLINE int32_t fovea_neon_slab(const fovea_conv_u8s8 *conv, int32_t max_pixels) {
  const ptrdiff_t most = fovea_neon_slab_bytes / fovea_neon_row_bytes(conv);
  return most < max_pixels ? max_pixels : (int32_t)most / max_pixels * max_pixels;
}

FOVEA_INLINE size_t fovea_neon_conv_scratch(const fovea_conv_u8s8 *conv, int32_t max_pixels) {
  const int64_t pixels = (int64_t)conv->out_height * conv->out_width;
  const int32_t slab = fovea_neon_slab(conv, max_pixels);
  const size_t biases = ((size_t)conv->channels + 15) / 16 * 64;
  return biases + (size_t)(pixels < slab ? pixels : slab) * (size_t)fovea_neon_row_bytes(conv);
}

FOVEA_INLINE void fovea_neon_copy_window(
    const fovea_conv_u8s8 *conv, const fovea_neon_conv *set, const uint8_t *window, uint8_t *to) {
  const ptrdiff_t bytes = (ptrdiff_t)conv->run * 4;
  const uint8x8_t even = vdup_n_u8(set->even_mask), odd = vdup_n_u8(set->odd_mask);
  uint8x16_t mask = vreinterpretq_u8_u32(vzipq_u32(
      vreinterpretq_u32_u8(vcombine_u8(even, even)), vreinterpretq_u32_u8(vcombine_u8(odd, odd))).val[0]);
  for (int32_t tap = 0; tap < conv->taps; tap++, to += bytes) {
    const uint8_t *from = window + conv->tap_offsets[tap];
    for (ptrdiff_t i = 0; i < bytes; i += 16) {
      vst1q_u8(to + i, veorq_u8(vld1q_u8(from + i), mask));
    }
    if (conv->run % 2) {  // the next tap begins with the other mask
      mask = vextq_u8(mask, mask, 4);
    }
  }
}

/// Slabs and tiles of nearly equal size: 49 pixels are 4 x 6 + 5 x 5 and not 8 x 6 + 1.
FOVEA_INLINE void fovea_neon_conv_run(
    const fovea_neon_conv *set, const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin,
    int32_t block_end, void *scratch) {
  int32_t *const biases = scratch;
  uint8_t *const packed = (uint8_t *)scratch + ((ptrdiff_t)conv->channels + 15) / 16 * 64;
  const ptrdiff_t row_bytes = fovea_neon_row_bytes(conv);
  const int32_t most = fovea_neon_slab(conv, set->max_pixels);
  fovea_conv_window window = fovea_conv_window_of(conv, pixel_begin);
  int32_t slabs_left = (pixel_end - pixel_begin + most - 1) / most;
  for (int32_t pixel = pixel_begin, slab; pixel < pixel_end; pixel += slab, slabs_left--) {
    slab = fovea_conv_tile_size(pixel_end - pixel, slabs_left);
    for (int32_t i = 0; i < slab; i++) {
      fovea_neon_copy_window(conv, set, fovea_conv_next(conv, &window), packed + i * row_bytes);
    }
    for (int32_t block = block_begin; block < block_end; block++) {
      int32_t *const bias = biases + 16 * (ptrdiff_t)block;
      if (pixel == pixel_begin) {  // here and not before: the weights are in the cache for the tiles
        set->correct(conv, block, bias);
      }
      int32_t tiles_left = (slab + set->max_pixels - 1) / set->max_pixels;
      for (int32_t i = 0, count; i < slab; i += count, tiles_left--) {
        count = fovea_conv_tile_size(slab - i, tiles_left);
        set->tiles[count](conv, packed + i * row_bytes, row_bytes, bias, pixel + i, block);
      }
    }
  }
}

/// A group of one pixel, repeated (ld1r).
FOVEA_INLINE int8x16_t fovea_neon_broadcast(const uint8_t *four) {
  int32_t group;
  memcpy(&group, four, sizeof group);
  return vreinterpretq_s8_s32(vdupq_n_s32(group));
}

/// `pixels` (a constant) times 16 sums to outputs.
FOVEA_INLINE void fovea_neon_store_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const int32x4_t *sums, int32_t pixel, int32_t block) {
  const fovea_requantization *requantization = &conv->requantization;
  const int32_t channel = block * 16, channels = conv->channels - channel;
  const ptrdiff_t stride = conv->output_stride, first = pixel * stride + channel;
  const fovea_neon_output output =
      fovea_neon_output_of(requantization->zero_point, requantization->low, requantization->high);
  float32x4_t scale[4];
  FOVEA_UNROLL
  for (int j = 0; j < 4; j++) {
    scale[j] = vld1q_f32(requantization->scale + channel + 4 * j);
  }
  if (conv->output_u8) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      const int32x4_t *s = sums + 4 * p;
      const int16x8_t lower = fovea_neon_narrow(s[0], s[1], scale[0], scale[1], output);
      const int16x8_t upper = fovea_neon_narrow(s[2], s[3], scale[2], scale[3], output);
      fovea_neon_store(conv->output_u8 + first + p * stride, fovea_neon_pack(lower, upper, output), channels);
    }
    return;
  }
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    float values[16], *const to = conv->output_f32 + first + p * stride;
    FOVEA_UNROLL
    for (int j = 0; j < 4; j++) {
      vst1q_f32(values + 4 * j, vmulq_f32(vcvtq_f32_s32(sums[4 * p + j]), scale[j]));
    }
    memcpy(to, values, channels < 16 ? (size_t)channels * sizeof(float) : sizeof values);
  }
}

#endif
