// The elementwise 8-bit steps with AVX2.

#if defined(__x86_64__)

#include "avx2.h"
#include "fovea_steps.h"

#define VECTOR_TARGET FOVEA_AVX2
typedef __m256i words;
enum { lanes = 16 };

typedef struct {
  fovea_avx2_output output;
  __m256 scale;
} constants;

FOVEA_INLINE FOVEA_AVX2 constants constants_of(fovea_rescale rescale) {
  const constants constants = {
      fovea_avx2_output_of(rescale.zero_point, rescale.low, rescale.high), _mm256_set1_ps(rescale.scale)};
  return constants;
}

typedef struct {
  __m256i pair, bias;
} multipliers;

FOVEA_INLINE FOVEA_AVX2 multipliers multipliers_of(int32_t a, int32_t b, int32_t bias) {
  const multipliers multipliers = {
      _mm256_unpacklo_epi16(_mm256_set1_epi16((short)a), _mm256_set1_epi16((short)b)), _mm256_set1_epi32(bias)};
  return multipliers;
}

FOVEA_INLINE FOVEA_AVX2 words widen(const uint8_t *bytes) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)bytes));
}

FOVEA_INLINE FOVEA_AVX2 words words_of(int32_t x) { return _mm256_set1_epi16((short)x); }

FOVEA_INLINE FOVEA_AVX2 words subtract(words a, words b) { return _mm256_sub_epi16(a, b); }

/// What unpacking took apart within 128-bit lanes, packing puts together in order.
FOVEA_INLINE FOVEA_AVX2 words narrow(__m256i low, __m256i high, constants c) {
  return _mm256_adds_epi16(
      _mm256_packs_epi32(fovea_avx2_round(low, c.scale), fovea_avx2_round(high, c.scale)), c.output.zero_point);
}

FOVEA_INLINE FOVEA_AVX2 words weighted(words a, words b, multipliers m, constants c) {
  return narrow(
      _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), m.pair), m.bias),
      _mm256_add_epi32(_mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), m.pair), m.bias), c);
}

FOVEA_INLINE FOVEA_AVX2 words product(words a, words b, constants c) {
  const __m256i low = _mm256_mullo_epi16(a, b), high = _mm256_mulhi_epi16(a, b);
  return narrow(_mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high), c);
}

FOVEA_INLINE FOVEA_AVX2 void store(uint8_t *to, words first, words second, constants c) {
  const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packus_epi16(first, second), 0xd8);
  _mm256_storeu_si256(
      (__m256i *)(void *)to, _mm256_min_epu8(_mm256_max_epu8(bytes, c.output.low), c.output.high));
}

#include "byte_vectors.h"

FOVEA_AVX2 void fovea_add_u8_avx2(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  add_rows(add, row_begin, row_end);
}

FOVEA_AVX2 void fovea_multiply_u8_avx2(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  multiply_rows(multiply, row_begin, row_end);
}

/// 16 entries, twice: what vpshufb looks 32 low halves of bytes up in.
FOVEA_INLINE FOVEA_AVX2 __m256i entries(const uint8_t *table, int part) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(table + 16 * part)));
}

/// The four parts from `first` on, by bits 4 and 5 of the index (moved to bit 7, where vpblendvb looks).
FOVEA_INLINE FOVEA_AVX2 __m256i look_up_64(const uint8_t *table, int first, __m256i low, __m256i bit4, __m256i bit5) {
  const __m256i a = _mm256_blendv_epi8(
      _mm256_shuffle_epi8(entries(table, first), low), _mm256_shuffle_epi8(entries(table, first + 1), low), bit4);
  const __m256i b = _mm256_blendv_epi8(
      _mm256_shuffle_epi8(entries(table, first + 2), low), _mm256_shuffle_epi8(entries(table, first + 3), low), bit4);
  return _mm256_blendv_epi8(a, b, bit5);
}

/// All 16 parts of the table, of which four levels of selection take one: 36 instructions for 32 bytes, where loads of single
/// bytes are 64.
FOVEA_AVX2 void fovea_table_u8_avx2(
    const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]) {
  size_t i = begin;
  for (; i + 32 <= end; i += 32) {
    const __m256i index = _mm256_loadu_si256((const __m256i *)(const void *)(input + i));
    const __m256i low = _mm256_and_si256(index, _mm256_set1_epi8(15));
    // Bits that cross into the neighbouring byte fall below its bit 7.
    const __m256i bit4 = _mm256_slli_epi16(index, 3), bit5 = _mm256_slli_epi16(index, 2);
    const __m256i bit6 = _mm256_slli_epi16(index, 1);
    const __m256i lower = _mm256_blendv_epi8(
        look_up_64(table, 0, low, bit4, bit5), look_up_64(table, 4, low, bit4, bit5), bit6);
    const __m256i upper = _mm256_blendv_epi8(
        look_up_64(table, 8, low, bit4, bit5), look_up_64(table, 12, low, bit4, bit5), bit6);
    _mm256_storeu_si256((__m256i *)(void *)(output + i), _mm256_blendv_epi8(lower, upper, index));
  }
  fovea_table_u8(input, output, i, end, table);
}

#endif
