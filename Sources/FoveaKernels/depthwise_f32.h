#ifndef FOVEA_DEPTHWISE_F32_H
#define FOVEA_DEPTHWISE_F32_H

#include "conv_f32.h"
#include "functions_f32.h"

// Depthwise convolution of floats, for the instruction set whose vector_*.h was included before: a vector of channels at a time,
// row by row. Outputs whose windows leave the image sideways read zeros in place of what is outside.

enum {
  /// Pixels of a tile: with weights and inputs, 16 and 32 registers hold their sums. Widths of 7, 14, 28 ... are common.
  depthwise_pixels = vector_lanes == 8 ? 4 : 8,
  depthwise_fewer = vector_lanes == 8 ? 4 : 7,
  depthwise_inputs = (depthwise_pixels - 1) * 2 + 5,
};

/// What the outputs of one row and vector of channels share.
typedef struct {
  const float *input;            ///< under kernel column 0 of output column 0, in the first kernel row that is inside
  ptrdiff_t step, row_step;      ///< floats between pixels, and between the rows under two kernel rows
  const float *weights;          ///< of that kernel row
  int32_t kernel_rows;
  float *output;                 ///< of column 0
  int32_t channels;              ///< left
  vector bias, low, high;
  int is_hard_swish;             ///< in place of the clamp
} depthwise_row;

/// The pixel at `position` of a row, or where there is none zeros.
FOVEA_INLINE const float *depthwise_pixel(const fovea_window *w, const float *at, int32_t position) {
  static const float zeros[16];
  return (uint32_t)position < (uint32_t)w->width ? at : zeros;
}

/// `pixels` horizontally adjacent outputs from `column` on. Compile-time constants are `pixels`, whether windows may leave the
/// image sideways, and where they are not 0 the kernel's width and the stride.
///
/// Then each input is loaded once and serves every output under it: (pixels - 1) * stride + kernel_width loads and
/// pixels * kernel_width products a kernel row.
FOVEA_INLINE FOVEA_VECTOR void depthwise_tile(
    const int pixels, const int has_edges, const int kernel_width, const int stride, const fovea_depthwise_f32 *d,
    const depthwise_row *row, int32_t column) {
  const fovea_window *w = &d->window;
  const ptrdiff_t step = row->step, offset = (ptrdiff_t)column * w->stride_x * step;
  const int32_t position = column * w->stride_x - w->pad_left;
  const float *from = row->input + offset, *weights = row->weights;
  vector sums[depthwise_pixels];
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++) {
    sums[p] = row->bias;
  }
  FOVEA_NO_UNROLL
  for (int32_t ky = 0; ky < row->kernel_rows; ky++, from += row->row_step, weights += (ptrdiff_t)w->kernel_width * 16) {
    if (kernel_width > 0) {
      vector inputs[depthwise_inputs];
      FOVEA_UNROLL
      for (int x = 0; x < (pixels - 1) * stride + kernel_width; x++) {
        const float *const at = from + x * step;
        // Where the first window meets the image its last column is inside, and where the last one does its first.
        const int may_miss = has_edges && (x < kernel_width - 1 || x > (pixels - 1) * stride);
        inputs[x] = vector_load(may_miss ? depthwise_pixel(w, at, position + x) : at);
      }
      FOVEA_UNROLL
      for (int kx = 0; kx < kernel_width; kx++) {
        const vector by = vector_load(weights + kx * 16);
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          sums[p] = vector_fma(inputs[p * stride + kx], by, sums[p]);
        }
      }
    } else {
      for (int32_t kx = 0; kx < w->kernel_width; kx++) {
        const vector by = vector_load(weights + kx * 16);
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          const int32_t x = kx * w->dilation_x + p * w->stride_x;
          const float *const at = from + x * step;
          sums[p] = vector_fma(vector_load(has_edges ? depthwise_pixel(w, at, position + x) : at), by, sums[p]);
        }
      }
    }
  }
  if (row->is_hard_swish) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p] = functions_hard_swish(sums[p]);
    }
  } else {
    const vector low = row->low, high = row->high;
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p] = vector_clamp(sums[p], low, high);
    }
  }
  float *to = row->output + (ptrdiff_t)column * step;
  if (row->channels >= vector_lanes) {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      vector_store(to + p * step, sums[p]);
    }
  } else {
    const int32_t some = row->channels;
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      vector_store_some(to + p * step, sums[p], some);
    }
  }
}

/// A tile, looking at its edges only where it has some.
FOVEA_INLINE FOVEA_VECTOR void depthwise_some(
    const int pixels, const int kernel_width, const int stride, const fovea_depthwise_f32 *d, const depthwise_row *row,
    int32_t column) {
  const fovea_window *w = &d->window;
  const int32_t first = column * w->stride_x - w->pad_left;
  if (first >= 0 && first + (pixels - 1) * w->stride_x + (w->kernel_width - 1) * w->dilation_x < w->width) {
    depthwise_tile(pixels, 0, kernel_width, stride, d, row, column);
  } else {
    depthwise_tile(pixels, 1, kernel_width, stride, d, row, column);
  }
}

/// A row. The last tile goes back over columns that are done already: that costs less than narrow ones.
FOVEA_INLINE FOVEA_VECTOR void depthwise_columns(
    const int pixels, const int kernel_width, const int stride, const fovea_depthwise_f32 *d, const depthwise_row *row) {
  enum { half = 4 };
  const int32_t end = d->window.out_width;
  int32_t column = 0;
  if (end >= pixels) {
    for (; column < end; column += pixels) {
      depthwise_some(pixels, kernel_width, stride, d, row, end - column >= pixels ? column : end - pixels);
    }
  } else if (end >= half) {
    for (; column < end; column += half) {
      depthwise_some(half, kernel_width, stride, d, row, end - column >= half ? column : end - half);
    }
  } else {
    for (; column < end; column++) {
      depthwise_some(1, kernel_width, stride, d, row, column);
    }
  }
}

typedef void depthwise_columns_function(const fovea_depthwise_f32 *d, const depthwise_row *row);

#define COLUMNS(name, pixels, kernel_width, stride)                                          \
  static FOVEA_VECTOR void name(const fovea_depthwise_f32 *d, const depthwise_row *row) {    \
    depthwise_columns(pixels, kernel_width, stride, d, row);                                 \
  }

COLUMNS(columns_any, depthwise_pixels, 0, 0)
COLUMNS(columns_3, depthwise_pixels, 3, 1)
COLUMNS(columns_3_stride_2, depthwise_pixels, 3, 2)
COLUMNS(columns_5, depthwise_pixels, 5, 1)
COLUMNS(columns_5_stride_2, depthwise_pixels, 5, 2)
COLUMNS(fewer_columns_3, depthwise_fewer, 3, 1)
COLUMNS(fewer_columns_3_stride_2, depthwise_fewer, 3, 2)
COLUMNS(fewer_columns_5, depthwise_fewer, 5, 1)
COLUMNS(fewer_columns_5_stride_2, depthwise_fewer, 5, 2)

FOVEA_INLINE depthwise_columns_function *depthwise_columns_of(const fovea_window *w) {
  static depthwise_columns_function *const functions[2][2][2] = {
      {{columns_3, columns_3_stride_2}, {columns_5, columns_5_stride_2}},
      {{fewer_columns_3, fewer_columns_3_stride_2}, {fewer_columns_5, fewer_columns_5_stride_2}}};
  if (w->dilation_x != 1 || w->stride_x > 2 || (w->kernel_width != 3 && w->kernel_width != 5)) {
    return columns_any;
  }
  // Others look at every input of a tile with edges.
  const int all_windows_meet_image = w->pad_left < w->kernel_width && (w->out_width - 1) * w->stride_x - w->pad_left < w->width;
  if (!all_windows_meet_image) {
    return columns_any;
  }
  // The tiles that do fewer columns twice.
  const int32_t done = (w->out_width + depthwise_pixels - 1) / depthwise_pixels * depthwise_pixels;
  const int32_t with_fewer = (w->out_width + depthwise_fewer - 1) / depthwise_fewer * depthwise_fewer;
  return functions[with_fewer < done][w->kernel_width == 5][w->stride_x - 1];
}

/// The kernel rows, `begin ..< end`, of a window from row `first` on that lie inside.
FOVEA_INLINE void depthwise_inside(
    int32_t first, int32_t kernel, int32_t dilation, int32_t size, int32_t *begin, int32_t *end) {
  *begin = 0;
  while (*begin < kernel && first + *begin * dilation < 0) {
    ++*begin;
  }
  *end = kernel;
  while (*end > *begin && first + (*end - 1) * dilation >= size) {
    --*end;
  }
}

/// Output rows `row_begin ..< row_end` of one vector of channels. `low` and `high` are the clamp.
FOVEA_INLINE FOVEA_VECTOR void depthwise_rows(
    const fovea_depthwise_f32 *d, int32_t row_begin, int32_t row_end, int32_t channel, vector low, vector high) {
  const fovea_window *w = &d->window;
  depthwise_columns_function *const columns = depthwise_columns_of(w);
  const float *const weights =
      d->weights + (ptrdiff_t)(channel / 16) * w->kernel_height * w->kernel_width * 16 + channel % 16;
  const ptrdiff_t step = w->channels, pitch = step * w->width;
  depthwise_row row = {
      .step = step, .row_step = w->dilation_y * pitch, .channels = w->channels - channel,
      .bias = vector_load(d->bias + channel), .low = low, .high = high,
      .is_hard_swish = d->activation.operation == FOVEA_UNARY_HARD_SWISH};
  for (int32_t y = row_begin; y < row_end; y++) {
    const int32_t top = y * w->stride_y - w->pad_top;
    int32_t first, past;
    depthwise_inside(top, w->kernel_height, w->dilation_y, w->height, &first, &past);
    const float *const column = d->input + channel - (ptrdiff_t)w->pad_left * step;
    row.input = column + (ptrdiff_t)(top + first * w->dilation_y) * pitch;
    row.weights = weights + (ptrdiff_t)first * w->kernel_width * 16;
    row.kernel_rows = past - first;
    row.output = d->output + (ptrdiff_t)y * w->out_width * w->channels + channel;
    columns(d, &row);
  }
}

FOVEA_INLINE FOVEA_VECTOR void depthwise_run(
    const fovea_depthwise_f32 *d, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    fovea_unary_f32_function *unary) {
  const fovea_window *w = &d->window;
  float least, most;
  fovea_f32_clamp(&d->activation, &least, &most);
  // A band's input is read once from memory, then by every block of channels from the cache.
  const int64_t row_bytes = (int64_t)w->width * w->channels * w->stride_y * 4;
  const int32_t held = (int32_t)(fovea_f32_band_bytes / row_bytes), band = held > 2 ? held : 2;
  const int32_t last = block_end * 16 < w->channels ? block_end * 16 : w->channels;
  for (int32_t row = row_begin; row < row_end; row += band) {
    const int32_t past = row_end - row < band ? row_end : row + band;
    for (int32_t channel = block_begin * 16; channel < last; channel += vector_lanes) {
      depthwise_rows(d, row, past, channel, vector_all(least), vector_all(most));
    }
    if (d->activation.operation != FOVEA_UNARY_HARD_SWISH) {
      float *const output = d->output + (ptrdiff_t)row * w->out_width * w->channels + block_begin * 16;
      fovea_f32_activate(
          unary, &d->activation, output, (past - row) * w->out_width, w->channels, last - block_begin * 16);
    }
  }
}

#endif
