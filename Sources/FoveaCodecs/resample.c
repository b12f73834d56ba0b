// Weighted sums of pixels. Exact integers throughout, so the SSE2 and the portable functions give the same bytes.
#include <string.h>

#include "fovea_codecs.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { FRACTION_BITS = 22, LOW_BITS = 12 };

// Sums are formed modulo 2^32: the halves may wrap on the way (a hundred thousand taps), the total is within a few
// times 255 in 22-bit fixed point, and so comes out right.
static inline uint32_t weighted(uint32_t value, int16_t high, int16_t low) {
  return value * (uint32_t)(high * (1 << LOW_BITS) + low);
}

static inline uint8_t rounded(uint32_t sum) {
  const int32_t value = (int32_t)(sum + (1u << (FRACTION_BITS - 1))) >> FRACTION_BITS;
  return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void fovea_resample_row_portable(const uint8_t *source, const fovea_taps *taps, const fovea_tap_pair *pairs,
                                 size_t count, uint8_t *out) {
  for (size_t i = 0; i < count; i++) {
    const uint8_t *pixel = source + (size_t)taps[i].first * 3;
    const fovea_tap_pair *pair = pairs + taps[i].offset;
    uint32_t sum[3] = {0, 0, 0};
    for (uint32_t t = 0; t < taps[i].count; t += 2, pair++, pixel += 6) {
      const uint8_t *next = t + 1 < taps[i].count ? pixel + 3 : pixel;
      for (int c = 0; c < 3; c++) {
        sum[c] += weighted(pixel[c], pair->high[0], pair->low[0]) + weighted(next[c], pair->high[1], pair->low[1]);
      }
    }
    for (int c = 0; c < 3; c++) {
      out[3 * i + c] = rounded(sum[c]);
    }
  }
}

// Columns begin ..< end of the mix.
static void mix_columns(const uint8_t *source, size_t stride, fovea_taps taps, const fovea_tap_pair *pairs, size_t begin,
                        size_t end, uint8_t *out) {
  for (size_t x = begin; x < end; x++) {
    const uint8_t *value = source + (size_t)taps.first * stride + x;
    const fovea_tap_pair *pair = pairs + taps.offset;
    uint32_t sum = 0;
    for (uint32_t t = 0; t < taps.count; t += 2, pair++, value += 2 * stride) {
      const uint8_t *next = t + 1 < taps.count ? value + stride : value;
      sum += weighted(*value, pair->high[0], pair->low[0]) + weighted(*next, pair->high[1], pair->low[1]);
    }
    out[x] = rounded(sum);
  }
}

void fovea_resample_column_portable(const uint8_t *source, size_t stride, fovea_taps taps,
                                    const fovea_tap_pair *pairs, size_t count, uint8_t *out) {
  mix_columns(source, stride, taps, pairs, 0, count, out);
}

#if defined(__SSE2__)

// The halves' sums of four outputs, rounded, as 32-bit numbers still to be clamped.
static inline __m128i rounded_x4(__m128i high, __m128i low) {
  const __m128i half = _mm_set1_epi32(1 << (FRACTION_BITS - 1));
  const __m128i sum = _mm_add_epi32(_mm_add_epi32(_mm_slli_epi32(high, LOW_BITS), low), half);
  return _mm_srai_epi32(sum, FRACTION_BITS);
}

// Four bytes as they lie, in the low lanes.
static inline __m128i load_4(const uint8_t *bytes) {
  int32_t word;
  memcpy(&word, bytes, 4);
  return _mm_cvtsi32_si128(word);
}

// Sums of one output pixel's halves, in lanes r, g, b; the fourth is the next pixel's, unused.
typedef struct row_sums {
  __m128i high;
  __m128i low;
} row_sums;

// A pair of taps: two pixels interleaved to (r r g g b b x x) in 16 bits, so that one pmaddwd multiplies and adds
// both taps of all three channels. 11 instructions for 6 multiply-adds, against 18 scalar ones.
static inline row_sums add_pair(row_sums sums, const uint8_t *a, const uint8_t *b, const fovea_tap_pair *pair) {
  const __m128i weights = _mm_loadl_epi64((const __m128i *)(const void *)pair);
  const __m128i both = _mm_unpacklo_epi8(_mm_unpacklo_epi8(load_4(a), load_4(b)), _mm_setzero_si128());
  return (row_sums){
      .high = _mm_add_epi32(sums.high, _mm_madd_epi16(both, _mm_shuffle_epi32(weights, 0x00))),
      .low = _mm_add_epi32(sums.low, _mm_madd_epi16(both, _mm_shuffle_epi32(weights, 0x55))),
  };
}

// One output pixel, in the low three bytes.
static inline int32_t resampled_pixel(const uint8_t *source, fovea_taps taps, const fovea_tap_pair *pairs) {
  const __m128i zero = _mm_setzero_si128();
  const uint8_t *pixel = source + (size_t)taps.first * 3;
  const fovea_tap_pair *pair = pairs + taps.offset;
  row_sums sums = {zero, zero};
  for (uint32_t t = 1; t < taps.count; t += 2, pair++, pixel += 6) {
    sums = add_pair(sums, pixel, pixel + 3, pair);
  }
  if (taps.count % 2 != 0) {
    sums = add_pair(sums, pixel, pixel, pair);  // the second time with weight 0
  }
  const __m128i words = _mm_packs_epi32(rounded_x4(sums.high, sums.low), zero);
  return _mm_cvtsi128_si32(_mm_packus_epi16(words, zero));
}

void fovea_resample_row(const uint8_t *source, const fovea_taps *taps, const fovea_tap_pair *pairs, size_t count,
                        uint8_t *out) {
  if (count == 0) {
    return;
  }
  for (size_t i = 0; i + 1 < count; i++) {
    const int32_t pixel = resampled_pixel(source, taps[i], pairs);
    memcpy(out + 3 * i, &pixel, 4);  // one store; the next pixel overwrites the fourth byte
  }
  const int32_t last = resampled_pixel(source, taps[count - 1], pairs);
  memcpy(out + 3 * (count - 1), &last, 3);
}

// Sixteen bytes of two rows a step; eight accumulators stay in registers over all rows.
void fovea_resample_column(const uint8_t *source, size_t stride, fovea_taps taps, const fovea_tap_pair *pairs,
                           size_t count, uint8_t *out) {
  const __m128i zero = _mm_setzero_si128();
  size_t x = 0;
  for (; x + 16 <= count; x += 16) {
    const uint8_t *row = source + (size_t)taps.first * stride + x;
    const fovea_tap_pair *pair = pairs + taps.offset;
    __m128i high[4] = {zero, zero, zero, zero};
    __m128i low[4] = {zero, zero, zero, zero};
    for (uint32_t t = 0; t < taps.count; t += 2, pair++, row += 2 * stride) {
      const __m128i weights = _mm_loadl_epi64((const __m128i *)(const void *)pair);
      const __m128i high_weights = _mm_shuffle_epi32(weights, 0x00);
      const __m128i low_weights = _mm_shuffle_epi32(weights, 0x55);
      const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)row);
      const uint8_t *next = t + 1 < taps.count ? row + stride : row;  // row once more, with weight 0
      const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)next);
      const __m128i left = _mm_unpacklo_epi8(a, b);
      const __m128i right = _mm_unpackhi_epi8(a, b);
      const __m128i both[4] = {_mm_unpacklo_epi8(left, zero), _mm_unpackhi_epi8(left, zero),
                               _mm_unpacklo_epi8(right, zero), _mm_unpackhi_epi8(right, zero)};
      for (int i = 0; i < 4; i++) {
        high[i] = _mm_add_epi32(high[i], _mm_madd_epi16(both[i], high_weights));
        low[i] = _mm_add_epi32(low[i], _mm_madd_epi16(both[i], low_weights));
      }
    }
    const __m128i left = _mm_packs_epi32(rounded_x4(high[0], low[0]), rounded_x4(high[1], low[1]));
    const __m128i right = _mm_packs_epi32(rounded_x4(high[2], low[2]), rounded_x4(high[3], low[3]));
    _mm_storeu_si128((__m128i *)(void *)(out + x), _mm_packus_epi16(left, right));
  }
  mix_columns(source, stride, taps, pairs, x, count, out);
}

#else

void fovea_resample_row(const uint8_t *source, const fovea_taps *taps, const fovea_tap_pair *pairs, size_t count,
                        uint8_t *out) {
  fovea_resample_row_portable(source, taps, pairs, count, out);
}

void fovea_resample_column(const uint8_t *source, size_t stride, fovea_taps taps, const fovea_tap_pair *pairs,
                           size_t count, uint8_t *out) {
  fovea_resample_column_portable(source, stride, taps, pairs, count, out);
}

#endif
