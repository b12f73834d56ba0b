// Float kernels with AVX2 and FMA: 8 channels an instruction.

#if defined(__x86_64__)

#include "vector_avx2.h"

#include "depthwise_f32.h"
#include "elementwise_f32.h"
#include "kernels_f32.h"
#include "winograd_f32.h"

// 12 sums, 2 weights and 1 broadcast input of 16 registers.
TILES_UP_TO_6(1)

static fovea_f32_tile_function *const tiles_1[] = {0, tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1};

NARROW_TILES_UP_TO_6(1)

static fovea_f32_tile_function *const narrow_tiles_1[] = {
    0, narrow_tile_1x1, narrow_tile_2x1, narrow_tile_3x1, narrow_tile_4x1, narrow_tile_5x1, narrow_tile_6x1};

static const fovea_f32_tiles tiles = {
    .tiles = {0, tiles_1}, .pixels = {0, 6}, .narrow_tiles = {0, narrow_tiles_1}, .unary = fovea_unary_f32_avx2};

FOVEA_VECTOR void fovea_unary_f32_avx2(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end) {
  functions_unary(unary, input, output, begin, end);
}

FOVEA_VECTOR void fovea_conv_f32_avx2(
    const fovea_conv_f32 *conv, int32_t begin, int32_t end, int32_t block_begin, int32_t block_end, void *scratch) {
  if (conv->winograd) {
    winograd_run(conv, &tiles, begin, end, block_begin, block_end, scratch);
  } else {
    fovea_conv_f32_run(conv, &tiles, begin, end, block_begin, block_end, scratch);
  }
}

size_t fovea_conv_scratch_f32_avx2(const fovea_conv_f32 *conv) {
  return conv->winograd ? winograd_scratch(conv) : fovea_conv_f32_scratch(conv);
}

FOVEA_VECTOR void fovea_depthwise_f32_avx2(
    const fovea_depthwise_f32 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end) {
  depthwise_run(depthwise, row_begin, row_end, block_begin, block_end, fovea_unary_f32_avx2);
}

FOVEA_VECTOR void fovea_binary_f32_avx2(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end) {
  elementwise_binary(binary, row_begin, row_end);
}

#endif
