#ifndef FOVEA_WINOGRAD_F32_H
#define FOVEA_WINOGRAD_F32_H

#include "tiles_f32.h"

// Convolution of 3x3 with stride 1 by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2015, section 4.3): 36 products in place of 144 for 4x4 outputs. A batch of tiles is
// transformed for all input channels, then multiplied and transformed back a panel of output channels at a time.

enum {
  winograd_points = 36,
  winograd_side = 6,
  /// Of transformed input of a batch, the larger part of a 1 MiB L2 cache.
  winograd_batch_bytes = 655360,
  winograd_least_batch = 12,
  winograd_panel_blocks = 2,
  /// Floats by which the planes of a batch are set apart more than they need, so that they meet other cache sets.
  winograd_skew = 16,
};

/// B^T d of one column of 6: (d0, ..., d5) at steps of `step` vectors, written likewise.
FOVEA_INLINE FOVEA_VECTOR void winograd_input_column(const vector d[winograd_side], vector t[winograd_side]) {
  const vector four = vector_all(4.0f), minus_four = vector_all(-4.0f), minus_five = vector_all(-5.0f);
  const vector two = vector_all(2.0f), minus_two = vector_all(-2.0f);
  const vector a = vector_fma(d[2], minus_four, d[4]), b = vector_fma(d[1], minus_four, d[3]);
  const vector c = vector_subtract(d[4], d[2]), e = vector_subtract(d[3], d[1]);
  t[0] = vector_fma(d[0], four, vector_fma(d[2], minus_five, d[4]));
  t[1] = vector_add(a, b);
  t[2] = vector_subtract(a, b);
  t[3] = vector_fma(e, two, c);
  t[4] = vector_fma(e, minus_two, c);
  t[5] = vector_fma(d[1], four, vector_fma(d[3], minus_five, d[5]));
}

/// A^T m of one column of 6.
FOVEA_INLINE FOVEA_VECTOR void winograd_output_column(const vector m[winograd_side], vector o[fovea_winograd_tile]) {
  const vector p = vector_add(m[1], m[2]), q = vector_subtract(m[1], m[2]);
  const vector r = vector_add(m[3], m[4]), s = vector_subtract(m[3], m[4]);
  o[0] = vector_add(vector_add(m[0], p), r);
  o[1] = vector_fma(s, vector_all(2.0f), q);
  o[2] = vector_fma(r, vector_all(4.0f), p);
  o[3] = vector_add(vector_fma(s, vector_all(8.0f), q), m[5]);
}

/// The pixels of one tile, from its top left corner's input row and column on, to `to` [36] planes.
FOVEA_INLINE FOVEA_VECTOR void winograd_input(
    const fovea_conv_f32 *conv, int32_t top, int32_t left, float *to, ptrdiff_t plane) {
  const fovea_window *w = &conv->window;
  static const float zeros[16];
  const float *pixels[winograd_side][winograd_side];
  ptrdiff_t steps[winograd_side][winograd_side];
  for (int32_t y = 0; y < winograd_side; y++) {
    for (int32_t x = 0; x < winograd_side; x++) {
      const int inside = top + y >= 0 && top + y < w->height && left + x >= 0 && left + x < w->width;
      pixels[y][x] = inside ? conv->input + ((ptrdiff_t)(top + y) * w->width + left + x) * w->input_channels : zeros;
      steps[y][x] = inside ? 1 : 0;
    }
  }
  for (ptrdiff_t channel = 0; channel < w->channels; channel += vector_lanes, to += vector_lanes) {
    vector columns[winograd_side][winograd_side];
    FOVEA_UNROLL
    for (int x = 0; x < winograd_side; x++) {
      vector d[winograd_side], t[winograd_side];
      FOVEA_UNROLL
      for (int y = 0; y < winograd_side; y++) {
        d[y] = vector_load(pixels[y][x] + channel * steps[y][x]);
      }
      winograd_input_column(d, t);
      FOVEA_UNROLL
      for (int y = 0; y < winograd_side; y++) {
        columns[y][x] = t[y];
      }
    }
    FOVEA_UNROLL
    for (int y = 0; y < winograd_side; y++) {
      vector t[winograd_side];
      winograd_input_column(columns[y], t);
      FOVEA_UNROLL
      for (int x = 0; x < winograd_side; x++) {
        vector_store(to + (y * winograd_side + x) * plane, t[x]);
      }
    }
  }
}

/// 16 channels of one tile's products, in planes, to its output pixels.
FOVEA_INLINE FOVEA_VECTOR void winograd_output(
    const fovea_conv_f32 *conv, const float *from, ptrdiff_t plane, int32_t row, int32_t column, int32_t block, float low,
    float high) {
  const fovea_window *w = &conv->window;
  const int32_t left = conv->outputs - block * 16;
  const int32_t rows = w->out_height - row < fovea_winograd_tile ? w->out_height - row : fovea_winograd_tile;
  const int32_t width = w->out_width - column < fovea_winograd_tile ? w->out_width - column : fovea_winograd_tile;
  const ptrdiff_t place = ((ptrdiff_t)row * w->out_width + column) * conv->output_stride + (ptrdiff_t)block * 16;
  for (int v = 0; v < block_vectors && v * vector_lanes < left; v++, from += vector_lanes) {
    const int32_t channels = left - v * vector_lanes < vector_lanes ? left - v * vector_lanes : vector_lanes;
    vector columns[fovea_winograd_tile][winograd_side];
    FOVEA_UNROLL
    for (int x = 0; x < winograd_side; x++) {
      vector m[winograd_side], o[fovea_winograd_tile];
      FOVEA_UNROLL
      for (int y = 0; y < winograd_side; y++) {
        m[y] = vector_load(from + (y * winograd_side + x) * plane);
      }
      winograd_output_column(m, o);
      FOVEA_UNROLL
      for (int y = 0; y < fovea_winograd_tile; y++) {
        columns[y][x] = o[y];
      }
    }
    const vector bias = vector_load(conv->bias + block * 16 + v * vector_lanes);
    for (int32_t y = 0; y < rows; y++) {
      vector o[fovea_winograd_tile];
      winograd_output_column(columns[y], o);
      const ptrdiff_t first = place + (ptrdiff_t)y * w->out_width * conv->output_stride + v * vector_lanes;
      FOVEA_UNROLL
      for (int x = 0; x < fovea_winograd_tile; x++) {
        if (x < width) {
          const ptrdiff_t at = first + x * conv->output_stride;
          vector sum = vector_add(o[x], bias);
          if (conv->addend) {
            sum = vector_add(
                sum, channels == vector_lanes ? vector_load(conv->addend + at) : vector_load_some(conv->addend + at, channels));
          }
          const vector result = vector_clamp(sum, vector_all(low), vector_all(high));
          if (channels == vector_lanes) {
            vector_store(conv->output + at, result);
          } else {
            vector_store_some(conv->output + at, result, channels);
          }
        }
      }
    }
  }
}

/// The most tiles of a batch: as many as the cache holds.
FOVEA_INLINE int32_t winograd_most(const fovea_conv_f32 *conv) {
  const int32_t held = winograd_batch_bytes / (winograd_points * 4 * conv->window.channels);
  return held > winograd_least_batch ? held : winograd_least_batch;
}

FOVEA_INLINE ptrdiff_t winograd_plane(int32_t batch, int32_t channels) {
  return (ptrdiff_t)batch * channels + winograd_skew;
}

/// Tiles `begin ..< end` of the blocks of a range.
FOVEA_INLINE FOVEA_VECTOR void winograd_run(
    const fovea_conv_f32 *conv, const fovea_f32_tiles *tiles, int32_t begin, int32_t end, int32_t block_begin,
    int32_t block_end, float *scratch) {
  const fovea_window *w = &conv->window;
  const int32_t across = (w->out_width + fovea_winograd_tile - 1) / fovea_winograd_tile;
  const int32_t blocks = (conv->outputs + 15) / 16;
  // Batches of nearly equal size.
  const int32_t batches = (end - begin + winograd_most(conv) - 1) / winograd_most(conv);
  const int32_t batch = batches > 0 ? (end - begin + batches - 1) / batches : 1;
  static const float no_bias[16 * fovea_f32_most_blocks];
  float low, high;
  fovea_f32_clamp(&conv->activation, &low, &high);
  // Channels are read in whole vectors: rows of transformed pixels are as wide.
  const int32_t channels = (w->channels + vector_lanes - 1) / vector_lanes * vector_lanes;
  const int32_t panel_channels = winograd_panel_blocks * 16;
  const ptrdiff_t plane = winograd_plane(batch, channels), product_plane = winograd_plane(batch, panel_channels);
  float *const products = scratch + winograd_points * plane;
  for (int32_t first = begin; first < end; first += batch) {
    const int32_t count = end - first < batch ? end - first : batch;
    for (int32_t i = 0; i < count; i++) {
      const int32_t row = (first + i) / across * fovea_winograd_tile, column = (first + i) % across * fovea_winograd_tile;
      winograd_input(conv, row - w->pad_top, column - w->pad_left, scratch + (ptrdiff_t)i * channels, plane);
    }
    for (int32_t block = block_begin; block < block_end; block += winograd_panel_blocks) {
      const int32_t wide = block_end - block < winograd_panel_blocks ? block_end - block : winograd_panel_blocks;
      for (int32_t point = 0; point < winograd_points; point++) {
        const float *const weights = conv->winograd + ((ptrdiff_t)point * blocks + block) * w->channels * 16;
        const fovea_f32_product product = {
            .tap_rows = 1, .tap_columns = 1, .run = w->channels, .weights = weights,
            .next = point + 1 < winograd_points ? weights + (ptrdiff_t)blocks * w->channels * 16 : 0,
            .block_step = (ptrdiff_t)w->channels * 16, .bias = no_bias, .channels = wide * 16,
            .output_stride = panel_channels, .low = -__builtin_inff(), .high = __builtin_inff()};
        const fovea_f32_windows windows = {
            .first = scratch + point * plane, .column_step = channels, .out_width = count};
        fovea_f32_multiply(tiles, &product, &windows, 0, count, 0, wide, 0, products + point * product_plane);
      }
      for (int32_t i = 0; i < count; i++) {
        const int32_t row = (first + i) / across * fovea_winograd_tile;
        const int32_t column = (first + i) % across * fovea_winograd_tile;
        for (int32_t b = 0; b < wide; b++) {
          winograd_output(
              conv, products + (ptrdiff_t)i * panel_channels + b * 16, product_plane, row, column, block + b, low, high);
        }
      }
    }
    for (int32_t i = 0; i < count; i++) {
      const int32_t row = (first + i) / across * fovea_winograd_tile, column = (first + i) % across * fovea_winograd_tile;
      for (int32_t y = row; y < row + fovea_winograd_tile && y < w->out_height; y++) {
        const int32_t width = w->out_width - column < fovea_winograd_tile ? w->out_width - column : fovea_winograd_tile;
        const int32_t last = block_end * 16 < conv->outputs ? block_end * 16 : conv->outputs;
        float *const pixels = conv->output + ((ptrdiff_t)y * w->out_width + column) * conv->output_stride;
        fovea_f32_activate(
            tiles->unary, &conv->activation, pixels + block_begin * 16, width, conv->output_stride,
            last - block_begin * 16);
      }
    }
  }
}

FOVEA_INLINE size_t winograd_scratch(const fovea_conv_f32 *conv) {
  const int32_t units = fovea_conv_f32_units(conv), most = winograd_most(conv), batch = units < most ? units : most;
  const int32_t channels = (conv->window.channels + vector_lanes - 1) / vector_lanes * vector_lanes;
  return winograd_points * sizeof(float) *
         (size_t)(winograd_plane(batch, channels) + winograd_plane(batch, winograd_panel_blocks * 16));
}

#endif
