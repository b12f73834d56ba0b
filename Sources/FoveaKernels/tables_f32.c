// Which functions make up the float kernels of each instruction set, and when Winograd's algorithm is worth it.

#include "kernels_f32.h"

static int never(const fovea_conv_f32 *conv) {
  (void)conv;
  return 0;
}

const fovea_f32_kernels fovea_f32_portable = {
    .name = "portable",
    .conv = fovea_conv_f32_portable,
    .conv_scratch = fovea_conv_scratch_f32_portable,
    .prefers_winograd = never,
    .depthwise = fovea_depthwise_f32_portable,
    .unary = fovea_unary_f32,
    .binary = fovea_binary_f32_run,
};

#if defined(__x86_64__) || defined(__aarch64__)

/// F(4x4, 3x3) has a quarter of the products, but four times the weights to read, which few tiles do not repay.
static int winograd_pays(const fovea_conv_f32 *conv) {
  const fovea_window *w = &conv->window;
  if (w->kernel_height != 3 || w->kernel_width != 3 || w->stride_y != 1 || w->stride_x != 1 || w->dilation_y != 1 ||
      w->dilation_x != 1) {
    return 0;
  }
  return w->channels >= 16 && conv->outputs >= 16 && w->out_height > 8 && w->out_width > 8;
}

#endif

#if defined(__x86_64__)

const fovea_f32_kernels fovea_f32_avx2 = {
    .name = "avx2",
    .conv = fovea_conv_f32_avx2,
    .conv_scratch = fovea_conv_scratch_f32_avx2,
    .prefers_winograd = winograd_pays,
    .depthwise = fovea_depthwise_f32_avx2,
    .unary = fovea_unary_f32_avx2,
    .binary = fovea_binary_f32_avx2,
};

const fovea_f32_kernels fovea_f32_avx512 = {
    .name = "avx512",
    .conv = fovea_conv_f32_avx512,
    .conv_scratch = fovea_conv_scratch_f32_avx512,
    .prefers_winograd = winograd_pays,
    .depthwise = fovea_depthwise_f32_avx512,
    .unary = fovea_unary_f32_avx512,
    .binary = fovea_binary_f32_avx512,
};

#endif

#if defined(__aarch64__)

const fovea_f32_kernels fovea_f32_neon = {
    .name = "neon",
    .conv = fovea_conv_f32_neon,
    .conv_scratch = fovea_conv_scratch_f32_neon,
    .prefers_winograd = winograd_pays,
    .depthwise = fovea_depthwise_f32_neon,
    .unary = fovea_unary_f32_neon,
    .binary = fovea_binary_f32_neon,
};

#endif
