// Checks kernels where the Swift tests cannot run: the portable ones against the header's formula, and the named instruction
// sets against it too, cross-compiled under qemu-user or with missing instructions emulated.
// tools/check_kernels_simde.sh builds and runs it.
//
//     check_kernels [SET ...]
//
// Prints the counts. Exits 1 at the first difference, 2 where there is no such set, 3 where this CPU says that it lacks it.

#include "fovea_cpu.h"
#include "kernels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(FOVEA_SIMDE)
// tables.c would want kernels that are not emulated.
const fovea_int8_kernels fovea_int8_portable = {
    "portable", fovea_conv_u8s8_portable, fovea_conv_scratch_portable, fovea_depthwise_u8s8_portable,
    fovea_depthwise_scratch_portable, fovea_add_u8_run, fovea_multiply_u8_run, fovea_table_u8,
    fovea_channel_tables_u8_run, fovea_conv_granule_12};
const fovea_int8_kernels fovea_int8_avx512vnni = {
    "avx512vnni", fovea_conv_u8s8_avx512vnni, fovea_conv_scratch_avx512vnni, fovea_depthwise_u8s8_avx512vnni,
    fovea_depthwise_scratch_avx512vnni, fovea_add_u8_avx512, fovea_multiply_u8_avx512, fovea_table_u8,
    fovea_channel_tables_u8_run, fovea_conv_granule_12};
#endif

/// What can be named.
static const fovea_int8_kernels *const known[] = {
#if defined(FOVEA_SIMDE)
    &fovea_int8_avx512vnni,
#elif defined(__x86_64__)
    &fovea_int8_sse41,
    &fovea_int8_avx2,
    &fovea_int8_avxvnni,
    &fovea_int8_avx512vnni,
#elif defined(__aarch64__)
    &fovea_int8_neon,
    &fovea_int8_neondot,
    &fovea_int8_neoni8mm,
#endif
    &fovea_int8_portable,
};

/// Whether this CPU can run them, or they are emulated.
static int runs_here(const char *name) {
#if defined(FOVEA_SIMDE) || defined(FOVEA_AVXVNNI_EMULATED)
  (void)name;
  return 1;
#else
  const fovea_cpu cpu = fovea_cpu_detect();
  const struct {
    const char *name;
    int has;
  } sets[] = {
      {"sse41", cpu.sse41},
      {"avx2", cpu.avx2},
      {"avxvnni", cpu.avx2 && cpu.avxvnni},
      {"avx512vnni", cpu.avx512f && cpu.avx512bw && cpu.avx512dq && cpu.avx512vl && cpu.avx512vnni},
      {"neon", cpu.neon},
      {"neondot", cpu.dotprod},
      {"neoni8mm", cpu.dotprod && cpu.i8mm},
      {"portable", 1},
  };
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    if (strcmp(sets[i].name, name) == 0) {
      return sets[i].has;
    }
  }
  return 0;
#endif
}

/// The portable kernels, and what was named.
static const fovea_int8_kernels *tested[8] = {&fovea_int8_portable};
static int tested_count = 1;

static uint64_t state = 1;
static int conv_checks, depthwise_checks, byte_checks;

static uint32_t next_random(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

static int between(int low, int high) { return low + (int)(next_random() % (uint32_t)(high - low + 1)); }

/// At least 64 bytes of slack behind `size`.
static size_t with_slack(size_t size) { return (size + 64 + 63) / 64 * 64; }

/// Random bytes.
static void *bytes_of(size_t size) {
  const size_t rounded = with_slack(size);
  uint8_t *bytes = aligned_alloc(64, rounded);
  for (size_t i = 0; i < rounded; i++) {
    bytes[i] = (uint8_t)next_random();
  }
  return bytes;
}

/// Turns a third of all arrays to extremes: only `low` and `high`.
static void make_extreme(uint8_t *bytes, size_t size, uint8_t low, uint8_t high) {
  if (between(0, 2) == 0) {
    const int mostly = between(1, 15);
    for (size_t i = 0; i < size; i++) {
      bytes[i] = between(0, 15) <= mostly ? low : high;
    }
  }
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

/// Scratch of exactly the size asked for, then 64 bytes that must stay.
typedef struct {
  uint8_t *bytes;
  size_t size;
} guarded;

static guarded guarded_of(size_t size) {
  guarded g = {aligned_alloc(64, with_slack(size)), size};
  memset(g.bytes, 0xa5, with_slack(size));
  return g;
}

static void release(const char *what, const char *kernel, guarded g) {
  for (int i = 0; i < 64; i++) {
    if (g.bytes[g.size + (size_t)i] != 0xa5) {
      printf("%s %s writes past its scratch\n", what, kernel);
      exit(1);
    }
  }
  free(g.bytes);
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
  make_extreme(input, (size_t)(width * height * inputs), 0, 255);
  make_extreme((uint8_t *)weights, (size_t)(blocks * kernel * run * 64), 0x80, 0x7f);
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
  for (int i = 0; i < tested_count; i++) {
    const fovea_int8_kernels *kernels = tested[i];
    memcpy(result, untouched, size);
    guarded scratch = guarded_of(kernels->conv_scratch(&conv));
    kernels->conv(&conv, begin, end, first, last, scratch.bytes);
    compare("conv", kernels->name, result, expected, size);
    release("conv", kernels->name, scratch);
  }
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
  make_extreme(input, (size_t)(width * height * channels), 0, 255);
  make_extreme((uint8_t *)weights, (size_t)(blocks * kernel_width * groups * 64), 0x80, 0x7f);
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
  for (int i = 0; i < tested_count; i++) {
    const fovea_int8_kernels *kernels = tested[i];
    memcpy(result, untouched, size);
    guarded scratch = guarded_of(kernels->depthwise_scratch(&d));
    kernels->depthwise(&d, begin, end, first, last, scratch.bytes);
    compare("depthwise", kernels->name, result, expected, size);
    release("depthwise", kernels->name, scratch);
  }
  depthwise_checks++;
  free(expected), free(result), free(untouched), free(input), free(weights);
  free((void *)d.requantization.bias), free((void *)d.requantization.scale);
}

/// Addition, multiplication and table lookup over rows of `columns` bytes.
static void check_bytes(int columns) {
  const int rows = between(1, 4), begin = between(0, rows - 1), b_stride = between(0, 1) * columns;
  const size_t size = (size_t)(rows * columns);
  uint8_t *a = bytes_of(size), *b = bytes_of(size), *untouched = bytes_of(size), *result = bytes_of(size), *table = bytes_of(256);
  uint8_t *sums = bytes_of(size), *products = bytes_of(size), *found = bytes_of(size);
  static const float scales[4] = {0.5f, 1.0f / 65536, 0.00003f, 0.01f};
  const float scale = scales[between(0, 3)];
  const fovea_requantization r = {
      .scale = &scale, .zero_point = between(0, 255), .low = between(0, 100), .high = between(100, 255)};
  const fovea_rescale rescale = {scale, r.zero_point, r.low, r.high};
  const fovea_add_u8 add = {
      .a = a, .b = b, .output = result, .rows = rows, .columns = columns, .a_stride = columns, .b_stride = b_stride,
      .a_multiplier = between(-32768, 32767), .b_multiplier = between(-32768, 32767),
      .bias = between(-8000000, 8000000), .rescale = rescale};
  const fovea_multiply_u8 multiply = {
      .a = a, .b = b, .output = result, .rows = rows, .columns = columns, .a_stride = columns, .b_stride = b_stride,
      .a_zero_point = between(0, 255), .b_zero_point = between(0, 255), .rescale = rescale};
  memcpy(sums, untouched, size), memcpy(products, untouched, size), memcpy(found, untouched, size);
  for (int row = begin; row < rows; row++) {
    for (int c = 0; c < columns; c++) {
      const int at = row * columns + c, x = a[at], y = b[row * b_stride + c];
      sums[at] = requantize(&r, (int64_t)x * add.a_multiplier + (int64_t)y * add.b_multiplier + add.bias, 0);
      products[at] = requantize(&r, (x - multiply.a_zero_point) * (y - multiply.b_zero_point), 0);
      found[at] = table[x];
    }
  }
  for (int i = 0; i < tested_count; i++) {
    memcpy(result, untouched, size);
    tested[i]->add(&add, begin, rows);
    compare("add", tested[i]->name, result, sums, size);
    memcpy(result, untouched, size);
    tested[i]->multiply(&multiply, begin, rows);
    compare("multiply", tested[i]->name, result, products, size);
    memcpy(result, untouched, size);
    tested[i]->table(a, result, (size_t)(begin * columns), size, table);
    compare("table", tested[i]->name, result, found, size);
  }
  byte_checks += 3;
  free(a), free(b), free(untouched), free(result), free(table), free(sums), free(products), free(found);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const size_t count = sizeof known / sizeof known[0];
    size_t k = 0;
    while (k < count && strcmp(known[k]->name, argv[i]) != 0) {
      k++;
    }
    if (k == count || tested_count == 8) {
      printf("no kernels are called %s here\n", argv[i]);
      return 2;
    }
    if (!runs_here(argv[i])) {
      printf("this CPU lacks %s\n", argv[i]);
      return 3;
    }
    tested[tested_count++] = known[k];
  }
  static const int channels[12] = {1, 3, 8, 15, 16, 17, 31, 33, 48, 64, 65, 100};
  for (int i = 0; i < 12; i++) {
    for (int j = 0; j < 12; j++) {
      check_conv(channels[i], channels[j], between(1, 13), between(1, 5), 1, between(1, 3), (i + j) % 3 == 0);
      check_conv(channels[i], channels[j], between(3, 14), between(3, 6), 3, between(1, 3), (i + j) % 3 == 0);
    }
    check_bytes(channels[i]);
    check_bytes(channels[i] * 7);
    // Deep enough for several slabs or chunks, and 1-pixel fully connected layers.
    check_conv(channels[i] * 13, channels[11 - i], between(1, 40), 1, 1, 1, 0);
    check_conv(channels[i] * 5, channels[(i + 5) % 12], 1, 1, 1, 1, i % 2);
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
  // Large enough for Winograd, over the tails of vectors, groups and chunks of its inputs.
  static const int depths[8] = {16, 20, 24, 44, 64, 128, 132, 260};
  for (int i = 0; i < 8; i++) {
    for (int j = 0; j < 12; j++) {
      check_conv(depths[i], channels[j], between(5, 20), between(6, 12), 3, 1, 0);
    }
  }
  check_conv(1824, 16, 9, 8, 3, 1, 0);
  printf(
      "%d convolutions, %d depthwise convolutions and %d elementwise steps have the defined bits\n", conv_checks,
      depthwise_checks, byte_checks);
  return 0;
}
