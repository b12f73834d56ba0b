// 8-bit convolution with AVX-512 VNNI: vpdpbusd multiplies 16 channels x 4 inputs an instruction.

#if defined(__x86_64__) || defined(FOVEA_SIMDE)

#include "avx512vnni.h"
#include "conv_windows.h"
#include "kernels.h"

/// 24 sums, up to 4 weights and 1 broadcast activation of 32 registers.
enum { max_sums = 24, max_blocks = 4 };

/// Writes the lowest 16 x blocks bytes, or as many as there are channels.
FOVEA_INLINE FOVEA_AVX512 void store_bytes(const int blocks, __m512i bytes, uint8_t *to, int32_t channels) {
  if (channels < 16 * blocks) {
    _mm512_mask_storeu_epi8(to, ~0ull >> (64 - channels), bytes);
  } else if (blocks == 4) {
    _mm512_storeu_si512(to, bytes);
  } else if (blocks == 1) {
    _mm_storeu_si128((__m128i *)(void *)to, _mm512_castsi512_si128(bytes));
  } else {
    _mm256_storeu_si256((__m256i *)(void *)to, _mm512_castsi512_si256(bytes));
    if (blocks == 3) {
      _mm_storeu_si128((__m128i *)(void *)(to + 32), _mm512_extracti32x4_epi32(bytes, 2));
    }
  }
}

/// Writes `pixels` x `blocks` <= 4 blocks of sums as bytes: one pixel of up to 64 channels, two of 32 or four of 16.
FOVEA_INLINE FOVEA_AVX512 void store_u8(
    const int pixels, const int blocks, const __m512i *sums, const __m512 *scale, fovea_avx512_output output, uint8_t *to,
    ptrdiff_t stride, int32_t channels) {
  // Blocks that don't exist repeat others: the compiler drops the repetition, and nobody stores it.
  const int count = pixels * blocks;
  const int second = 1 % count, third = 2 % count, fourth = 3 % count;
  const __m512i packed = fovea_avx512_pack(
      fovea_avx512_narrow(sums[0], sums[second], scale[0], scale[second % blocks], output),
      fovea_avx512_narrow(sums[third], sums[fourth], scale[third % blocks], scale[fourth % blocks], output), output);
  // Dword 4 b + j of the result is dword 4 j + b of the packed sums: block b is 128-bit lane b.
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i bytes = _mm512_permutexvar_epi32(order, packed);
  store_bytes(blocks, bytes, to, channels);
  FOVEA_UNROLL
  for (int p = 1; p < pixels; p++) {
    bytes = blocks == 2 ? _mm512_shuffle_i64x2(bytes, bytes, 0x4e) : _mm512_shuffle_i64x2(bytes, bytes, 0x39);
    store_bytes(blocks, bytes, to + p * stride, channels);
  }
}

FOVEA_INLINE FOVEA_AVX512 void store_f32(
    const int blocks, const __m512i *sums, const __m512 scale[4], float *to, int32_t channels) {
  FOVEA_UNROLL
  for (int b = 0; b < blocks; b++) {
    const int32_t left = channels - 16 * b < 16 ? channels - 16 * b : 16;
    _mm512_mask_storeu_ps(
        to + 16 * b, (__mmask16)(0xffffu >> (16 - left)), _mm512_mul_ps(_mm512_cvtepi32_ps(sums[b]), scale[b]));
  }
}

/// `pixels` x `blocks` outputs, both compile-time constants. Per 4 inputs: `pixels` broadcasts (load ports only), `blocks`
/// loads and pixels * blocks vpdpbusd, which are 64 MACs each.
///
/// One core of AMD EPYC (Zen 4), a vpdpbusd a cycle, peak 234 GMAC/s: 3x3x64 -> 64 at 56x56 228, 3x3x512 -> 512 at 7x7 232,
/// 1x1x960 -> 320 at 7x7 233; where requantization weighs more, 1x1x32 -> 192 173, 1x1x16 -> 96 132; 3x3x3 -> 32 130
/// (9 of its 36 products are padding). ResNet-50 227, EfficientNet-Lite0 195.
///
/// `ahead` is brought to the second-level cache meanwhile, `ahead_step` bytes for each group of 4 inputs.
FOVEA_INLINE FOVEA_AVX512 void tile(
    const int pixels, const int blocks, const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel,
    int32_t block, const int8_t *ahead, ptrdiff_t ahead_step) {
  const fovea_requantization *requantization = &conv->requantization;
  const int32_t channel = block * 16;
  const ptrdiff_t block_bytes = (ptrdiff_t)conv->taps * conv->run * 64;
  const int8_t *weights = conv->weights + block * block_bytes;

  __m512i sums[max_sums];
  FOVEA_UNROLL
  for (int b = 0; b < blocks; b++) {
    const __m512i bias = _mm512_loadu_si512(requantization->bias + channel + 16 * b);
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      sums[p * blocks + b] = bias;
    }
  }
  for (int32_t tap = 0; tap < conv->taps; tap++) {
    ptrdiff_t offset = conv->tap_offsets[tap];
    for (int32_t group = 0; group < conv->run; group++, offset += 4, weights += 64, ahead += ahead_step) {
      _mm_prefetch(ahead, _MM_HINT_T1);
      __m512i w[max_blocks];
      FOVEA_UNROLL
      for (int b = 0; b < blocks; b++) {
        w[b] = _mm512_loadu_si512(weights + b * block_bytes);
      }
      FOVEA_UNROLL
      for (int p = 0; p < pixels; p++) {
        int32_t four;
        memcpy(&four, windows[p] + offset, 4);
        const __m512i x = _mm512_set1_epi32(four);
        FOVEA_UNROLL
        for (int b = 0; b < blocks; b++) {
          sums[p * blocks + b] = _mm512_dpbusd_epi32(sums[p * blocks + b], x, w[b]);
        }
      }
    }
  }

  __m512 scale[max_blocks];
  FOVEA_UNROLL
  for (int b = 0; b < blocks; b++) {
    scale[b] = _mm512_loadu_ps(requantization->scale + channel + 16 * b);
  }
  const ptrdiff_t stride = conv->output_stride, first = pixel * stride + channel;
  const int32_t channels = conv->channels - channel;
  if (conv->output_u8) {
    const fovea_avx512_output output =
        fovea_avx512_output_of(requantization->zero_point, requantization->low, requantization->high);
    const int together = 4 / blocks;
    uint8_t *to = conv->output_u8 + first;
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p += together, to += together * stride) {
      const int count = pixels - p < together ? pixels - p : together;
      store_u8(count, blocks, sums + p * blocks, scale, output, to, stride, channels);
    }
  } else {
    FOVEA_UNROLL
    for (int p = 0; p < pixels; p++) {
      store_f32(blocks, sums + p * blocks, scale, conv->output_f32 + first + p * stride, channels);
    }
  }
}

typedef void tile_function(
    const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel, int32_t block, const int8_t *ahead,
    ptrdiff_t ahead_step);

#define TILE(pixels, blocks)                                                                             \
  static FOVEA_AVX512 void tile_##pixels##x##blocks(                                                     \
      const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixel, int32_t block,          \
      const int8_t *ahead, ptrdiff_t ahead_step) {                                                       \
    tile(pixels, blocks, conv, windows, pixel, block, ahead, ahead_step);                                \
  }

#define TILES_UP_TO_6(blocks) TILE(1, blocks) TILE(2, blocks) TILE(3, blocks) TILE(4, blocks) TILE(5, blocks) TILE(6, blocks)

TILES_UP_TO_6(4)
TILES_UP_TO_6(3)
TILE(7, 3) TILE(8, 3)
TILES_UP_TO_6(2)
TILE(7, 2) TILE(8, 2) TILE(9, 2) TILE(10, 2) TILE(11, 2) TILE(12, 2)
TILE(1, 1) TILE(2, 1) TILE(4, 1) TILE(8, 1) TILE(12, 1) TILE(16, 1) TILE(20, 1) TILE(24, 1)

/// The tiles for 1 to 4 blocks; null where a size is not worth its code.
static tile_function *const tiles[max_blocks][max_sums + 1] = {
    {0, tile_1x1, tile_2x1, 0, tile_4x1, 0, 0, 0, tile_8x1, 0, 0, 0, tile_12x1, 0, 0, 0, tile_16x1, 0, 0, 0, tile_20x1, 0,
     0, 0, tile_24x1},
    {0, tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2, tile_7x2, tile_8x2, tile_9x2, tile_10x2, tile_11x2,
     tile_12x2},
    {0, tile_1x3, tile_2x3, tile_3x3, tile_4x3, tile_5x3, tile_6x3, tile_7x3, tile_8x3},
    {0, tile_1x4, tile_2x4, tile_3x4, tile_4x4, tile_5x4, tile_6x4},
};

/// All the pixels of a range for `blocks` <= 4 blocks of channels. The range is cut into tiles of nearly equal size: 49
/// pixels are 4 x 6 + 5 x 5 and not 8 x 6 + 1, which would wait for 4 lonely sums.
///
/// Meanwhile the next panel's weights are fetched, up to `block_end`, as evenly as the tiles come: else the first tile of each
/// panel waits for them, because their runs are too short for the processor to foresee, and memory rests while the others are
/// computed. A fully connected layer, which has one tile a panel, would gain nothing.
static void run_panel(
    const fovea_conv_u8s8 *conv, int32_t pixel, int32_t pixel_end, int32_t block, int32_t blocks, int32_t block_end) {
  const ptrdiff_t block_bytes = (ptrdiff_t)conv->taps * conv->run * 64;
  const int32_t largest = max_sums / blocks;
  fovea_conv_window window = fovea_conv_window_of(conv, pixel);
  int32_t tiles_left = (pixel_end - pixel + largest - 1) / largest;
  const int32_t next = block + blocks, next_blocks = block_end - next < max_blocks ? block_end - next : max_blocks;
  const fovea_ahead fetch = fovea_ahead_of(block_bytes, 64, next_blocks, tiles_left);
  const int8_t *ahead = conv->weights + (fetch.part ? next : block) * block_bytes;
  while (pixel < pixel_end) {
    int32_t count = tiles_left > 1 ? fovea_conv_tile_size(pixel_end - pixel, tiles_left) : pixel_end - pixel;
    count = count < largest ? count : largest;
    while (!tiles[blocks - 1][count]) {
      count--;
    }
    const uint8_t *windows[max_sums];
    fovea_conv_next_windows(conv, &window, count, windows);
    tiles[blocks - 1][count](conv, windows, pixel, block, ahead, fetch.step);
    ahead += fetch.part;
    pixel += count;
    tiles_left--;
  }
}

void fovea_conv_u8s8_avx512vnni(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch) {
  (void)scratch;
  // 9 blocks are 4 + 4 + 1: 3 + 3 + 3 took 4 % longer at 24 -> 144 channels, for its stores of 48 bytes.
  for (int32_t block = block_begin; block < block_end; block += max_blocks) {
    const int32_t blocks = block_end - block < max_blocks ? block_end - block : max_blocks;
    run_panel(conv, pixel_begin, pixel_end, block, blocks, block_end);
  }
}

size_t fovea_conv_scratch_avx512vnni(const fovea_conv_u8s8 *conv) {
  (void)conv;
  return 0;
}

#endif
