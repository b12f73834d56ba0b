// The definition of 8-bit convolution in plain C: what Cortex-M and wasm run, and what every other kernel must equal.

#include "inline.h"
#include "kernels.h"
#include "requantize.h"

/// The sums of 16 channels of one output pixel. Unsigned arithmetic wraps where signed would be undefined, so that partial
/// sums may pass 2^31 as long as the whole does not.
FOVEA_INLINE void sum_block(const fovea_conv_u8s8 *conv, const uint8_t *window, const int8_t *weights, uint32_t sums[16]) {
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    const uint8_t *x = window + conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->run; group++, x += 4, weights += 64) {
      const int32_t x0 = x[0], x1 = x[1], x2 = x[2], x3 = x[3];
      for (int n = 0; n < 16; n++) {
        const int8_t *w = weights + 4 * n;
        sums[n] += (uint32_t)(x0 * w[0] + x1 * w[1] + x2 * w[2] + x3 * w[3]);
      }
    }
  }
}

void fovea_conv_u8s8_portable(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  (void)scratch;
  const fovea_requantization *requantization = &conv->requantization;
  const size_t block_bytes = (size_t)conv->taps * (size_t)conv->run * 64;
  for (int32_t pixel = pixel_begin; pixel < pixel_end; pixel++) {
    const uint8_t *window = conv->input + (ptrdiff_t)(pixel / conv->out_width) * conv->row_step
                            + (ptrdiff_t)(pixel % conv->out_width) * conv->column_step;
    const size_t output = (size_t)pixel * (size_t)conv->output_stride;
    for (int32_t block = block_begin; block < block_end; block++) {
      const int32_t first = block * 16;
      uint32_t sums[16];
      memcpy(sums, requantization->bias + first, sizeof sums);
      sum_block(conv, window, conv->weights + (size_t)block * block_bytes, sums);

      const int32_t count = conv->channels - first < 16 ? conv->channels - first : 16;
      const float *scale = requantization->scale + first;
      for (int32_t n = 0; n < count; n++) {
        const float value = (float)(int32_t)sums[n] * scale[n];
        if (conv->output_u8) {
          conv->output_u8[output + (size_t)(first + n)] =
              fovea_to_u8(value, requantization->zero_point, requantization->low, requantization->high);
        } else {
          conv->output_f32[output + (size_t)(first + n)] = value;
        }
      }
    }
  }
}

size_t fovea_conv_scratch_portable(const fovea_conv_u8s8 *conv) {
  (void)conv;
  return 0;
}
