// Checks the float kernels where the Swift tests cannot run, as check_kernels.c does the 8-bit ones: against sums in binary64,
// cross-compiled under qemu-user or with missing instructions emulated. tools/check_kernels_simde.sh builds and runs it.
//
// Prints the counts. Exits 1 at the first value that is too far.

#include "fovea_f32.h"
#include "kernels_f32.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(FOVEA_SIMDE)
// tables_f32.c would want kernels that are not emulated.
static const fovea_f32_kernels emulated = {
    "avx512 (SIMDe)", fovea_conv_f32_avx512, fovea_conv_scratch_f32_avx512, 0, fovea_depthwise_f32_avx512,
    fovea_unary_f32_avx512, fovea_binary_f32_avx512};
static const fovea_f32_kernels *const tested[] = {&emulated};
#elif defined(__aarch64__)
static const fovea_f32_kernels *const tested[] = {&fovea_f32_portable, &fovea_f32_neon};
#else
static const fovea_f32_kernels *const tested[] = {&fovea_f32_portable};
#endif

enum { sets = sizeof tested / sizeof tested[0] };

static const float untouched = -77;
static uint64_t state = 1;
static int conv_checks, winograd_checks, depthwise_checks, function_checks;

static int between(int low, int high) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return low + (int)((uint32_t)(state >> 33) % (uint32_t)(high - low + 1));
}

/// `count` random floats in -2 ... 2, and 64 bytes of slack behind them.
static float *floats(size_t count) {
  float *values = aligned_alloc(64, (count * 4 + 64 + 63) / 64 * 64);
  for (size_t i = 0; i < count + 16; i++) {
    values[i] = (float)between(-2000000, 2000000) * 1e-6f;
  }
  return values;
}

static fovea_window window_of(int size, int channels, int others, int kernel, int stride, int dilation) {
  const int width = size + between(0, 9), pad = between(0, kernel);
  const int reach = (kernel - 1) * dilation + 1;
  const int high = size + 2 * pad < reach ? reach : size + 2 * pad, wide = width + 2 * pad < reach ? reach : width + 2 * pad;
  return (fovea_window){
      .height = size, .width = width, .input_channels = channels + others, .channels = channels, .kernel_height = kernel,
      .kernel_width = kernel, .stride_y = stride, .stride_x = stride, .dilation_y = dilation, .dilation_x = dilation,
      .pad_top = pad, .pad_left = pad, .out_height = (high - reach) / stride + 1, .out_width = (wide - reach) / stride + 1};
}

/// The sum of output `n` of a pixel, and of the absolute values of what it adds. `depth` inputs a kernel element.
static double sum_of(
    const fovea_window *w, const float *input, const float *weights, const float *bias, int pixel, int n, int first,
    int depth, double *magnitude) {
  double sum = bias[n];
  *magnitude = fabs(sum);
  for (int k = 0; k < w->kernel_height * w->kernel_width; k++) {
    const int y = pixel / w->out_width * w->stride_y - w->pad_top + k / w->kernel_width * w->dilation_y;
    const int x = pixel % w->out_width * w->stride_x - w->pad_left + k % w->kernel_width * w->dilation_x;
    if (y < 0 || y >= w->height || x < 0 || x >= w->width) {
      continue;
    }
    for (int c = 0; c < depth; c++) {
      const double product =
          (double)input[(y * w->width + x) * w->input_channels + first + c] *
          weights[((n / 16 * w->kernel_height * w->kernel_width + k) * depth + c) * 16 + n % 16];
      sum += product;
      *magnitude += fabs(product);
    }
  }
  return sum;
}

static void expect(const char *what, const char *kernel, float found, double expected, double error) {
  // Infinities are equal, and what lies beyond the largest float becomes one.
  if (!(found == (float)expected || fabs(found - expected) <= error)) {
    printf("%s %s: %g, expected %g\n", what, kernel, (double)found, expected);
    exit(1);
  }
}

/// n additions and products, each rounded, are within (n + 1) 2^-24 of the sum of absolute values. Winograd's transforms mix all
/// inputs of a tile, so the errors of an output go with the tile's largest products (of numbers up to 2) and not with its own: at an
/// image's side it may have few.
static double bound(int terms, int is_winograd, double magnitude) {
  return (is_winograd ? 17.0 * terms * 2 * 2 : (terms + 2) * magnitude) * 0x1p-24;
}

static void check_conv(int inputs, int outputs, int size, int kernel, int stride, int dilation, int is_winograd) {
  const fovea_window w = window_of(size, inputs, between(0, 3), kernel, stride, dilation);
  const int blocks = (outputs + 15) / 16, pixels = w.out_height * w.out_width, step = outputs + between(0, 3);
  const size_t count = (size_t)pixels * (size_t)step;
  fovea_conv_f32 conv = {
      .window = w, .input = floats((size_t)(w.height * w.width * w.input_channels)),
      .weights = floats((size_t)(blocks * kernel * kernel * inputs * 16)), .bias = floats((size_t)blocks * 16),
      .outputs = outputs, .output_stride = step, .output = floats(count), .addend = between(0, 1) ? floats(count) : 0,
      .activation = {FOVEA_UNARY_CLAMP, -3, 5}};
  float *transformed = 0;
  if (is_winograd) {
    transformed = floats(fovea_winograd_size(&conv));
    fovea_winograd_transform(&conv, transformed);
    conv.winograd = transformed;
  }
  const int units = fovea_conv_f32_units(&conv), begin = is_winograd ? 0 : between(0, units / 2);
  const int end = is_winograd ? units : between(begin, units), first = between(0, blocks - 1), last = between(first, blocks);
  for (int i = 0; i < sets; i++) {
    if (is_winograd && tested[i] == &fovea_f32_portable) {
      continue;
    }
    for (size_t j = 0; j < count; j++) {
      conv.output[j] = untouched;
    }
    void *scratch = aligned_alloc(64, tested[i]->conv_scratch(&conv) / 64 * 64 + 64);
    tested[i]->conv(&conv, begin, end, first, last, scratch);
    free(scratch);
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int n = 0; n < step; n++) {
        double magnitude = 0, expected = untouched;
        if (n < outputs && pixel >= begin && pixel < end * (is_winograd ? 16 : 1) && n >= first * 16 && n < last * 16) {
          const double addend = conv.addend ? conv.addend[pixel * step + n] : 0;
          expected = sum_of(&w, conv.input, conv.weights, conv.bias, pixel, n, 0, inputs, &magnitude) + addend;
          expected = fmin(fmax(expected, -3), 5);
          magnitude += fabs(addend);
        }
        expect("conv", tested[i]->name, conv.output[pixel * step + n], expected,
               bound(kernel * kernel * inputs, is_winograd, magnitude));
      }
    }
  }
  *(is_winograd ? &winograd_checks : &conv_checks) += 1;
  free((void *)conv.input), free((void *)conv.weights), free((void *)conv.bias), free(conv.output), free(transformed);
  free((void *)conv.addend);
}

static void check_depthwise(int channels, int size, int kernel, int stride, int dilation) {
  const fovea_window w = window_of(size, channels, 0, kernel, stride, dilation);
  const int blocks = (channels + 15) / 16, count = w.out_height * w.out_width * channels;
  fovea_depthwise_f32 d = {
      .window = w, .input = floats((size_t)(w.height * w.width * channels)),
      .weights = floats((size_t)(blocks * kernel * kernel * 16)), .bias = floats((size_t)blocks * 16),
      .output = floats((size_t)count), .activation = {FOVEA_UNARY_CLAMP, -3, 5}};
  const int begin = between(0, w.out_height / 2), end = between(begin, w.out_height);
  const int first = between(0, blocks - 1), last = between(first, blocks);
  for (int i = 0; i < sets; i++) {
    for (int j = 0; j < count; j++) {
      d.output[j] = untouched;
    }
    tested[i]->depthwise(&d, begin, end, first, last);
    for (int j = 0; j < count; j++) {
      const int pixel = j / channels, n = j % channels, row = pixel / w.out_width;
      double magnitude = 0, expected = untouched;
      if (row >= begin && row < end && n >= first * 16 && n < last * 16) {
        expected = fmin(fmax(sum_of(&w, d.input, d.weights, d.bias, pixel, n, n, 1, &magnitude), -3), 5);
      }
      expect("depthwise", tested[i]->name, d.output[j], expected, bound(kernel * kernel, 0, magnitude));
    }
  }
  depthwise_checks++;
  free((void *)d.input), free((void *)d.weights), free((void *)d.bias), free(d.output);
}

/// ONNX's definitions, in binary64.
static double function_of(int operation, double x) {
  switch (operation) {
    case FOVEA_UNARY_LEAKY_RELU: return x < 0 ? 0.25 * x : x;
    case FOVEA_UNARY_SIGMOID: return 1 / (1 + exp(-x));
    case FOVEA_UNARY_HARD_SIGMOID: return fmax(0, fmin(1, 0.25 * x + 0.5));
    case FOVEA_UNARY_HARD_SWISH: return x * fmax(0, fmin(1, x / 6 + 0.5));
    case FOVEA_UNARY_TANH: return tanh(x);
    case FOVEA_UNARY_SILU: return x / (1 + exp(-x));
    case FOVEA_UNARY_GELU: return 0.5 * x * (1 + erf(x * sqrt(0.5)));
    case FOVEA_UNARY_GELU_TANH: return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
    case FOVEA_UNARY_ERF: return erf(x);
    default: return exp(x);
  }
}

/// What errors are relative to: as much as x where small differences of erf and tanh are multiplied by it.
static double size_of(int operation, double x, double expected) {
  const int is_gelu = operation == FOVEA_UNARY_GELU || operation == FOVEA_UNARY_GELU_TANH;
  return fmax(fabs(expected), is_gelu ? fabs(x) : fmin(1, fabs(x)));
}

/// Elementwise functions over -10 ... 10 and beyond, in ranges that begin and end in the middle of vectors, and sums of rows.
static void check_functions(int operation) {
  enum { values = 4000 };
  float *x = floats(values), *y = floats(values), *sum = floats(values);
  const fovea_unary unary = {operation, 0.25f, 0.5f};
  for (int j = 0; j < values; j++) {
    x[j] *= j % 100 ? 5.0f : 50.0f;
  }
  for (int i = 0; i < sets; i++) {
    const int begin = between(0, 40), end = values - between(0, 40);
    y[end] = untouched;
    tested[i]->unary(&unary, x, y, (size_t)begin, (size_t)end);
    expect("function", tested[i]->name, y[end], (double)untouched, 0);
    for (int j = begin; j < end; j++) {
      const double expected = function_of(operation, x[j]);
      expect("function", tested[i]->name, y[j], expected, 3e-7 * size_of(operation, x[j], expected));
    }
    const fovea_binary_f32 add = {
        .operation = FOVEA_BINARY_ADD, .a = x, .b = y, .output = sum, .rows = 40, .columns = 99, .a_stride = 99,
        .b_stride = i % 2 ? 99 : 0, .activation = unary};
    tested[i]->binary(&add, 1, 39);
    for (int j = 99; j < 39 * 99; j++) {
      const double whole = x[j] + y[i % 2 ? j : j % 99], expected = function_of(operation, (double)(float)whole);
      expect("sum", tested[i]->name, sum[j], expected, 3e-7 * size_of(operation, whole, expected));
    }
  }
  function_checks++;
  free(x), free(y), free(sum);
}

int main(void) {
  static const int functions[] = {FOVEA_UNARY_LEAKY_RELU, FOVEA_UNARY_SIGMOID, FOVEA_UNARY_HARD_SIGMOID,
                                  FOVEA_UNARY_HARD_SWISH, FOVEA_UNARY_TANH, FOVEA_UNARY_SILU, FOVEA_UNARY_GELU,
                                  FOVEA_UNARY_GELU_TANH, FOVEA_UNARY_ERF, FOVEA_UNARY_EXP};
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    check_functions(functions[i]);
  }

  static const int channels[9] = {1, 3, 8, 15, 16, 17, 33, 48, 65};
  for (int i = 0; i < 9; i++) {
    for (int j = 0; j < 9; j++) {
      check_conv(channels[i], channels[j], between(1, 6), 1, between(1, 2), 1, 0);
      check_conv(channels[i], channels[j], between(3, 6), between(2, 5), between(1, 3), between(1, 2), 0);
    }
    check_conv(channels[i], channels[8 - i], between(1, 13), 3, 1, 1, 1);
    for (int kernel = 1; kernel <= 7; kernel++) {
      for (int stride = 1; stride <= 3; stride++) {
        check_depthwise(channels[i], between(1, 12), kernel, stride, between(1, 2));
        check_depthwise(channels[i], between(10, 20), kernel, stride, 1);
      }
    }
  }
  printf(
      "%d float convolutions, %d by Winograd's algorithm, %d depthwise ones and %d functions are within their bounds\n",
      conv_checks, winograd_checks, depthwise_checks, function_checks);
  return 0;
}
