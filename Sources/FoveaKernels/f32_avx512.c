// Float kernels with AVX-512F: 16 channels an instruction.

#if defined(__x86_64__) || defined(FOVEA_SIMDE)

#include "vector_avx512.h"

#include "depthwise_f32.h"
#include "elementwise_f32.h"
#include "kernels_f32.h"
#include "winograd_f32.h"

// 24 sums, up to 4 weights and 1 broadcast input of 32 registers.
TILES_UP_TO_6(4)
TILES_UP_TO_6(3)
TILE(7, 3) TILE(8, 3)
TILES_UP_TO_6(2)
TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)
TILES_UP_TO_6(1)
TILE(7, 1) TILE(8, 1) TILE(9, 1) TILE(10, 1) TILE(11, 1) TILE(12, 1)

static fovea_f32_tile_function *const tiles_1[] = {
    0, tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1, tile_7x1, tile_8x1, tile_9x1, tile_10x1, tile_11x1,
    tile_12x1};
static fovea_f32_tile_function *const tiles_2[] = {
    0, tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2, tile_7x2, tile_8x2, tile_9x2, tile_10x2, tile_11x2,
    tile_12x2};
static fovea_f32_tile_function *const tiles_3[] = {
    0, tile_1x3, tile_2x3, tile_3x3, tile_4x3, tile_5x3, tile_6x3, tile_7x3, tile_8x3};
static fovea_f32_tile_function *const tiles_4[] = {0, tile_1x4, tile_2x4, tile_3x4, tile_4x4, tile_5x4, tile_6x4};

NARROW_TILES_UP_TO_6(3)
NARROW_TILE(7, 3) NARROW_TILE(8, 3)
NARROW_TILES_UP_TO_6(2)
NARROW_TILE(7, 2) NARROW_TILE(8, 2) NARROW_TILE(9, 2) NARROW_TILE(10, 2) NARROW_TILE(11, 2) NARROW_TILE(12, 2)
NARROW_TILES_UP_TO_6(1)
NARROW_TILE(7, 1) NARROW_TILE(8, 1) NARROW_TILE(9, 1) NARROW_TILE(10, 1) NARROW_TILE(11, 1) NARROW_TILE(12, 1)

static fovea_f32_tile_function *const narrow_tiles_1[] = {
    0, narrow_tile_1x1, narrow_tile_2x1, narrow_tile_3x1, narrow_tile_4x1, narrow_tile_5x1, narrow_tile_6x1,
    narrow_tile_7x1, narrow_tile_8x1, narrow_tile_9x1, narrow_tile_10x1, narrow_tile_11x1, narrow_tile_12x1};
static fovea_f32_tile_function *const narrow_tiles_2[] = {
    0, narrow_tile_1x2, narrow_tile_2x2, narrow_tile_3x2, narrow_tile_4x2, narrow_tile_5x2, narrow_tile_6x2,
    narrow_tile_7x2, narrow_tile_8x2, narrow_tile_9x2, narrow_tile_10x2, narrow_tile_11x2, narrow_tile_12x2};
static fovea_f32_tile_function *const narrow_tiles_3[] = {
    0, narrow_tile_1x3, narrow_tile_2x3, narrow_tile_3x3, narrow_tile_4x3, narrow_tile_5x3, narrow_tile_6x3,
    narrow_tile_7x3, narrow_tile_8x3};

static const fovea_f32_tiles tiles = {
    .tiles = {0, tiles_1, tiles_2, tiles_3, tiles_4}, .pixels = {0, 12, 12, 8, 6},
    .narrow_tiles = {0, narrow_tiles_1, narrow_tiles_2, narrow_tiles_3}, .unary = fovea_unary_f32_avx512};

FOVEA_VECTOR void fovea_unary_f32_avx512(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end) {
  functions_unary(unary, input, output, begin, end);
}

FOVEA_VECTOR void fovea_conv_f32_avx512(
    const fovea_conv_f32 *conv, int32_t begin, int32_t end, int32_t block_begin, int32_t block_end, void *scratch) {
  if (conv->winograd) {
    winograd_run(conv, &tiles, begin, end, block_begin, block_end, scratch);
  } else {
    fovea_conv_f32_run(conv, &tiles, begin, end, block_begin, block_end, scratch);
  }
}

size_t fovea_conv_scratch_f32_avx512(const fovea_conv_f32 *conv) {
  return conv->winograd ? winograd_scratch(conv) : fovea_conv_f32_scratch(conv);
}

FOVEA_VECTOR void fovea_depthwise_f32_avx512(
    const fovea_depthwise_f32 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end) {
  depthwise_run(depthwise, row_begin, row_end, block_begin, block_end, fovea_unary_f32_avx512);
}

FOVEA_VECTOR void fovea_binary_f32_avx512(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end) {
  elementwise_binary(binary, row_begin, row_end);
}

#endif
