// The weights of a 3x3 convolution, transformed for Winograd's F(4x4, 3x3); winograd_f32.h multiplies by them.

#include "fovea_f32.h"
#include "inline.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

enum { points = 6, taps = 3, lanes = 16 };

/// G g of one column of 3, 16 channels at once.
static void transform_column(const float g[taps][lanes], float t[points][lanes]) {
  for (int i = 0; i < lanes; i++) {
    const float even = g[0][i] + g[2][i], far = g[0][i] + 4.0f * g[2][i];
    t[0][i] = g[0][i] / 4.0f;
    t[1][i] = (even + g[1][i]) / -6.0f;
    t[2][i] = (even - g[1][i]) / -6.0f;
    t[3][i] = (far + 2.0f * g[1][i]) / 24.0f;
    t[4][i] = (far - 2.0f * g[1][i]) / 24.0f;
    t[5][i] = g[2][i];
  }
}

size_t fovea_winograd_size(const fovea_conv_f32 *conv) {
  const size_t blocks = ((size_t)conv->outputs + 15) / 16;
  return points * points * blocks * (size_t)conv->window.channels * lanes;
}

void fovea_winograd_transform(const fovea_conv_f32 *conv, float *transformed) {
  const ptrdiff_t channels = conv->window.channels, blocks = (conv->outputs + 15) / 16;
  for (ptrdiff_t row = 0; row < blocks * channels; row++) {
    const float *const weights = conv->weights + (row / channels * taps * taps * channels + row % channels) * lanes;
    float columns[taps][points][lanes];
    for (int x = 0; x < taps; x++) {
      float g[taps][lanes];
      for (int y = 0; y < taps; y++) {
        memcpy(g[y], weights + (y * taps + x) * channels * lanes, sizeof g[y]);
      }
      transform_column((const float (*)[lanes])g, columns[x]);
    }
    for (int y = 0; y < points; y++) {
      float g[taps][lanes], t[points][lanes];
      for (int x = 0; x < taps; x++) {
        memcpy(g[x], columns[x][y], sizeof g[x]);
      }
      transform_column((const float (*)[lanes])g, t);
      for (int x = 0; x < points; x++) {
        memcpy(transformed + ((y * points + x) * blocks * channels + row) * lanes, t[x], sizeof t[x]);
      }
    }
  }
}
