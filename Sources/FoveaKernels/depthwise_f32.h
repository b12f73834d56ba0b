#ifndef FOVEA_DEPTHWISE_F32_H
#define FOVEA_DEPTHWISE_F32_H

#include "conv_f32.h"

// Depthwise convolution of floats, for the instruction set whose vector_*.h was included before: a vector of channels at a
// time. Where kernels are wide and the padded image of one vector fits the first-level cache it is copied there, and no
// window has a border; else outputs whose windows leave the image sideways are computed one by one.

enum {
  depthwise_pixels = vector_lanes == 8 ? 4 : 8,  ///< of a tile: with weights and inputs 16 and 32 registers hold them
  depthwise_inputs = (depthwise_pixels - 1) * 2 + 5,
  depthwise_copy_bytes = 24576,                  ///< of a padded image: three quarters of a first-level cache
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
} depthwise_row;

/// `pixels` horizontally adjacent outputs from `column` on, whose kernel columns all lie inside. Compile-time constants are
/// `pixels`, and where they are not 0 the kernel's width and the stride.
///
/// Then each input is loaded once and serves every output under it: (pixels - 1) * stride + kernel_width loads and
/// pixels * kernel_width products a kernel row.
FOVEA_INLINE FOVEA_VECTOR void depthwise_tile(
    const int pixels, const int kernel_width, const int stride, const fovea_depthwise_f32 *d, const depthwise_row *row,
    int32_t column) {
  const fovea_window *w = &d->window;
  const ptrdiff_t step = row->step;
  const float *from = row->input + (ptrdiff_t)column * w->stride_x * step, *weights = row->weights;
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
        inputs[x] = vector_load(from + x * step);
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
        const float *input = from + (ptrdiff_t)kx * w->dilation_x * step;
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          sums[p] = vector_fma(vector_load(input + p * w->stride_x * step), by, sums[p]);
        }
      }
    }
  }
  float *to = row->output + (ptrdiff_t)column * w->channels;
  FOVEA_UNROLL
  for (int p = 0; p < pixels; p++, to += w->channels) {
    const vector result = vector_clamp(sums[p], row->low, row->high);
    if (row->channels >= vector_lanes) {
      vector_store(to, result);
    } else {
      vector_store_some(to, result, row->channels);
    }
  }
}

/// Columns `column ..< end` of a row, all kernel columns inside. The last tile goes back over columns that are done already:
/// that costs less than narrow ones.
FOVEA_INLINE FOVEA_VECTOR void depthwise_columns(
    const int kernel_width, const int stride, const fovea_depthwise_f32 *d, const depthwise_row *row, int32_t column,
    int32_t end) {
  enum { half = depthwise_pixels / 2 };
  const int32_t begin = column;
  while (end - column >= depthwise_pixels) {
    depthwise_tile(depthwise_pixels, kernel_width, stride, d, row, column);
    column += depthwise_pixels;
  }
  if (end - column > half && end - begin >= depthwise_pixels) {
    depthwise_tile(depthwise_pixels, kernel_width, stride, d, row, end - depthwise_pixels);
  } else if (end - begin >= half) {
    for (; column < end; column += half) {
      depthwise_tile(half, kernel_width, stride, d, row, end - column >= half ? column : end - half);
    }
  } else {
    for (; column < end; column++) {
      depthwise_tile(1, kernel_width, stride, d, row, column);
    }
  }
}

typedef void depthwise_columns_function(
    const fovea_depthwise_f32 *d, const depthwise_row *row, int32_t column, int32_t end);

#define COLUMNS(name, kernel_width, stride)                                                         \
  static FOVEA_VECTOR void name(                                                                    \
      const fovea_depthwise_f32 *d, const depthwise_row *row, int32_t column, int32_t end) {        \
    depthwise_columns(kernel_width, stride, d, row, column, end);                                   \
  }

COLUMNS(columns_any, 0, 1)
COLUMNS(columns_3, 3, 1)
COLUMNS(columns_3_stride_2, 3, 2)
COLUMNS(columns_5, 5, 1)
COLUMNS(columns_5_stride_2, 5, 2)

FOVEA_INLINE depthwise_columns_function *depthwise_columns_of(const fovea_window *w) {
  if (w->dilation_x == 1 && w->stride_x <= 2 && w->kernel_width == 3) {
    return w->stride_x == 1 ? columns_3 : columns_3_stride_2;
  }
  if (w->dilation_x == 1 && w->stride_x <= 2 && w->kernel_width == 5) {
    return w->stride_x == 1 ? columns_5 : columns_5_stride_2;
  }
  return columns_any;
}

/// The kernel rows or columns, `begin ..< end`, of a window from position `first` on that lie inside.
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

/// One output, of whose kernel columns `begin ..< end` are inside.
FOVEA_INLINE FOVEA_VECTOR void depthwise_border(
    const fovea_depthwise_f32 *d, const depthwise_row *row, int32_t column, int32_t begin, int32_t end) {
  const fovea_window *w = &d->window;
  const float *from = row->input + (ptrdiff_t)column * w->stride_x * row->step, *weights = row->weights;
  vector sum = row->bias;
  for (int32_t ky = 0; ky < row->kernel_rows; ky++, from += row->row_step, weights += (ptrdiff_t)w->kernel_width * 16) {
    for (int32_t kx = begin; kx < end; kx++) {
      sum = vector_fma(vector_load(from + (ptrdiff_t)kx * w->dilation_x * row->step), vector_load(weights + kx * 16), sum);
    }
  }
  float *const to = row->output + (ptrdiff_t)column * w->channels;
  const vector result = vector_clamp(sum, row->low, row->high);
  if (row->channels >= vector_lanes) {
    vector_store(to, result);
  } else {
    vector_store_some(to, result, row->channels);
  }
}

/// The columns of a padded copy, and its rows under `rows` output rows.
FOVEA_INLINE int64_t depthwise_copy_width(const fovea_window *w) {
  return (int64_t)(w->out_width - 1) * w->stride_x + (int64_t)(w->kernel_width - 1) * w->dilation_x + 1;
}

FOVEA_INLINE int64_t depthwise_copy_height(const fovea_window *w, int32_t rows) {
  return (int64_t)(rows - 1) * w->stride_y + (int64_t)(w->kernel_height - 1) * w->dilation_y + 1;
}

/// Whether the padded image of a vector of channels is copied.
FOVEA_INLINE int depthwise_copies(const fovea_window *w) {
  const int64_t most = depthwise_copy_bytes / ((int)sizeof(float) * vector_lanes);
  return w->kernel_width > 3 && depthwise_copy_width(w) <= most && depthwise_copy_height(w, w->out_height) <= most / depthwise_copy_width(w);
}

/// Copies the vector of channels from `channel` on under output rows `row ..< row + rows`, zeros around it.
FOVEA_INLINE FOVEA_VECTOR void depthwise_copy(
    const fovea_depthwise_f32 *d, int32_t channel, int32_t row, int32_t rows, float *to) {
  const fovea_window *w = &d->window;
  const int32_t width = (int32_t)depthwise_copy_width(w), top = row * w->stride_y - w->pad_top;
  const int32_t bottom = top + (int32_t)depthwise_copy_height(w, rows);
  const int32_t left = w->pad_left < width ? w->pad_left : width;
  const int32_t right = w->width + w->pad_left < width ? w->width + w->pad_left : width;
  for (int32_t y = top; y < bottom; y++) {
    const int within = y >= 0 && y < w->height;
    const float *from = d->input + (within ? (ptrdiff_t)y * w->width * w->channels : 0) + channel;
    const int32_t begin = within ? left : width, end = within ? right : width;
    for (int32_t x = 0; x < begin; x++, to += vector_lanes) {
      vector_store(to, vector_all(0.0f));
    }
    for (int32_t x = begin; x < end; x++, to += vector_lanes, from += w->channels) {
      vector_store(to, vector_load(from));
    }
    for (int32_t x = end; x < width; x++, to += vector_lanes) {
      vector_store(to, vector_all(0.0f));
    }
  }
}

/// Output rows `row_begin ..< row_end` of one vector of channels. `low` and `high` are the clamp.
FOVEA_INLINE FOVEA_VECTOR void depthwise_rows(
    const fovea_depthwise_f32 *d, int32_t row_begin, int32_t row_end, int32_t channel, vector low, vector high,
    float *copy) {
  const fovea_window *w = &d->window;
  depthwise_columns_function *const columns = depthwise_columns_of(w);
  const int copies = depthwise_copies(w);
  const float *const weights =
      d->weights + (ptrdiff_t)(channel / 16) * w->kernel_height * w->kernel_width * 16 + channel % 16;
  depthwise_row row = {
      .step = copies ? vector_lanes : w->channels, .channels = w->channels - channel, .bias = vector_load(d->bias + channel),
      .low = low, .high = high};
  const ptrdiff_t pitch = row.step * (copies ? (ptrdiff_t)depthwise_copy_width(w) : w->width);
  row.row_step = w->dilation_y * pitch;
  // Where all kernel columns lie inside.
  int32_t begin = 0, end = w->out_width;
  if (copies) {
    depthwise_copy(d, channel, row_begin, row_end - row_begin, copy);
  } else {
    const int32_t room = w->width + w->pad_left - (w->kernel_width - 1) * w->dilation_x;
    const int32_t first = (w->pad_left + w->stride_x - 1) / w->stride_x, past = room > 0 ? (room - 1) / w->stride_x + 1 : 0;
    end = past < w->out_width ? past : w->out_width;
    begin = first < end ? first : end;
  }
  for (int32_t y = row_begin; y < row_end; y++) {
    row.output = d->output + (ptrdiff_t)y * w->out_width * w->channels + channel;
    if (copies) {
      row.input = copy + (ptrdiff_t)(y - row_begin) * w->stride_y * pitch;
      row.weights = weights;
      row.kernel_rows = w->kernel_height;
    } else {
      const int32_t top = y * w->stride_y - w->pad_top;
      int32_t first, past;
      depthwise_inside(top, w->kernel_height, w->dilation_y, w->height, &first, &past);
      row.input = d->input + (ptrdiff_t)(top + first * w->dilation_y) * pitch - (ptrdiff_t)w->pad_left * row.step + channel;
      row.weights = weights + (ptrdiff_t)first * w->kernel_width * 16;
      row.kernel_rows = past - first;
    }
    columns(d, &row, begin, end);
    for (int32_t x = 0; x < w->out_width; x = x + 1 == begin ? end : x + 1) {
      if (x < begin || x >= end) {
        int32_t first, past;
        depthwise_inside(x * w->stride_x - w->pad_left, w->kernel_width, w->dilation_x, w->width, &first, &past);
        depthwise_border(d, &row, x, first, past);
      }
    }
  }
}

FOVEA_INLINE FOVEA_VECTOR void depthwise_run(
    const fovea_depthwise_f32 *d, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    float *scratch) {
  const fovea_window *w = &d->window;
  float least, most;
  fovea_f32_clamp(&d->activation, &least, &most);
  // A band's input is read once from memory, then by every block of channels from the cache.
  const int64_t row_bytes = (int64_t)w->width * w->channels * w->stride_y * 4;
  const int32_t held = (int32_t)(fovea_f32_band_bytes / row_bytes);
  const int32_t band = depthwise_copies(w) ? w->out_height : held > 2 ? held : 2;
  const int32_t last = block_end * 16 < w->channels ? block_end * 16 : w->channels;
  for (int32_t row = row_begin; row < row_end; row += band) {
    const int32_t past = row_end - row < band ? row_end : row + band;
    for (int32_t channel = block_begin * 16; channel < last; channel += vector_lanes) {
      depthwise_rows(d, row, past, channel, vector_all(least), vector_all(most), scratch);
    }
    float *const output = d->output + (ptrdiff_t)row * w->out_width * w->channels + block_begin * 16;
    fovea_f32_activate(&d->activation, output, (past - row) * w->out_width, w->channels, last - block_begin * 16);
  }
}

FOVEA_INLINE size_t depthwise_scratch(const fovea_depthwise_f32 *d) {
  return depthwise_copies(&d->window) ? depthwise_copy_bytes : 0;
}

#endif
