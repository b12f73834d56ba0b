// 8-bit pooling over NHWC: the channels are the inner loop, in chunks whose sums stay in L1.

#include "pool_window.h"
#include "requantize.h"

void fovea_max_pool_u8(const fovea_pool *pool, const uint8_t *input, uint8_t *output, int32_t row_begin, int32_t row_end) {
  const size_t channels = (size_t)pool->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    const fovea_axis_window rows = fovea_window_rows(pool, row);
    for (int32_t column = 0; column < pool->out_width; column++) {
      const fovea_axis_window columns = fovea_window_columns(pool, column);
      uint8_t *restrict to = output + ((size_t)row * (size_t)pool->out_width + (size_t)column) * channels;
      memset(to, 0, channels);
      for (int32_t ky = rows.begin; ky < rows.end; ky++) {
        for (int32_t kx = columns.begin; kx < columns.end; kx++) {
          const uint8_t *restrict from = input + fovea_window_offset(pool, row, column, ky, kx);
          for (size_t c = 0; c < channels; c++) {
            to[c] = from[c] > to[c] ? from[c] : to[c];
          }
        }
      }
    }
  }
}

enum { chunk = 64 };

void fovea_average_pool_u8(
    const fovea_pool *pool, const uint8_t *input, int32_t input_zero_point, const fovea_rescale *rescale, uint8_t *output,
    int32_t row_begin, int32_t row_end) {
  const size_t channels = (size_t)pool->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    const fovea_axis_window rows = fovea_window_rows(pool, row);
    for (int32_t column = 0; column < pool->out_width; column++) {
      const fovea_axis_window columns = fovea_window_columns(pool, column);
      const int32_t count = fovea_window_count(pool, rows, columns);
      // A window with nothing in it averages to the real number 0, which the sum 0 is whatever the factor.
      const float factor = count > 0 ? rescale->scale / (float)count : 0.0f;
      uint8_t *to = output + ((size_t)row * (size_t)pool->out_width + (size_t)column) * channels;

      for (size_t first = 0; first < channels; first += chunk) {
        const size_t length = channels - first < chunk ? channels - first : chunk;
        int32_t sums[chunk] = {0};
        for (int32_t ky = rows.begin; ky < rows.end; ky++) {
          for (int32_t kx = columns.begin; kx < columns.end; kx++) {
            const uint8_t *from = input + fovea_window_offset(pool, row, column, ky, kx) + first;
            for (size_t c = 0; c < length; c++) {
              sums[c] += from[c] - input_zero_point;
            }
          }
        }
        for (size_t c = 0; c < length; c++) {
          const float value = (float)sums[c] * factor;
          to[first + c] = fovea_to_u8(value, rescale->zero_point, rescale->low, rescale->high);
        }
      }
    }
  }
}
