// The definition of 8-bit depthwise convolution in plain C.

#include "inline.h"
#include "kernels.h"
#include "requantize.h"

/// Adds one kernel element's products for 16 channels (fewer at the tail: nothing past the input's channels is read).
FOVEA_INLINE void add_products(uint32_t sums[16], const uint8_t *x, const int8_t *weights, int32_t count) {
  for (int32_t n = 0; n < count; n++) {
    sums[n] += (uint32_t)(x[n] * weights[4 * n]);
  }
}

void fovea_depthwise_u8s8_portable(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  (void)scratch;
  const fovea_depthwise_u8s8 *d = depthwise;
  const fovea_requantization *requantization = &d->requantization;
  const size_t groups = (size_t)(d->kernel_height + 3) / 4;
  const size_t block_bytes = (size_t)d->kernel_width * groups * 64;
  uint8_t outside[16];
  memset(outside, d->input_zero_point, sizeof outside);

  for (int32_t row = row_begin; row < row_end; row++) {
    for (int32_t column = 0; column < d->out_width; column++) {
      for (int32_t block = block_begin; block < block_end; block++) {
        const int32_t first = block * 16;
        const int32_t count = d->channels - first < 16 ? d->channels - first : 16;
        const int8_t *weights = d->weights + (size_t)block * block_bytes;
        uint32_t sums[16];
        memcpy(sums, requantization->bias + first, sizeof sums);
        for (int32_t ky = 0; ky < d->kernel_height; ky++) {
          const int32_t y = row * d->stride_y - d->pad_top + ky * d->dilation_y;
          for (int32_t kx = 0; kx < d->kernel_width; kx++) {
            const int32_t x = column * d->stride_x - d->pad_left + kx * d->dilation_x;
            const int inside = y >= 0 && y < d->height && x >= 0 && x < d->width;
            const uint8_t *from =
                inside ? d->input + ((size_t)y * (size_t)d->width + (size_t)x) * (size_t)d->channels + first : outside;
            add_products(sums, from, weights + ((size_t)kx * groups + (size_t)ky / 4) * 64 + ky % 4, count);
          }
        }
        uint8_t *output =
            d->output + ((size_t)row * (size_t)d->out_width + (size_t)column) * (size_t)d->channels + first;
        for (int32_t n = 0; n < count; n++) {
          const float value = (float)(int32_t)sums[n] * requantization->scale[first + n];
          output[n] = fovea_to_u8(value, requantization->zero_point, requantization->low, requantization->high);
        }
      }
    }
  }
}

size_t fovea_depthwise_scratch_portable(const fovea_depthwise_u8s8 *depthwise) {
  (void)depthwise;
  return 0;
}
