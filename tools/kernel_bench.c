// Times the kernels on the layers of known networks, one thread, weights and activations warm in whatever cache they fit; 8-bit
// convolutions' weights, where a third argument says "cold", not in the first two.
// Prints GMAC/s per distinct layer and the milliseconds of all of a network's layers.
//
//     clang -O2 -ISources/FoveaKernels/include tools/kernel_bench.c Sources/FoveaKernels/*.c -lm -o /tmp/kernel_bench
//     /tmp/kernel_bench avx512vnni efficientnet-lite0
//
// Kernels: portable, sse41, avx2, avx512vnni in 8 bits; f32-portable, f32-avx2, f32-avx512 in float. Networks: mobilenetv2,
// efficientnet-lite0, resnet18, resnet50. Every layer's output is compared with the portable kernel's (floats within 1e-4 of the
// largest) unless a third argument "nocheck" is given; "direct" keeps floats from Winograd's algorithm too.

#include "fovea_conv.h"
#include "fovea_cpu.h"
#include "fovea_f32.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const fovea_int8_kernels *kernels;
static const fovea_f32_kernels *float_kernels;
static int check = 1, winograd = 1, cold = 0;
static double conv_ms, depthwise_ms, conv_macs, depthwise_macs;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *random_bytes(size_t size) {
  size_t rounded = (size + 64 + 63) / 64 * 64;
  uint8_t *bytes = aligned_alloc(64, rounded);
  for (size_t i = 0; i < rounded; i++) {
    bytes[i] = (uint8_t)(rand() >> 7);
  }
  return bytes;
}

static fovea_requantization requantization_of(int channels, int depth) {
  const int rounded = (channels + 15) / 16 * 16;
  int32_t *bias = random_bytes((size_t)rounded * 4);
  float *scale = random_bytes((size_t)rounded * 4);
  for (int i = 0; i < rounded; i++) {
    bias[i] = rand() % 2000 - 1000;
    scale[i] = 60.0f / (float)(depth * 64) * (1.0f + 0.5f * (float)rand() / (float)RAND_MAX);
  }
  return (fovea_requantization){.bias = bias, .scale = scale, .zero_point = 3, .low = 3, .high = 250};
}

/// The least of repeated runs, at least 5 and for at least 40 ms.
#define TIME(best, call)                                            \
  do {                                                              \
    const double began = now();                                     \
    for (int i = 0; i < 5 || now() - began < 0.04; i++) {           \
      const double start = now();                                   \
      call;                                                         \
      const double seconds = now() - start;                         \
      best = i == 0 || seconds < best ? seconds : best;             \
    }                                                               \
  } while (0)

static void compare(const uint8_t *a, const uint8_t *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (a[i] != b[i]) {
      printf("DIFFERS at byte %zu: %d, portable %d\n", i, a[i], b[i]);
      exit(1);
    }
  }
}

static void convolution_u8(int size, int inputs, int outputs, int kernel, int stride, int times) {
  const int pad = kernel / 2, out = (size + 2 * pad - kernel) / stride + 1, padded = size + 2 * pad;
  fovea_conv_u8s8 conv = {.taps = kernel, .run = (kernel * inputs + 3) / 4};
  if (kernel == 1) {
    conv.taps = 1;
  }
  int32_t taps[16];
  for (int t = 0; t < kernel; t++) {
    taps[t] = t * padded * inputs;
  }
  const size_t pixels = (size_t)out * (size_t)out, bytes = pixels * (size_t)outputs;
  conv.tap_offsets = taps;
  conv.input = random_bytes((size_t)padded * (size_t)padded * (size_t)inputs);
  conv.row_step = stride * padded * inputs;
  conv.column_step = stride * inputs;
  conv.out_height = conv.out_width = out;
  const size_t weight_bytes = (size_t)((outputs + 15) / 16) * (size_t)conv.taps * (size_t)conv.run * 64;
  // When a copy's turn comes again, all the others have been read.
  const size_t copies = cold ? ((size_t)12 << 20) / weight_bytes + 1 : 1;
  int8_t *const weights = random_bytes(weight_bytes * copies);
  size_t copy = 0;
  conv.channels = conv.output_stride = outputs;
  conv.output_u8 = random_bytes(bytes);
  conv.requantization = requantization_of(outputs, kernel * kernel * inputs);
  void *scratch = aligned_alloc(64, (kernels->conv_scratch(&conv) + 64) / 64 * 64);
  const int blocks = (outputs + 15) / 16;
  double best = 0;
  TIME(best, (conv.weights = weights + weight_bytes * (copy++ % copies),
              kernels->conv(&conv, 0, out * out, 0, blocks, scratch)));
  const double macs = (double)pixels * outputs * kernel * kernel * inputs;
  printf("conv %dx%d s%d %4dx%-4d %4d -> %-4d x%d %8.1f us %7.1f GMAC/s\n", kernel, kernel, stride, out, out, inputs, outputs,
         times, best * 1e6, macs / best * 1e-9);
  conv_ms += best * 1e3 * times;
  conv_macs += macs * times;
  if (check) {
    uint8_t *mine = conv.output_u8;
    conv.output_u8 = random_bytes(bytes);
    fovea_int8_portable.conv(&conv, 0, out * out, 0, blocks, 0);
    compare(mine, conv.output_u8, bytes);
    free(mine);
  }
  free((void *)conv.input), free(weights), free(conv.output_u8), free(scratch);
  free((void *)conv.requantization.bias), free((void *)conv.requantization.scale);
}

static void depthwise_u8(int size, int channels, int kernel, int stride, int times) {
  // TensorFlow's "same": an even size with stride 2 is padded one less at the top and left.
  const int out = (size + stride - 1) / stride;
  const int pad = ((out - 1) * stride + kernel - size) / 2, blocks = (channels + 15) / 16;
  const size_t bytes = (size_t)out * (size_t)out * (size_t)channels;
  fovea_depthwise_u8s8 d = {
      .input = random_bytes((size_t)size * (size_t)size * (size_t)channels), .height = size, .width = size,
      .channels = channels, .kernel_height = kernel, .kernel_width = kernel, .stride_y = stride, .stride_x = stride,
      .dilation_y = 1, .dilation_x = 1, .pad_top = pad, .pad_left = pad, .out_height = out, .out_width = out,
      .input_zero_point = 7, .output = random_bytes(bytes), .requantization = requantization_of(channels, kernel * kernel)};
  const size_t groups = (size_t)(kernel + 3) / 4;
  int8_t *weights = random_bytes((size_t)blocks * (size_t)kernel * groups * 64);
  for (size_t i = 0; i < (size_t)blocks * (size_t)kernel * groups * 64; i++) {
    if (i / 64 % groups * 4 + i % 4 >= (size_t)kernel) {
      weights[i] = 0;
    }
  }
  d.weights = weights;
  void *scratch = aligned_alloc(64, (kernels->depthwise_scratch(&d) + 64) / 64 * 64);
  double best = 0;
  TIME(best, kernels->depthwise(&d, 0, out, 0, blocks, scratch));
  const double macs = (double)bytes * kernel * kernel;
  printf("depthwise %dx%d s%d %4dx%-4d %4d x%d %8.1f us %7.1f GMAC/s\n", kernel, kernel, stride, out, out, channels, times,
         best * 1e6, macs / best * 1e-9);
  depthwise_ms += best * 1e3 * times;
  depthwise_macs += macs * times;
  if (check) {
    uint8_t *mine = d.output;
    d.output = random_bytes(bytes);
    void *portable_scratch = aligned_alloc(64, (fovea_int8_portable.depthwise_scratch(&d) + 64) / 64 * 64);
    fovea_int8_portable.depthwise(&d, 0, out, 0, blocks, portable_scratch);
    compare(mine, d.output, bytes);
    free(portable_scratch);
    free(mine);
  }
  free((void *)d.input), free((void *)d.weights), free(d.output), free(scratch);
  free((void *)d.requantization.bias), free((void *)d.requantization.scale);
}

static float *random_floats(size_t count) {
  float *floats = random_bytes(count * 4);
  for (size_t i = 0; i < count; i++) {
    floats[i] = (float)(rand() % 2001 - 1000) * 1e-3f;
  }
  return floats;
}

static void compare_floats(const float *a, const float *b, size_t count) {
  float largest = 0, difference = 0;
  for (size_t i = 0; i < count; i++) {
    largest = fmaxf(largest, fabsf(b[i]));
    difference = fmaxf(difference, fabsf(a[i] - b[i]));
  }
  if (!(difference <= 1e-4f * largest)) {
    printf("DIFFERS by %g, the largest value is %g\n", (double)difference, (double)largest);
    exit(1);
  }
}

static fovea_window window_of(int size, int channels, int kernel, int stride, int pad, int out) {
  return (fovea_window){
      .height = size, .width = size, .input_channels = channels, .channels = channels, .kernel_height = kernel,
      .kernel_width = kernel, .stride_y = stride, .stride_x = stride, .dilation_y = 1, .dilation_x = 1, .pad_top = pad,
      .pad_left = pad, .out_height = out, .out_width = out};
}

static void convolution_f32(int size, int inputs, int outputs, int kernel, int stride, int times) {
  const int pad = kernel / 2, out = (size + 2 * pad - kernel) / stride + 1, blocks = (outputs + 15) / 16;
  const size_t pixels = (size_t)out * (size_t)out, count = pixels * (size_t)outputs;
  fovea_conv_f32 conv = {
      .window = window_of(size, inputs, kernel, stride, pad, out),
      .input = random_floats((size_t)size * (size_t)size * (size_t)inputs),
      .weights = random_floats((size_t)blocks * (size_t)(kernel * kernel * inputs) * 16),
      .bias = random_floats((size_t)blocks * 16), .outputs = outputs, .output_stride = outputs,
      .output = random_floats(count), .activation = {FOVEA_UNARY_CLAMP, 0, INFINITY}};
  float *transformed = 0;
  if (winograd && float_kernels->prefers_winograd(&conv)) {
    transformed = random_bytes(fovea_winograd_size(&conv) * 4);
    fovea_winograd_transform(&conv, transformed);
    conv.winograd = transformed;
  }
  void *scratch = random_bytes(float_kernels->conv_scratch(&conv));
  double best = 0;
  TIME(best, float_kernels->conv(&conv, 0, fovea_conv_f32_units(&conv), 0, blocks, scratch));
  const double macs = (double)pixels * outputs * kernel * kernel * inputs;
  printf("conv %dx%d s%d %4dx%-4d %4d -> %-4d x%d %8.1f us %7.1f GMAC/s%s\n", kernel, kernel, stride, out, out, inputs, outputs,
         times, best * 1e6, macs / best * 1e-9, conv.winograd ? " (Winograd)" : "");
  conv_ms += best * 1e3 * times;
  conv_macs += macs * times;
  if (check) {
    float *mine = conv.output;
    conv.output = random_floats(count);
    conv.winograd = 0;
    void *portable_scratch = random_bytes(fovea_f32_portable.conv_scratch(&conv));
    fovea_f32_portable.conv(&conv, 0, out * out, 0, blocks, portable_scratch);
    compare_floats(mine, conv.output, count);
    free(portable_scratch), free(mine);
  }
  free((void *)conv.input), free((void *)conv.weights), free((void *)conv.bias), free(conv.output);
  free(scratch), free(transformed);
}

static void depthwise_f32(int size, int channels, int kernel, int stride, int times) {
  const int out = (size + stride - 1) / stride;
  const int pad = ((out - 1) * stride + kernel - size) / 2, blocks = (channels + 15) / 16;
  const size_t count = (size_t)out * (size_t)out * (size_t)channels;
  fovea_depthwise_f32 d = {
      .window = window_of(size, channels, kernel, stride, pad, out),
      .input = random_floats((size_t)size * (size_t)size * (size_t)channels),
      .weights = random_floats((size_t)(blocks * kernel * kernel) * 16), .bias = random_floats((size_t)blocks * 16),
      .output = random_floats(count), .activation = {FOVEA_UNARY_CLAMP, 0, 6}};
  double best = 0;
  TIME(best, float_kernels->depthwise(&d, 0, out, 0, blocks));
  const double macs = (double)count * kernel * kernel;
  printf("depthwise %dx%d s%d %4dx%-4d %4d x%d %8.1f us %7.1f GMAC/s\n", kernel, kernel, stride, out, out, channels, times,
         best * 1e6, macs / best * 1e-9);
  depthwise_ms += best * 1e3 * times;
  depthwise_macs += macs * times;
  if (check) {
    float *mine = d.output;
    d.output = random_floats(count);
    fovea_f32_portable.depthwise(&d, 0, out, 0, blocks);
    compare_floats(mine, d.output, count);
    free(mine);
  }
  free((void *)d.input), free((void *)d.weights), free((void *)d.bias), free(d.output);
}

static void convolution(int size, int inputs, int outputs, int kernel, int stride, int times) {
  (float_kernels ? convolution_f32 : convolution_u8)(size, inputs, outputs, kernel, stride, times);
}

static void depthwise(int size, int channels, int kernel, int stride, int times) {
  (float_kernels ? depthwise_f32 : depthwise_u8)(size, channels, kernel, stride, times);
}

typedef struct {
  int expand, kernel, stride, channels, repeats;
} stage;

/// Inverted bottlenecks: expand, depthwise, project.
static void mobile(const stage *stages, int count) {
  int size = 112, channels = 32;
  convolution(224, 3, 32, 3, 2, 1);
  for (int s = 0; s < count; s++) {
    const stage *g = stages + s;
    for (int first = 1; first >= 0; first--) {
      const int times = first ? 1 : g->repeats - 1, stride = first ? g->stride : 1, wide = channels * g->expand;
      if (times == 0) {
        continue;
      }
      if (g->expand > 1) {
        convolution(size, channels, wide, 1, 1, times);
      }
      depthwise(size, wide, g->kernel, stride, times);
      size /= stride;
      convolution(size, wide, g->channels, 1, 1, times);
      channels = g->channels;
    }
  }
  convolution(size, channels, 1280, 1, 1, 1);
  convolution(1, 1280, 1000, 1, 1, 1);
}

static void resnet50(void) {
  static const int repeats[4] = {3, 4, 6, 3};
  convolution(224, 3, 64, 7, 2, 1);
  int channels = 64, size = 56;
  for (int s = 0; s < 4; s++) {
    const int narrow = 64 << s, wide = narrow * 4, stride = s ? 2 : 1;
    convolution(size, channels, narrow, 1, 1, 1);
    convolution(size, narrow, narrow, 3, stride, 1);
    convolution(size, channels, wide, 1, stride, 1);
    size /= stride;
    convolution(size, narrow, wide, 1, 1, repeats[s]);
    convolution(size, wide, narrow, 1, 1, repeats[s] - 1);
    convolution(size, narrow, narrow, 3, 1, repeats[s] - 1);
    channels = wide;
  }
  convolution(1, 2048, 1000, 1, 1, 1);
}

static void resnet18(void) {
  convolution(224, 3, 64, 7, 2, 1);
  convolution(56, 64, 64, 3, 1, 4);
  for (int channels = 128, size = 56; channels <= 512; channels *= 2, size /= 2) {
    convolution(size, channels / 2, channels, 3, 2, 1);
    convolution(size, channels / 2, channels, 1, 2, 1);
    convolution(size / 2, channels, channels, 3, 1, 3);
  }
  convolution(1, 512, 1000, 1, 1, 1);
}

int main(int argc, char **argv) {
  static const stage v2[] = {{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2}, {6, 3, 2, 32, 3}, {6, 3, 2, 64, 4},
                             {6, 3, 1, 96, 3}, {6, 3, 2, 160, 3}, {6, 3, 1, 320, 1}};
  static const stage lite0[] = {{1, 3, 1, 16, 1}, {6, 3, 2, 24, 2}, {6, 5, 2, 40, 2}, {6, 3, 2, 80, 3},
                                {6, 5, 1, 112, 3}, {6, 5, 2, 192, 4}, {6, 3, 1, 320, 1}};
  const char *isa = argc > 1 ? argv[1] : "portable", *net = argc > 2 ? argv[2] : "efficientnet-lite0";
  check = argc <= 3 || strcmp(argv[3], "nocheck") != 0;
  winograd = argc <= 3 || strcmp(argv[3], "direct") != 0;
  cold = argc > 3 && strcmp(argv[3], "cold") == 0;
  kernels = &fovea_int8_portable;
  float_kernels = strncmp(isa, "f32-", 4) ? 0 : &fovea_f32_portable;
#if defined(__x86_64__)
  const fovea_cpu cpu = fovea_cpu_detect();
  kernels = !strcmp(isa, "avx512vnni") && cpu.avx512vnni ? &fovea_int8_avx512vnni
            : !strcmp(isa, "avx2") && cpu.avx2           ? &fovea_int8_avx2
            : !strcmp(isa, "sse41") && cpu.sse41         ? &fovea_int8_sse41
                                                         : kernels;
  float_kernels = !strcmp(isa, "f32-avx512") && cpu.avx512f          ? &fovea_f32_avx512
                  : !strcmp(isa, "f32-avx2") && cpu.avx2 && cpu.fma ? &fovea_f32_avx2
                                                                     : float_kernels;
#elif defined(__aarch64__)
  float_kernels = !strcmp(isa, "f32-neon") ? &fovea_f32_neon : float_kernels;
#endif
  printf("%s, %s%s, %s\n", fovea_cpu_detect().name, float_kernels ? "f32-" : "",
         float_kernels ? float_kernels->name : kernels->name, net);
  if (!strcmp(net, "mobilenetv2")) {
    mobile(v2, 7);
  } else if (!strcmp(net, "resnet18")) {
    resnet18();
  } else if (!strcmp(net, "resnet50")) {
    resnet50();
  } else {
    mobile(lite0, 7);
  }
  printf("total: conv %.3f ms (%.1f GMAC/s), depthwise %.3f ms (%.1f GMAC/s)\n", conv_ms, conv_macs / conv_ms * 1e-6,
         depthwise_ms, depthwise_ms > 0 ? depthwise_macs / depthwise_ms * 1e-6 : 0);
  return 0;
}
