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

enum { chunk = 16 };

/// Adds the values of one row under a window, for `channels` <= `chunk` channels: first to each other, then to `sums`, so that a row's
/// sum is the same wherever it is made. `stride` is in floats between the positions.
FOVEA_INLINE void add_row(const float *from, int32_t width, ptrdiff_t stride, const size_t channels, float *restrict sums) {
  float row[chunk] = {0};
  for (int32_t x = 0; x < width; x++) {
    for (size_t c = 0; c < channels; c++) {
      row[c] += from[x * stride + (ptrdiff_t)c];
    }
  }
  for (size_t c = 0; c < channels; c++) {
    sums[c] += row[c];
  }
}

/// The same with a constant number of channels where they are `chunk`, so that the sums stay in registers.
static void add_chunk(const float *from, int32_t width, ptrdiff_t stride, size_t channels, float *restrict sums) {
  if (channels == chunk) {
    add_row(from, width, stride, chunk, sums);
  } else {
    add_row(from, width, stride, channels, sums);
  }
}

void fovea_average_pool_f32(
    const fovea_pool *pool, const float *input, float *output, int32_t row_begin, int32_t row_end) {
  const size_t channels = (size_t)pool->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    const fovea_axis_window rows = fovea_window_rows(pool, row);
    for (int32_t column = 0; column < pool->out_width; column++) {
      const fovea_axis_window columns = fovea_window_columns(pool, column);
      const int32_t count = fovea_window_count(pool, rows, columns), width = columns.end - columns.begin;
      const float divisor = count > 0 ? (float)count : 1.0f;
      float *to = output + ((size_t)row * (size_t)pool->out_width + (size_t)column) * channels;
      for (size_t first = 0; first < channels; first += chunk) {
        const size_t length = channels - first < chunk ? channels - first : chunk;
        float sums[chunk] = {0};
        for (int32_t ky = rows.begin; ky < rows.end && width > 0; ky++) {
          add_chunk(
              input + fovea_window_offset(pool, row, column, ky, columns.begin) + first, width,
              (ptrdiff_t)channels * pool->dilation_x, length, sums);
        }
        for (size_t c = 0; c < length; c++) {
          to[first + c] = sums[c] / divisor;
        }
      }
    }
  }
}

void fovea_sum_rows_f32(
    const float *input, int32_t width, int32_t channels, int32_t row_begin, int32_t row_end, int32_t channel_begin,
    int32_t channel_end, float *sums) {
  for (int32_t row = row_begin; row < row_end; row++) {
    for (int32_t first = channel_begin; first < channel_end; first += chunk) {
      const int32_t length = channel_end - first < chunk ? channel_end - first : chunk;
      float *const to = sums + (ptrdiff_t)row * channels + first;
      fovea_fill_f32(to, 0, (size_t)length, 0.0f);
      add_chunk(input + (ptrdiff_t)row * width * channels + first, width, channels, (size_t)length, to);
    }
  }
}

void fovea_average_rows_f32(const float *sums, int32_t height, int32_t width, int32_t channels, float *output) {
  const float divisor = (float)(height * width);
  for (int32_t first = 0; first < channels; first += chunk) {
    const int32_t length = channels - first < chunk ? channels - first : chunk;
    float total[chunk] = {0};
    add_chunk(sums + first, height, channels, (size_t)length, total);
    for (int32_t c = 0; c < length; c++) {
      output[first + c] = total[c] / divisor;
    }
  }
}
