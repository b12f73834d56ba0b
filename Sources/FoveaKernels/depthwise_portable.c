// The definition of 8-bit depthwise convolution in plain C.

#include "inline.h"
#include "kernels.h"
#include "requantize.h"

/// One block's weights as [kernel_height][kernel_width][16] 16-bit numbers, so that the inner loop reads neighbours.
static void widen_weights(const fovea_depthwise_u8s8 *d, int32_t block, int16_t *wide) {
  const ptrdiff_t groups = (d->kernel_height + 3) / 4;
  const int8_t *weights = d->weights + (ptrdiff_t)block * d->kernel_width * groups * 64;
  for (int32_t ky = 0; ky < d->kernel_height; ky++) {
    for (int32_t kx = 0; kx < d->kernel_width; kx++, wide += 16) {
      for (int n = 0; n < 16; n++) {
        wide[n] = weights[(kx * groups + ky / 4) * 64 + 4 * n + ky % 4];
      }
    }
  }
}

/// The sums of 16 channels of one output pixel; `input` and `outside` point at the block's first channel. Always 16 wide,
/// which is what compilers vectorize, so reads may pass the last channel: the header allows it.
static void sum_pixel(
    const fovea_depthwise_u8s8 *d, const uint8_t *input, const uint8_t *outside, const int16_t *weights,
    const int32_t *bias, int32_t row, int32_t column, uint32_t sums[16]) {
  uint32_t local[16];
  memcpy(local, bias, sizeof local);
  for (int32_t ky = 0; ky < d->kernel_height; ky++) {
    const int32_t y = row * d->stride_y - d->pad_top + ky * d->dilation_y;
    for (int32_t kx = 0; kx < d->kernel_width; kx++, weights += 16) {
      const int32_t x = column * d->stride_x - d->pad_left + kx * d->dilation_x;
      const int inside = y >= 0 && y < d->height && x >= 0 && x < d->width;
      const uint8_t *from = inside ? input + ((ptrdiff_t)y * d->width + x) * d->channels : outside;
      for (int n = 0; n < 16; n++) {
        const int16_t activation = from[n];
        local[n] += (uint32_t)(activation * weights[n]);  // unsigned: wraps where signed would be undefined
      }
    }
  }
  memcpy(sums, local, sizeof local);
}

void fovea_depthwise_u8s8_portable(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  const fovea_depthwise_u8s8 *d = depthwise;
  const fovea_requantization *requantization = &d->requantization;
  uint8_t outside[16];
  memset(outside, d->input_zero_point, sizeof outside);
  for (int32_t block = block_begin; block < block_end; block++) {
    const int32_t first = block * 16, count = d->channels - first < 16 ? d->channels - first : 16;
    widen_weights(d, block, scratch);
    for (int32_t row = row_begin; row < row_end; row++) {
      uint8_t *to = d->output + (ptrdiff_t)row * d->out_width * d->channels + first;
      for (int32_t column = 0; column < d->out_width; column++, to += d->channels) {
        uint32_t sums[16];
        sum_pixel(d, d->input + first, outside, scratch, requantization->bias + first, row, column, sums);
        for (int32_t n = 0; n < count; n++) {
          const float value = (float)(int32_t)sums[n] * requantization->scale[first + n];
          to[n] = fovea_to_u8(value, requantization->zero_point, requantization->low, requantization->high);
        }
      }
    }
  }
}

size_t fovea_depthwise_scratch_portable(const fovea_depthwise_u8s8 *depthwise) {
  return (size_t)depthwise->kernel_height * (size_t)depthwise->kernel_width * 16 * sizeof(int16_t);
}
