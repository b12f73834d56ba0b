// Checks kernels where the Swift tests cannot run: the portable ones against the header's formula (also cross-compiled, under
// qemu-user), and with FOVEA_SIMDE the AVX-512 VNNI ones, emulated, against the portable ones. tools/check_kernels_simde.sh
// builds and runs it. Prints the counts; exits 1 at the first difference.

#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;
static int conv_checks, depthwise_checks;

static uint32_t next_random(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

static int between(int low, int high) { return low + (int)(next_random() % (uint32_t)(high - low + 1)); }

/// Random bytes, 64 of slack behind them.
static void *bytes_of(size_t size) {
  const size_t rounded = (size + 64 + 63) / 64 * 64;
  uint8_t *bytes = aligned_alloc(64, rounded);
  for (size_t i = 0; i < rounded; i++) {
    bytes[i] = (uint8_t)next_random();
  }
  return bytes;
}

static fovea_requantization requantization_of(int channels, int depth) {
  const int rounded = (channels + 15) / 16 * 16, kind = between(0, 3);
  int32_t *bias = bytes_of((size_t)rounded * 4);
  float *scale = bytes_of((size_t)rounded * 4);
  for (int i = 0; i < rounded; i++) {
    bias[i] = between(-4000, 4000);
    scale[i] = kind == 0   ? 0.5f
               : kind == 1 ? 2e9f / ((float)depth * 255 * 128 + 4096)
                           : (float)between(1, 400) / (25600.0f * sqrtf((float)depth));
  }
  static const int zero_points[4] = {0, 1, 128, 255};
  const int zero_point = zero_points[between(0, 3)];
  const int low = between(0, 1) ? 0 : between(0, 255);
  return (fovea_requantization){bias, scale, zero_point, low, between(0, 1) ? 255 : between(low, 255)};
}

static uint8_t requantize(const fovea_requantization *r, int64_t sum, int channel) {
  const float rounded = rintf((float)(int32_t)sum * r->scale[channel]);
  const int64_t value = (int64_t)rounded + r->zero_point;
  return (uint8_t)(value < r->low ? r->low : value > r->high ? r->high : value);
}

static void compare(const char *what, const char *kernel, const void *result, const void *expected, size_t size) {
  if (memcmp(result, expected, size) != 0) {
    printf("%s %s differs\n", what, kernel);
    exit(1);
  }
}

static void check_conv(int inputs, int outputs, int width, int height, int kernel, int stride, int f32) {
  const int out_width = (width - kernel) / stride + 1, out_height = (height - kernel) / stride + 1;
  const int run = (kernel * inputs + 3) / 4, blocks = (outputs + 15) / 16, pixels = out_width * out_height;
  int32_t taps[64];
  for (int t = 0; t < kernel; t++) {
    taps[t] = t * width * inputs;
  }
  const size_t element = f32 ? 4 : 1, size = (size_t)pixels * (size_t)(outputs + 3) * element;
  uint8_t *expected = bytes_of(size), *result = bytes_of(size);
  uint8_t *untouched = bytes_of(size);
  memcpy(expected, untouched, size);
  uint8_t *input = bytes_of((size_t)(width * height * inputs));
  int8_t *weights = bytes_of((size_t)(blocks * kernel * run * 64));
  for (int b = 0; b < blocks; b++) {
    for (int t = 0; t < kernel; t++) {
      for (int i = 0; i < run * 64; i++) {
        int8_t *w = weights + (b * kernel + t) * run * 64 + i;
        *w = i / 64 * 4 + i % 4 < kernel * inputs && b * 16 + i / 4 % 16 < outputs ? *w : 0;
      }
    }
  }
  fovea_conv_u8s8 conv = {
      .input = input, .tap_offsets = taps, .taps = kernel, .run = run, .row_step = stride * width * inputs,
      .column_step = stride * inputs, .out_height = out_height, .out_width = out_width, .weights = weights,
      .channels = outputs, .output_stride = outputs + 3, .requantization = requantization_of(outputs, kernel * kernel * inputs)};
  const int begin = between(0, pixels / 2), end = between(begin, pixels);
  const int first = between(0, blocks - 1), last = between(first, blocks);
  for (int pixel = begin; pixel < end; pixel++) {
    for (int n = first * 16; n < last * 16 && n < outputs; n++) {
      int64_t sum = conv.requantization.bias[n];
      const uint8_t *window = input + pixel / out_width * conv.row_step + pixel % out_width * conv.column_step;
      for (int t = 0; t < kernel; t++) {
        for (int i = 0; i < kernel * inputs; i++) {
          const int w = weights[((n / 16 * kernel + t) * run + i / 4) * 64 + n % 16 * 4 + i % 4];
          sum += window[taps[t] + i] * w;
        }
      }
      const size_t at = (size_t)pixel * (size_t)conv.output_stride + (size_t)n;
      if (f32) {
        const float value = (float)(int32_t)sum * conv.requantization.scale[n];
        memcpy(expected + 4 * at, &value, 4);
      } else {
        expected[at] = requantize(&conv.requantization, sum, n);
      }
    }
  }
  conv.output_u8 = f32 ? 0 : result;
  conv.output_f32 = f32 ? (float *)(void *)result : 0;
  memcpy(result, untouched, size);
  fovea_conv_u8s8_portable(&conv, begin, end, first, last, 0);
  compare("conv", "portable", result, expected, size);
#if defined(FOVEA_SIMDE)
  memcpy(result, untouched, size);
  fovea_conv_u8s8_avx512vnni(&conv, begin, end, first, last, 0);
  compare("conv", "avx512vnni", result, expected, size);
#endif
  conv_checks++;
  free(expected), free(result), free(untouched), free(input), free(weights);
  free((void *)conv.requantization.bias), free((void *)conv.requantization.scale);
}

static void check_depthwise(int channels, int width, int height, int kernel_width, int kernel_height, int stride, int dilation) {
  const int pad = between(0, kernel_height), blocks = (channels + 15) / 16, groups = (kernel_height + 3) / 4;
  const int out_height = (height + 2 * pad - (kernel_height - 1) * dilation - 1) / stride + 1;
  const int out_width = (width + 2 * pad - (kernel_width - 1) * dilation - 1) / stride + 1;
  if (height + 2 * pad < (kernel_height - 1) * dilation + 1 || width + 2 * pad < (kernel_width - 1) * dilation + 1) {
    return;
  }
  const size_t size = (size_t)(out_height * out_width * channels);
  uint8_t *expected = bytes_of(size), *result = bytes_of(size), *untouched = bytes_of(size);
  memcpy(expected, untouched, size);
  uint8_t *input = bytes_of((size_t)(width * height * channels));
  int8_t *weights = bytes_of((size_t)(blocks * kernel_width * groups * 64));
  for (int i = 0; i < blocks * kernel_width * groups * 64; i++) {
    weights[i] = i / 64 % groups * 4 + i % 4 < kernel_height ? weights[i] : 0;
  }
  fovea_depthwise_u8s8 d = {
      .input = input, .height = height, .width = width, .channels = channels, .kernel_height = kernel_height,
      .kernel_width = kernel_width, .stride_y = stride, .stride_x = stride, .dilation_y = dilation, .dilation_x = dilation,
      .pad_top = pad, .pad_left = pad, .out_height = out_height, .out_width = out_width, .input_zero_point = between(0, 255),
      .weights = weights, .output = result, .requantization = requantization_of(channels, kernel_width * kernel_height)};
  const int begin = between(0, out_height / 2), end = between(begin, out_height);
  const int first = between(0, blocks - 1), last = between(first, blocks);
  for (int row = begin; row < end; row++) {
    for (int column = 0; column < out_width; column++) {
      for (int n = first * 16; n < last * 16 && n < channels; n++) {
        int64_t sum = d.requantization.bias[n];
        for (int ky = 0; ky < kernel_height; ky++) {
          for (int kx = 0; kx < kernel_width; kx++) {
            const int y = row * stride - pad + ky * dilation, x = column * stride - pad + kx * dilation;
            const int inside = y >= 0 && y < height && x >= 0 && x < width;
            const int value = inside ? input[(y * width + x) * channels + n] : d.input_zero_point;
            sum += value * weights[((n / 16 * kernel_width + kx) * groups + ky / 4) * 64 + n % 16 * 4 + ky % 4];
          }
        }
        expected[(row * out_width + column) * channels + n] = requantize(&d.requantization, sum, n);
      }
    }
  }
  memcpy(result, untouched, size);
  void *portable_scratch = bytes_of(fovea_depthwise_scratch_portable(&d));
  fovea_depthwise_u8s8_portable(&d, begin, end, first, last, portable_scratch);
  free(portable_scratch);
  compare("depthwise", "portable", result, expected, size);
#if defined(FOVEA_SIMDE)
  memcpy(result, untouched, size);
  void *scratch = bytes_of(fovea_depthwise_scratch_avx512vnni(&d));
  fovea_depthwise_u8s8_avx512vnni(&d, begin, end, first, last, scratch);
  compare("depthwise", "avx512vnni", result, expected, size);
  free(scratch);
#endif
  depthwise_checks++;
  free(expected), free(result), free(untouched), free(input), free(weights);
  free((void *)d.requantization.bias), free((void *)d.requantization.scale);
}

int main(void) {
  static const int channels[12] = {1, 3, 8, 15, 16, 17, 31, 33, 48, 64, 65, 100};
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      check_conv(channels[i], channels[j], between(1, 13), between(1, 5), 1, between(1, 3), (i + j) % 3 == 0);
      check_conv(channels[i], channels[j], between(3, 14), between(3, 6), 3, between(1, 3), (i + j) % 3 == 0);
    }
    for (int width = 1; width <= 30; width++) {
      check_conv(5, channels[i], width, 1, 1, 1, 0);
    }
    for (int kernel = 1; kernel <= 7; kernel++) {
      for (int stride = 1; stride <= 3; stride++) {
        for (int dilation = 1; dilation <= 2; dilation++) {
          check_depthwise(channels[i], between(1, 16), between(1, 12), kernel, kernel, stride, dilation);
          check_depthwise(channels[i], between(1, 90), between(1, 5), between(1, 7), kernel, stride, dilation);
        }
      }
    }
  }
  printf("%d convolutions and %d depthwise convolutions have the defined bits\n", conv_checks, depthwise_checks);
  return 0;
}
