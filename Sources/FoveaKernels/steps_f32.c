// Float steps that need no function of libm.

#include "fovea_steps.h"
#include "inline.h"

void fovea_fill_f32(float *output, size_t begin, size_t end, float value) {
  for (size_t i = begin; i < end; i++) {
    output[i] = value;
  }
}

void fovea_mean_f32(
    const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin, int32_t outer_end) {
  enum { chunk = 64 };
  for (int32_t outer = outer_begin; outer < outer_end; outer++) {
    const float *from = input + (ptrdiff_t)outer * length * inner;
    float *to = output + (ptrdiff_t)outer * inner;
    for (int32_t first = 0; first < inner; first += chunk) {
      const int32_t count = inner - first < chunk ? inner - first : chunk;
      double sums[chunk] = {0};
      for (int32_t i = 0; i < length; i++) {
        for (int32_t c = 0; c < count; c++) {
          sums[c] += (double)from[(ptrdiff_t)i * inner + first + c];
        }
      }
      for (int32_t c = 0; c < count; c++) {
        to[first + c] = (float)(sums[c] / length);
      }
    }
  }
}

void fovea_im2col_f32(
    const fovea_window *window, const float *input, float *columns, int32_t pixel_begin, int32_t pixel_end) {
  const fovea_window *w = window;
  const size_t bytes = (size_t)w->channels * sizeof(float);
  for (int32_t pixel = pixel_begin; pixel < pixel_end; pixel++) {
    const int32_t top = pixel / w->out_width * w->stride_y - w->pad_top;
    const int32_t left = pixel % w->out_width * w->stride_x - w->pad_left;
    for (int32_t ky = 0; ky < w->kernel_height; ky++) {
      const int32_t y = top + ky * w->dilation_y;
      for (int32_t kx = 0; kx < w->kernel_width; kx++, columns += w->channels) {
        const int32_t x = left + kx * w->dilation_x;
        if (y < 0 || y >= w->height || x < 0 || x >= w->width) {
          memset(columns, 0, bytes);
        } else {
          memcpy(columns, input + ((ptrdiff_t)y * w->width + x) * w->input_channels, bytes);
        }
      }
    }
  }
}

enum { depthwise_chunk = 16 };

/// One output pixel's channels `first ..< first + count`; a constant `count` keeps the sums in registers.
FOVEA_INLINE void depthwise_pixel(
    const fovea_window *w, const float *input, const float *weights, const float *bias, float *output, int32_t row,
    int32_t column, int32_t first, int32_t count) {
  float sums[depthwise_chunk] = {0};
  if (bias) {
    memcpy(sums, bias + first, (size_t)count * sizeof(float));
  }
  for (int32_t ky = 0; ky < w->kernel_height; ky++) {
    const int32_t y = row * w->stride_y - w->pad_top + ky * w->dilation_y;
    if (y < 0 || y >= w->height) {
      continue;
    }
    for (int32_t kx = 0; kx < w->kernel_width; kx++) {
      const int32_t x = column * w->stride_x - w->pad_left + kx * w->dilation_x;
      if (x < 0 || x >= w->width) {
        continue;
      }
      const float *from = input + ((ptrdiff_t)y * w->width + x) * w->input_channels + first;
      const float *by = weights + ((ptrdiff_t)ky * w->kernel_width + kx) * w->channels + first;
      for (int32_t c = 0; c < count; c++) {
        sums[c] += from[c] * by[c];
      }
    }
  }
  memcpy(output + first, sums, (size_t)count * sizeof(float));
}

void fovea_depthwise_f32(
    const fovea_window *window, const float *input, const float *weights, const float *bias, const fovea_unary *activation,
    float *output, int32_t row_begin, int32_t row_end) {
  const int32_t channels = window->channels;
  for (int32_t row = row_begin; row < row_end; row++) {
    float *const row_output = output + (ptrdiff_t)row * window->out_width * channels;
    for (int32_t column = 0; column < window->out_width; column++) {
      float *to = row_output + (ptrdiff_t)column * channels;
      int32_t first = 0;
      for (; first + depthwise_chunk <= channels; first += depthwise_chunk) {
        depthwise_pixel(window, input, weights, bias, to, row, column, first, depthwise_chunk);
      }
      if (first < channels) {
        depthwise_pixel(window, input, weights, bias, to, row, column, first, channels - first);
      }
    }
    fovea_unary_f32(activation, row_output, row_output, 0, (size_t)window->out_width * (size_t)channels);
  }
}
