#ifndef FOVEA_POOL_WINDOW_H
#define FOVEA_POOL_WINDOW_H

#include "fovea_steps.h"
#include "inline.h"

/// The part of a pooling window along one axis: kernel indices `begin ..< end` lie inside the input, `padded` of them
/// (contiguous, those among them) inside the padded input.
typedef struct {
  int32_t begin, end, padded;
} fovea_axis_window;

FOVEA_INLINE fovea_axis_window fovea_window_along(
    int32_t output, int32_t stride, int32_t kernel, int32_t dilation, int32_t size, int32_t pad_before, int32_t pad_after) {
  fovea_axis_window window = {.begin = kernel, .end = 0, .padded = 0};
  for (int32_t k = 0; k < kernel; k++) {
    const int32_t position = output * stride - pad_before + k * dilation;
    if (position >= 0 && position < size) {
      window.begin = k < window.begin ? k : window.begin;
      window.end = k + 1;
    }
    window.padded += position < size + pad_after;
  }
  return window;
}

FOVEA_INLINE fovea_axis_window fovea_window_rows(const fovea_pool *p, int32_t row) {
  return fovea_window_along(row, p->stride_y, p->kernel_height, p->dilation_y, p->height, p->pad_top, p->pad_bottom);
}

FOVEA_INLINE fovea_axis_window fovea_window_columns(const fovea_pool *p, int32_t column) {
  return fovea_window_along(column, p->stride_x, p->kernel_width, p->dilation_x, p->width, p->pad_left, p->pad_right);
}

/// What an average divides by, 0 where the window touches nothing.
FOVEA_INLINE int32_t fovea_window_count(const fovea_pool *p, fovea_axis_window rows, fovea_axis_window columns) {
  if (p->count_include_pad) {
    return rows.padded * columns.padded;
  }
  const int32_t height = rows.end > rows.begin ? rows.end - rows.begin : 0;
  const int32_t width = columns.end > columns.begin ? columns.end - columns.begin : 0;
  return height * width;
}

/// The offset, in elements, of the input pixel under a kernel element that is inside.
FOVEA_INLINE size_t fovea_window_offset(const fovea_pool *p, int32_t row, int32_t column, int32_t ky, int32_t kx) {
  const int32_t y = row * p->stride_y - p->pad_top + ky * p->dilation_y;
  const int32_t x = column * p->stride_x - p->pad_left + kx * p->dilation_x;
  return ((size_t)y * (size_t)p->width + (size_t)x) * (size_t)p->channels;
}

#endif
