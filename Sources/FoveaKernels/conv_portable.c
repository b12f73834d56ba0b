// The definition of 8-bit convolution in plain C: what Cortex-M and wasm run, and what every other kernel must equal.

#include "inline.h"
#include "kernels.h"
#include "requantize.h"

enum { max_pixels = 4 };

/// The sums of `pixels` x 16 channels, accumulated from the bias. `pixels` is a constant: 4 x 16 sums are half of NEON's
/// registers, and the weights are widened once for all of them. 16-bit factors let compilers use the multiplications that
/// SIMD units have (smlal, pmaddwd). Unsigned sums wrap where signed would be undefined, so that partial sums may pass 2^31
/// as long as the whole does not.
FOVEA_INLINE void sum_tile(
    const int pixels, const fovea_conv_u8s8 *conv, const uint8_t *const *windows, const int8_t *weights,
    const int32_t *bias, uint32_t result[max_pixels][16]) {
  uint32_t sums[max_pixels][16];
  for (int p = 0; p < pixels; p++) {
    memcpy(sums[p], bias, sizeof sums[p]);
  }
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    ptrdiff_t offset = conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->run; group++, offset += 4, weights += 64) {
      int16_t wide[4][16];
      for (int n = 0; n < 16; n++) {
        for (int k = 0; k < 4; k++) {
          wide[k][n] = weights[4 * n + k];
        }
      }
      FOVEA_UNROLL
      for (int p = 0; p < pixels; p++) {
        FOVEA_UNROLL
        for (int k = 0; k < 4; k++) {
          const int16_t x = windows[p][offset + k];
          for (int n = 0; n < 16; n++) {
            sums[p][n] += (uint32_t)(x * wide[k][n]);
          }
        }
      }
    }
  }
  memcpy(result, sums, (size_t)pixels * sizeof sums[0]);
}

static void store_pixel(const fovea_conv_u8s8 *conv, const uint32_t sums[16], int32_t pixel, int32_t first) {
  const fovea_requantization *requantization = &conv->requantization;
  const float *scale = requantization->scale + first;
  const ptrdiff_t output = (ptrdiff_t)pixel * conv->output_stride + first;
  const int32_t count = conv->channels - first < 16 ? conv->channels - first : 16;
  for (int32_t n = 0; n < count; n++) {
    const float value = (float)(int32_t)sums[n] * scale[n];
    if (conv->output_u8) {
      conv->output_u8[output + n] =
          fovea_to_u8(value, requantization->zero_point, requantization->low, requantization->high);
    } else {
      conv->output_f32[output + n] = value;
    }
  }
}

void fovea_conv_u8s8_portable(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  (void)scratch;
  const ptrdiff_t block_bytes = (ptrdiff_t)conv->taps * conv->run * 64;
  for (int32_t pixel = pixel_begin; pixel < pixel_end; pixel += max_pixels) {
    const int32_t pixels = pixel_end - pixel < max_pixels ? pixel_end - pixel : max_pixels;
    const uint8_t *windows[max_pixels];
    for (int32_t p = 0; p < pixels; p++) {
      windows[p] = conv->input + (ptrdiff_t)((pixel + p) / conv->out_width) * conv->row_step
                   + (ptrdiff_t)((pixel + p) % conv->out_width) * conv->column_step;
    }
    for (int32_t block = block_begin; block < block_end; block++) {
      const int8_t *weights = conv->weights + block * block_bytes;
      const int32_t *bias = conv->requantization.bias + block * 16;
      uint32_t sums[max_pixels][16];
      if (pixels == max_pixels) {
        sum_tile(max_pixels, conv, windows, weights, bias, sums);
      } else {
        for (int32_t p = 0; p < pixels; p++) {
          sum_tile(1, conv, windows + p, weights, bias, sums + p);
        }
      }
      for (int32_t p = 0; p < pixels; p++) {
        store_pixel(conv, sums[p], pixel + p, block * 16);
      }
    }
  }
}

size_t fovea_conv_scratch_portable(const fovea_conv_u8s8 *conv) {
  (void)conv;
  return 0;
}

int32_t fovea_conv_granule_12(const fovea_conv_u8s8 *conv, int32_t parts) {
  // Few pixels (a fully connected layer has one): share the channels instead.
  return (int64_t)conv->out_height * conv->out_width >= 12 * (int64_t)parts ? 12 : 0;
}
