// Float convolution in plain C: the definition of its value, and what runs where there are no kernels with SIMD.

#include "conv_f32.h"
#include "kernels_f32.h"

// The same bits on every machine, also where compilers could fuse.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

FOVEA_INLINE float clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

/// 4 x 16 sums are the 16 registers of SSE2 and half of NEON's.
FOVEA_INLINE void tile(
    const int pixels, const fovea_f32_product *product, const float *const *windows, const float *addend,
    float *output, int32_t block, const float *ahead, ptrdiff_t ahead_step) {
  const float *weights = product->weights + block * product->block_step;
  float sums[4][16];
  for (int p = 0; p < pixels; p++) {
    memcpy(sums[p], product->bias + block * 16, sizeof sums[p]);
  }
  for (int32_t tap_row = 0; tap_row < product->tap_rows; tap_row++) {
    for (int32_t tap_column = 0; tap_column < product->tap_columns; tap_column++) {
      ptrdiff_t offset = tap_row * product->tap_row_step + tap_column * product->tap_column_step;
      for (int32_t k = 0; k < product->run; k++, offset++, weights += 16, ahead += ahead_step) {
        __builtin_prefetch(ahead, 0, 2);
        FOVEA_UNROLL
        for (int p = 0; p < pixels; p++) {
          for (int n = 0; n < 16; n++) {
            sums[p][n] += windows[p][offset] * weights[n];
          }
        }
      }
    }
  }
  const int32_t left = product->channels - block * 16, count = left < 16 ? left : 16;
  for (int p = 0; p < pixels; p++) {
    const ptrdiff_t place = p * product->output_stride + block * 16;
    float *const to = output + place;
    for (int32_t n = 0; n < count; n++) {
      const float whole = addend ? sums[p][n] + addend[place + n] : sums[p][n];
      if (product->is_hard_swish) {
        to[n] = whole * clamp(whole * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f);
      } else {
        to[n] = clamp(whole, product->low, product->high);
      }
    }
  }
}

#define TILE(pixels)                                                                                     \
  static void tile_##pixels(                                                                             \
      const fovea_f32_product *product, const float *const *windows, const float *addend, float *output, \
      int32_t block, const float *ahead, ptrdiff_t ahead_step) {                                         \
    tile(pixels, product, windows, addend, output, block, ahead, ahead_step);                            \
  }

TILE(1) TILE(2) TILE(3) TILE(4)

static fovea_f32_tile_function *const tiles_1[] = {0, tile_1, tile_2, tile_3, tile_4};

static const fovea_f32_tiles tiles = {.tiles = {0, tiles_1}, .pixels = {0, 4}, .unary = fovea_unary_f32};

void fovea_conv_f32_portable(
    const fovea_conv_f32 *conv, int32_t begin, int32_t end, int32_t block_begin, int32_t block_end, void *scratch) {
  fovea_conv_f32_run(conv, &tiles, begin, end, block_begin, block_end, scratch);
}

size_t fovea_conv_scratch_f32_portable(const fovea_conv_f32 *conv) { return fovea_conv_f32_scratch(conv); }

/// The sums of one output pixel's block of channels; a constant `count` keeps them in registers.
FOVEA_INLINE void depthwise_sums(
    const fovea_depthwise_f32 *d, int32_t row, int32_t column, int32_t block, const int32_t count, float sums[16]) {
  const fovea_window *w = &d->window;
  memcpy(sums, d->bias + block * 16, 16 * sizeof(float));
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
      const float *from = d->input + ((ptrdiff_t)y * w->width + x) * w->channels + block * 16;
      const float *by = d->weights + (((ptrdiff_t)block * w->kernel_height + ky) * w->kernel_width + kx) * 16;
      for (int32_t c = 0; c < count; c++) {
        sums[c] += from[c] * by[c];
      }
    }
  }
}

void fovea_depthwise_f32_portable(
    const fovea_depthwise_f32 *d, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end) {
  const fovea_window *w = &d->window;
  float low, high;
  fovea_f32_clamp(&d->activation, &low, &high);
  for (int32_t pixel = row_begin * w->out_width; pixel < row_end * w->out_width; pixel++) {
    for (int32_t block = block_begin; block < block_end; block++) {
      const int32_t left = w->channels - block * 16, count = left < 16 ? left : 16;
      float sums[16];
      if (count == 16) {
        depthwise_sums(d, pixel / w->out_width, pixel % w->out_width, block, 16, sums);
      } else {
        depthwise_sums(d, pixel / w->out_width, pixel % w->out_width, block, count, sums);
      }
      float *const to = d->output + (ptrdiff_t)pixel * w->channels + block * 16;
      for (int32_t c = 0; c < count; c++) {
        to[c] = clamp(sums[c], low, high);
      }
      fovea_f32_activate(fovea_unary_f32, &d->activation, to, 1, 0, count);
    }
  }
}
