#ifndef FOVEA_WINOGRAD_U8S8_H
#define FOVEA_WINOGRAD_U8S8_H

#include "conv_windows.h"

// 3x3 convolution at stride 1 with 16 multiplications in place of 36 for 2x2 output pixels: Winograd's F(2x2, 3x3)
// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016), in exact integers. For instruction sets
// whose multiplication is of 16 bits anyway.
//
// A tile is 2x2 output pixels, d its 4x4 input pixels of one channel, g the 3x3 weights of one input and one output
// channel:
//
//     V = B^T d B           B^T = 1  0 -1  0     within -510 ... 1020
//                                 0  1  1  0
//                                 0 -1  1  0
//                                 0  1  0 -1
//     U = G g G^T             G = 2  0  0        twice the paper's, so that U is whole: within 9 x 128 = 1152
//                                 1  1  1
//                                 1 -1  1
//                                 0  0  2
//     4 Y = A^T (U V) A     A^T = 1  1  1  0
//                                 0  1 -1 -1
//
// U V are products summed over the input channels, one sum for each of 16 positions: 16 matrix multiplications. All of
// it is addition and multiplication, so sums may wrap: 4 Y is right where it is below 2^31, which
// `fovea_winograd_most_inputs` guarantees for any weights. Then Y is exact, and so are the definition's bits.
//
// Weights are transformed anew for every block of tiles, in the caches: with AVX2 276 instructions for a group of 4
// inputs, which 171 a tile then use. Transformed once and kept, they would be 3.6 times as many bytes to read, in
// private memory.

enum {
  fovea_winograd_positions = 16,
  fovea_winograd_most_inputs = 1824,     ///< the multiple of 16 below 2^29 / (9 x 255 x 128)
  fovea_winograd_chunk = 32,             ///< groups of 4 inputs whose weights are transformed at once: 64 KiB
  fovea_winograd_input_bytes = 1 << 18,  ///< of transformed inputs at once, about
};

/// One position's product of a few tiles, `tile_stride` apart, and 16 channels, over `groups` groups of inputs. It is
/// added to `sums` or, at `first`, written there: [tile][16 positions][16].
typedef void fovea_winograd_multiply_function(
    const int16_t *inputs, ptrdiff_t tile_stride, const int16_t *weights, int32_t groups, int32_t *sums, int first);

/// Defines multiply_1, ... of an instruction set from its always-inline `multiply`.
#define FOVEA_WINOGRAD_MULTIPLY(target, tiles)                                                                         \
  static target void multiply_##tiles(                                                                                 \
      const int16_t *inputs, ptrdiff_t tile_stride, const int16_t *weights, int32_t groups, int32_t *sums,             \
      int first) {                                                                                                     \
    multiply(tiles, inputs, tile_stride, weights, groups, sums, first);                                                \
  }

/// What an instruction set adds to the driver. Inputs come in groups of 4, in the order that suits its multiplication.
typedef struct {
  int32_t max_tiles;  ///< multiplied at once
  /// V of a tile: `to[position * position_stride + channel]`, for `inputs` channels rounded up to whole groups.
  void (*input)(const uint8_t *const pixels[16], int32_t inputs, int16_t *to, ptrdiff_t position_stride);
  /// U of 16 channels for `groups` groups of inputs: `to[position * position_stride + group * 64]` and on. The weights
  /// of kernel row y, column x are at `from + y * row_bytes + x * column_bytes`, 64 bytes a group.
  void (*weights)(
      const int8_t *from, ptrdiff_t row_bytes, ptrdiff_t column_bytes, int32_t groups, int16_t *to,
      ptrdiff_t position_stride);
  fovea_winograd_multiply_function *const *multiply;  ///< [tiles]
  /// One tile's sums to 16 channels of its 4 output pixels: null where there is none.
  void (*output)(const fovea_conv_u8s8 *conv, const int32_t *sums, uint8_t *const to[4], int32_t channel);
} fovea_winograd;

/// Input channels in 16 bits, rounded up for whole vectors.
FOVEA_INLINE int32_t fovea_winograd_depth(const fovea_conv_u8s8 *conv) { return (conv->column_step + 15) / 16 * 16; }

/// Output tiles of 2x2 pixels.
FOVEA_INLINE int64_t fovea_winograd_tiles(const fovea_conv_u8s8 *conv) {
  return (int64_t)((conv->out_height + 1) / 2) * ((conv->out_width + 1) / 2);
}

/// Tiles whose inputs are transformed at once.
FOVEA_INLINE int32_t fovea_winograd_block(const fovea_conv_u8s8 *conv, int32_t max_tiles) {
  const int64_t tiles = fovea_winograd_tiles(conv);
  const int32_t most = fovea_winograd_input_bytes / (2 * fovea_winograd_positions * fovea_winograd_depth(conv));
  const int32_t block = most < max_tiles ? max_tiles : most;
  return tiles < block ? (int32_t)tiles : block;
}

/// Elements between positions. The 64 bytes more keep 16 positions from meeting in one set of a cache.
FOVEA_INLINE ptrdiff_t fovea_winograd_input_stride(const fovea_conv_u8s8 *conv, int32_t block) {
  return (ptrdiff_t)block * fovea_winograd_depth(conv) + 32;
}

enum { fovea_winograd_weight_stride = fovea_winograd_chunk * 64 + 32 };

/// Whether a convolution is of this kind and becomes faster. At stride 1 the step between windows is the input's
/// channels. Few tiles do not earn what transforming the weights costs, and odd sizes compute pixels that do not exist:
/// with AVX2, 3x3 outputs lose (0.5 to 0.8 of the direct kernel's speed), 4x4 and 5x5 win (1.0 to 1.4), larger ones
/// reach 1.5 (16 channels) to 2.1 (from 64 on).
FOVEA_INLINE int fovea_winograd_suits(const fovea_conv_u8s8 *conv) {
  const int32_t inputs = conv->column_step;
  if (conv->taps != 3 || inputs % 4 != 0 || inputs < 16 || inputs > fovea_winograd_most_inputs) {
    return 0;
  }
  if (conv->run != 3 * inputs / 4 || conv->output_f32 != 0) {
    return 0;
  }
  for (int32_t tap = 0; tap < 3; tap++) {
    if (conv->tap_offsets[tap] != (int64_t)tap * conv->row_step) {
      return 0;
    }
  }
  const int64_t tiles = fovea_winograd_tiles(conv), pixels = (int64_t)conv->out_height * conv->out_width;
  return tiles >= 4 && 9 * pixels >= 24 * tiles;
}

FOVEA_INLINE size_t fovea_winograd_scratch(const fovea_conv_u8s8 *conv, int32_t max_tiles) {
  const int32_t block = fovea_winograd_block(conv, max_tiles);
  const size_t inputs = (size_t)fovea_winograd_input_stride(conv, block), weights = fovea_winograd_weight_stride;
  const size_t sums = (size_t)block * fovea_winograd_positions * 16;
  return fovea_winograd_positions * (inputs + weights) * sizeof(int16_t) + sums * sizeof(int32_t);
}

/// See `conv_granule`. Rows of tiles where each thread has several; else channels, so that only one thread transforms a
/// block's weights.
FOVEA_INLINE int32_t fovea_winograd_granule(const fovea_conv_u8s8 *conv, int32_t parts) {
  const int32_t tile_rows = (conv->out_height + 1) / 2, blocks = (conv->channels + 15) / 16;
  return tile_rows >= 8 * parts || blocks < parts ? 2 * conv->out_width : 0;
}

/// V of `count` tiles from tile `first` on, numbered row by row from output row `row` on. Pixels outside of all windows
/// are replaced by the nearest inside: only outputs that do not exist depend on them.
FOVEA_INLINE void fovea_winograd_inputs(
    const fovea_winograd *set, const fovea_conv_u8s8 *conv, int32_t row, int32_t first, int32_t count, int16_t *to,
    ptrdiff_t position_stride) {
  const int32_t columns = (conv->out_width + 1) / 2;
  for (int32_t tile = first; tile < first + count; tile++, to += fovea_winograd_depth(conv)) {
    const int32_t y = row + tile / columns * 2, x = tile % columns * 2;
    const uint8_t *pixels[16];
    for (int32_t i = 0; i < 4; i++) {
      const int32_t input_row = y + i < conv->out_height + 2 ? y + i : conv->out_height + 1;
      for (int32_t j = 0; j < 4; j++) {
        const int32_t column = x + j < conv->out_width + 2 ? x + j : conv->out_width + 1;
        pixels[4 * i + j] =
            conv->input + (ptrdiff_t)input_row * conv->row_step + (ptrdiff_t)column * conv->column_step;
      }
    }
    set->input(pixels, conv->column_step, to, position_stride);
  }
}

/// A whole call.
FOVEA_INLINE void fovea_winograd_run(
    const fovea_winograd *set, const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin,
    int32_t block_end, void *scratch) {
  if (pixel_begin >= pixel_end) {
    return;
  }
  const int32_t most = fovea_winograd_block(conv, set->max_tiles), depth = fovea_winograd_depth(conv);
  const ptrdiff_t input_stride = fovea_winograd_input_stride(conv, most), weight_stride = fovea_winograd_weight_stride;
  int32_t *const sums = scratch;
  int16_t *const inputs = (int16_t *)(sums + (ptrdiff_t)most * fovea_winograd_positions * 16);
  int16_t *const weights = inputs + fovea_winograd_positions * input_stride;

  const int32_t width = conv->out_width, columns = (width + 1) / 2, groups = conv->column_step / 4;
  const int32_t row = pixel_begin / width, rows = (pixel_end - 1) / width + 1 - row;
  const int32_t tiles = (rows + 1) / 2 * columns;
  const ptrdiff_t row_bytes = (ptrdiff_t)conv->run * 64, column_bytes = (ptrdiff_t)groups * 64;

  int32_t blocks_left = (tiles + most - 1) / most;
  for (int32_t first = 0, count; first < tiles; first += count, blocks_left--) {
    count = fovea_conv_tile_size(tiles - first, blocks_left);
    fovea_winograd_inputs(set, conv, row, first, count, inputs, input_stride);
    for (int32_t block = block_begin; block < block_end; block++) {
      for (int32_t group = 0; group < groups; group += fovea_winograd_chunk) {
        const int32_t chunk = groups - group < fovea_winograd_chunk ? groups - group : fovea_winograd_chunk;
        set->weights(
            conv->weights + 3 * block * row_bytes + 64 * (ptrdiff_t)group, row_bytes, column_bytes, chunk, weights,
            weight_stride);
        for (int32_t position = 0; position < fovea_winograd_positions; position++) {
          int32_t parts_left = (count + set->max_tiles - 1) / set->max_tiles;
          for (int32_t tile = 0, part; tile < count; tile += part, parts_left--) {
            part = fovea_conv_tile_size(count - tile, parts_left);
            set->multiply[part](
                inputs + position * input_stride + (ptrdiff_t)tile * depth + 4 * group, depth,
                weights + position * weight_stride, chunk,
                sums + ((ptrdiff_t)tile * fovea_winograd_positions + position) * 16, group == 0);
          }
        }
      }
      for (int32_t i = 0; i < count; i++) {
        const int32_t y = row + (first + i) / columns * 2, x = (first + i) % columns * 2;
        uint8_t *to[4];
        for (int32_t j = 0; j < 4; j++) {
          const int32_t pixel = (y + j / 2) * width + x + j % 2;
          const int inside = x + j % 2 < width && pixel >= pixel_begin && pixel < pixel_end;
          to[j] = inside ? conv->output_u8 + (ptrdiff_t)pixel * conv->output_stride + block * 16 : 0;
        }
        set->output(conv, sums + (ptrdiff_t)i * fovea_winograd_positions * 16, to, block * 16);
      }
    }
  }
}

#endif
