// Float kernels with AVX-512F: 16 channels an instruction.

#if defined(__x86_64__) || defined(FOVEA_SIMDE)

#include "vector_avx512.h"

#include "depthwise_f32.h"
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

static const fovea_f32_tiles tiles = {{0, tiles_1, tiles_2, tiles_3, tiles_4}, {0, 12, 12, 8, 6}};

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
    const fovea_depthwise_f32 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  depthwise_run(depthwise, row_begin, row_end, block_begin, block_end, scratch);
}

size_t fovea_depthwise_scratch_f32_avx512(const fovea_depthwise_f32 *depthwise) { return depthwise_scratch(depthwise); }

#endif
