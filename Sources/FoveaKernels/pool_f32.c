// Float pooling over NHWC.

#include "pool_window.h"

#include <float.h>

void fovea_max_pool_f32(const fovea_pool *pool, const float *input, float *output, int32_t row_begin, int32_t row_end) {
  const size_t channels = (size_t)pool->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    const fovea_axis_window rows = fovea_window_rows(pool, row);
    for (int32_t column = 0; column < pool->out_width; column++) {
      const fovea_axis_window columns = fovea_window_columns(pool, column);
      float *restrict to = output + ((size_t)row * (size_t)pool->out_width + (size_t)column) * channels;
      fovea_fill_f32(to, 0, channels, -FLT_MAX);
      for (int32_t ky = rows.begin; ky < rows.end; ky++) {
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
          const float *restrict from = input + fovea_window_offset(pool, row, column, ky, kx);
          for (size_t c = 0; c < channels; c++) {
            to[c] = from[c] > to[c] ? from[c] : to[c];
          }
        }
      }
    }
  }
}

void fovea_average_pool_f32(
    const fovea_pool *pool, const float *input, float *output, int32_t row_begin, int32_t row_end) {
  const size_t channels = (size_t)pool->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    const fovea_axis_window rows = fovea_window_rows(pool, row);
    for (int32_t column = 0; column < pool->out_width; column++) {
      const fovea_axis_window columns = fovea_window_columns(pool, column);
      const int32_t count = fovea_window_count(pool, rows, columns);
      const float divisor = count > 0 ? (float)count : 1.0f;
      float *restrict to = output + ((size_t)row * (size_t)pool->out_width + (size_t)column) * channels;
      fovea_fill_f32(to, 0, channels, 0.0f);
      for (int32_t ky = rows.begin; ky < rows.end; ky++) {
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
          const float *restrict from = input + fovea_window_offset(pool, row, column, ky, kx);
          for (size_t c = 0; c < channels; c++) {
            to[c] += from[c];
          }
        }
      }
      for (size_t c = 0; c < channels; c++) {
        to[c] /= divisor;
      }
    }
  }
}
