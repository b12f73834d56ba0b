#ifndef FOVEA_CONV_F32_H
#define FOVEA_CONV_F32_H

#include "fovea_f32.h"
#include "inline.h"

// The part of a float convolution that does not depend on its instructions: bands of output rows whose input lies in the
// second-level cache, padded copies of it, panels of channels and tiles of pixels. Without target attributes, to be inlined
// into functions of any instruction set.

enum {
  fovea_f32_band_bytes = 262144,  ///< of input under a band of output rows: a quarter to a half of an L2 cache
  fovea_f32_large_band_bytes = 524288,  ///< where a band reads more weights than input
  fovea_f32_most_pixels = 24,     ///< of a tile
  fovea_f32_most_blocks = 4,      ///< of a tile
};

/// Windows times weights: what a tile computes. A window is tap_rows x tap_columns runs of `run` contiguous floats.
typedef struct {
  int32_t tap_rows, tap_columns, run;
  ptrdiff_t tap_row_step, tap_column_step;  ///< floats between runs
  const float *weights;                     ///< of block 0
  const float *next;                        ///< weights that are read after the last panel's, or null
  ptrdiff_t block_step;                     ///< floats between the weights of two blocks
  const float *bias;
  int32_t channels;                         ///< of the whole output
  ptrdiff_t output_stride;                  ///< floats between output pixels
  float low, high;
  int32_t is_hard_swish;                    ///< in place of the clamp
} fovea_f32_product;

/// One tile: `windows` of its pixels, the output's first pixel at channel 0 (and what to add to it, or null), the first block; what
/// is brought to the second-level cache meanwhile, `ahead_step` floats for each input.
typedef void fovea_f32_tile_function(
    const fovea_f32_product *product, const float *const *windows, const float *addend, float *output, int32_t block,
    const float *ahead, ptrdiff_t ahead_step);

/// The tiles of an instruction set, by blocks and pixels.
typedef struct {
  fovea_f32_tile_function *const *tiles[fovea_f32_most_blocks + 1];  ///< null where no tile has so many blocks
  int32_t pixels[fovea_f32_most_blocks + 1];                         ///< the most pixels of each
  /// Tiles whose last block has no more than 8 channels, of which they compute no others; as many pixels as the whole ones.
  fovea_f32_tile_function *const *narrow_tiles[fovea_f32_most_blocks + 1];
  fovea_unary_f32_function *unary;                                   ///< for activations that tiles do not apply
} fovea_f32_tiles;

/// Where the windows of output pixels begin.
typedef struct {
  const float *first;
  ptrdiff_t row_step, column_step;
  int32_t out_width;
} fovea_f32_windows;

/// Blocks of the next panel: the tile with the most sums, or where pixels are few the widest that holds them.
FOVEA_INLINE int32_t fovea_f32_panel(const fovea_f32_tiles *tiles, int32_t pixels, int32_t blocks_left) {
  int32_t best = 1;
  for (int32_t blocks = 2; blocks <= fovea_f32_most_blocks && blocks <= blocks_left; blocks++) {
    const int32_t most = tiles->pixels[blocks];
    // 3 blocks are 3, not 2 and a lonely 1; 4 are 2 and 2 unless there are too few pixels for the taller tile.
    if (most && (pixels <= most || blocks == 2 || (blocks == 3 && blocks_left == 3))) {
      best = blocks;
    }
  }
  return best;
}

/// Output pixels `begin ..< end`, whose windows are numbered from `first_pixel` on, for the blocks of a range.
///
/// While a panel is computed, the next panel's weights are fetched, as evenly as the tiles come: its first tile would wait for them,
/// and the others leave memory idle. Where a panel is one tile, memory has no such rest.
FOVEA_INLINE void fovea_f32_multiply(
    const fovea_f32_tiles *tiles, const fovea_f32_product *product, const fovea_f32_windows *from, int32_t begin,
    int32_t end, int32_t block_begin, int32_t block_end, const float *addend, float *output) {
  for (int32_t block = block_begin, blocks; block < block_end; block += blocks) {
    blocks = fovea_f32_panel(tiles, end - begin, block_end - block);
    const int is_narrow = product->channels - (block + blocks - 1) * 16 <= 8 && tiles->narrow_tiles[blocks];
    fovea_f32_tile_function *const *const functions = is_narrow ? tiles->narrow_tiles[blocks] : tiles->tiles[blocks];
    const int32_t most = tiles->pixels[blocks];
    int32_t tiles_left = (end - begin + most - 1) / most, column = begin % from->out_width;
    const float *row = from->first + begin / from->out_width * from->row_step;
    float *to = output;
    const float *add = addend;
    const float *const weights = product->weights + block * product->block_step;
    const int32_t left = block_end - block - blocks, next_blocks = left > 0 && left < blocks ? left : blocks;
    const float *const next = left > 0 ? weights + blocks * product->block_step : product->next;
    const fovea_ahead fetch = fovea_ahead_of(product->block_step, 16, next ? next_blocks : 0, tiles_left);
    const float *ahead = fetch.part ? next : weights;
    // 49 pixels in tiles of up to 12 are 4 x 10 + 9, and not 4 x 12 + 1.
    for (int32_t pixel = begin, count; pixel < end; pixel += count, tiles_left--) {
      count = (end - pixel + tiles_left - 1) / tiles_left;
      const float *windows[fovea_f32_most_pixels];
      for (int32_t i = 0; i < count; i++) {
        windows[i] = row + column * from->column_step;
        if (++column == from->out_width) {
          column = 0;
          row += from->row_step;
        }
      }
      functions[count](product, windows, add, to, block, ahead, fetch.step);
      ahead += fetch.part;
      to += count * product->output_stride;
      add = add ? add + count * product->output_stride : 0;
    }
  }
}

/// The clamp that a tile applies; everything, where the activation is another function.
FOVEA_INLINE void fovea_f32_clamp(const fovea_unary *activation, float *low, float *high) {
  const int clamps = activation->operation == FOVEA_UNARY_CLAMP;
  *low = clamps ? activation->alpha : -__builtin_inff();
  *high = clamps ? activation->beta : __builtin_inff();
}

FOVEA_INLINE int fovea_f32_is_clamp(const fovea_unary *activation) {
  return activation->operation == FOVEA_UNARY_CLAMP || activation->operation == FOVEA_UNARY_IDENTITY;
}

/// Activations that tiles do not apply, on values still in the cache.
FOVEA_INLINE void fovea_f32_activate(
    fovea_unary_f32_function *unary, const fovea_unary *activation, float *output, int32_t rows, ptrdiff_t stride,
    int32_t columns) {
  if (fovea_f32_is_clamp(activation) || rows <= 0 || columns <= 0) {
    return;
  }
  if (stride == columns) {
    unary(activation, output, output, 0, (size_t)rows * (size_t)columns);
    return;
  }
  for (int32_t row = 0; row < rows; row++) {
    float *const values = output + row * stride;
    unary(activation, values, values, 0, (size_t)columns);
  }
}

/// Whether windows may be read where they are: none leaves the image.
FOVEA_INLINE int fovea_conv_f32_in_place(const fovea_window *w) {
  return w->pad_top == 0 && w->pad_left == 0 &&
         (w->out_height - 1) * w->stride_y + (w->kernel_height - 1) * w->dilation_y < w->height &&
         (w->out_width - 1) * w->stride_x + (w->kernel_width - 1) * w->dilation_x < w->width;
}

/// Columns of the padded copy.
FOVEA_INLINE ptrdiff_t fovea_conv_f32_columns(const fovea_window *w) {
  return (ptrdiff_t)(w->out_width - 1) * w->stride_x + (ptrdiff_t)(w->kernel_width - 1) * w->dilation_x + 1;
}

/// Rows of the padded copy under `rows` output rows.
FOVEA_INLINE ptrdiff_t fovea_conv_f32_rows(const fovea_window *w, int32_t rows) {
  return (ptrdiff_t)(rows - 1) * w->stride_y + (ptrdiff_t)(w->kernel_height - 1) * w->dilation_y + 1;
}

/// Output rows of a band: each reads all weights once more.
FOVEA_INLINE int32_t fovea_conv_f32_band(const fovea_conv_f32 *conv) {
  const fovea_window *w = &conv->window;
  int64_t columns = fovea_conv_f32_columns(w), rows_of_one = w->stride_y;
  if (fovea_conv_f32_in_place(w)) {  // windows that do not meet leave pixels out
    const int64_t met = (int64_t)w->out_width * w->kernel_width;
    columns = met < columns ? met : columns;
    rows_of_one = w->kernel_height < w->stride_y ? w->kernel_height : w->stride_y;
  }
  const int64_t row_bytes = columns * rows_of_one * w->channels * 4, input_bytes = row_bytes * w->out_height;
  const int64_t weight_bytes = (int64_t)w->kernel_height * w->kernel_width * w->channels * conv->outputs * 4;
  const int64_t rows = (weight_bytes > input_bytes ? fovea_f32_large_band_bytes : fovea_f32_band_bytes) / row_bytes;
  return rows < 1 ? 1 : rows < w->out_height ? (int32_t)rows : w->out_height;
}

/// Copies the input under output rows `row ..< row + rows`, zeros around it, the channels taken side by side.
FOVEA_INLINE void fovea_conv_f32_pad(const fovea_conv_f32 *conv, int32_t row, int32_t rows, float *to) {
  const fovea_window *w = &conv->window;
  const int32_t columns = (int32_t)fovea_conv_f32_columns(w), channels = w->channels;
  const int32_t left = w->pad_left < columns ? w->pad_left : columns;
  const int32_t end = w->width + w->pad_left < columns ? w->width + w->pad_left : columns;
  const ptrdiff_t top = (ptrdiff_t)row * w->stride_y - w->pad_top;
  for (ptrdiff_t y = top; y < top + fovea_conv_f32_rows(w, rows); y++, to += (ptrdiff_t)columns * channels) {
    if (y < 0 || y >= w->height) {
      memset(to, 0, (size_t)columns * (size_t)channels * sizeof(float));
      continue;
    }
    const float *from = conv->input + y * w->width * w->input_channels;
    memset(to, 0, (size_t)left * (size_t)channels * sizeof(float));
    if (channels == w->input_channels) {
      memcpy(to + (ptrdiff_t)left * channels, from, (size_t)(end - left) * (size_t)channels * sizeof(float));
    } else {
      for (int32_t x = left; x < end; x++, from += w->input_channels) {
        memcpy(to + (ptrdiff_t)x * channels, from, (size_t)channels * sizeof(float));
      }
    }
    memset(to + (ptrdiff_t)end * channels, 0, (size_t)(columns - end) * (size_t)channels * sizeof(float));
  }
}

/// Direct convolution of output pixels `begin ..< end`.
FOVEA_INLINE void fovea_conv_f32_run(
    const fovea_conv_f32 *conv, const fovea_f32_tiles *tiles, int32_t begin, int32_t end, int32_t block_begin,
    int32_t block_end, float *scratch) {
  const fovea_window *w = &conv->window;
  const int in_place = fovea_conv_f32_in_place(w);
  const ptrdiff_t pixel_step = in_place ? w->input_channels : w->channels;
  const ptrdiff_t row_pitch = pixel_step * (in_place ? w->width : fovea_conv_f32_columns(w));
  const int rows_are_runs = w->dilation_x == 1 && pixel_step == w->channels;
  fovea_f32_product product = {
      .tap_rows = w->kernel_height, .tap_columns = rows_are_runs ? 1 : w->kernel_width,
      .run = rows_are_runs ? w->kernel_width * w->channels : w->channels, .tap_row_step = w->dilation_y * row_pitch,
      .tap_column_step = w->dilation_x * pixel_step, .weights = conv->weights,
      .block_step = (ptrdiff_t)w->kernel_height * w->kernel_width * w->channels * 16, .bias = conv->bias,
      .channels = conv->outputs, .output_stride = conv->output_stride};
  fovea_f32_clamp(&conv->activation, &product.low, &product.high);
  product.is_hard_swish = conv->activation.operation == FOVEA_UNARY_HARD_SWISH;
  const int32_t band = fovea_conv_f32_band(conv), last_channel = block_end * 16 < conv->outputs ? block_end * 16 : conv->outputs;
  for (int32_t row = begin / w->out_width; row * w->out_width < end; row += band) {
    const int32_t first = row * w->out_width, past = end - first < band * w->out_width ? end : first + band * w->out_width;
    const int32_t pixel = begin > first ? begin : first;
    fovea_f32_windows windows = {
        .first = conv->input + row * w->stride_y * row_pitch, .row_step = w->stride_y * row_pitch,
        .column_step = w->stride_x * pixel_step, .out_width = w->out_width};
    if (!in_place) {
      fovea_conv_f32_pad(conv, row, (past - first + w->out_width - 1) / w->out_width, scratch);
      windows.first = scratch;
    }
    const ptrdiff_t place = (ptrdiff_t)pixel * conv->output_stride;
    float *const output = conv->output + place;
    fovea_f32_multiply(
        tiles, &product, &windows, pixel - first, past - first, block_begin, block_end,
        conv->addend ? conv->addend + place : 0, output);
    if (!product.is_hard_swish) {
      fovea_f32_activate(
          tiles->unary, &conv->activation, output + block_begin * 16, past - pixel, conv->output_stride,
          last_channel - block_begin * 16);
    }
  }
}

/// Its scratch.
FOVEA_INLINE size_t fovea_conv_f32_scratch(const fovea_conv_f32 *conv) {
  const fovea_window *w = &conv->window;
  if (fovea_conv_f32_in_place(w)) {
    return 0;
  }
  return (size_t)fovea_conv_f32_rows(w, fovea_conv_f32_band(conv)) * (size_t)fovea_conv_f32_columns(w) * (size_t)w->channels *
         sizeof(float);
}

#endif
