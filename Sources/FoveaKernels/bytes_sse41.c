// The two-operand 8-bit steps with SSE4.1.

#if defined(__x86_64__)

#include "fovea_steps.h"
#include "sse41.h"

#define VECTOR_TARGET FOVEA_SSE41
typedef __m128i words;
enum { lanes = 8 };

typedef struct {
  fovea_sse41_output output;
  __m128 scale;
} constants;

FOVEA_INLINE FOVEA_SSE41 constants constants_of(fovea_rescale rescale) {
  const constants constants = {
      fovea_sse41_output_of(rescale.zero_point, rescale.low, rescale.high), _mm_set1_ps(rescale.scale)};
  return constants;
}

typedef struct {
  __m128i pair, bias;
} multipliers;

FOVEA_INLINE FOVEA_SSE41 multipliers multipliers_of(int32_t a, int32_t b, int32_t bias) {
  const multipliers multipliers = {
      _mm_unpacklo_epi16(_mm_set1_epi16((short)a), _mm_set1_epi16((short)b)), _mm_set1_epi32(bias)};
  return multipliers;
}

FOVEA_INLINE FOVEA_SSE41 words widen(const uint8_t *bytes) {
  return _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)bytes));
}

FOVEA_INLINE FOVEA_SSE41 words words_of(int32_t x) { return _mm_set1_epi16((short)x); }

FOVEA_INLINE FOVEA_SSE41 words subtract(words a, words b) { return _mm_sub_epi16(a, b); }

FOVEA_INLINE FOVEA_SSE41 words weighted(words a, words b, multipliers m, constants c) {
  const __m128i low = _mm_add_epi32(_mm_madd_epi16(_mm_unpacklo_epi16(a, b), m.pair), m.bias);
  const __m128i high = _mm_add_epi32(_mm_madd_epi16(_mm_unpackhi_epi16(a, b), m.pair), m.bias);
  return fovea_sse41_narrow(low, high, c.scale, c.scale, c.output);
}

FOVEA_INLINE FOVEA_SSE41 words product(words a, words b, constants c) {
  const __m128i low = _mm_mullo_epi16(a, b), high = _mm_mulhi_epi16(a, b);
  return fovea_sse41_narrow(
      _mm_unpacklo_epi16(low, high), _mm_unpackhi_epi16(low, high), c.scale, c.scale, c.output);
}

FOVEA_INLINE FOVEA_SSE41 void store(uint8_t *to, words first, words second, constants c) {
  _mm_storeu_si128((__m128i *)(void *)to, fovea_sse41_pack(first, second, c.output));
}

#include "byte_vectors.h"

FOVEA_SSE41 void fovea_add_u8_sse41(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  add_rows(add, row_begin, row_end);
}

FOVEA_SSE41 void fovea_multiply_u8_sse41(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  multiply_rows(multiply, row_begin, row_end);
}

#endif
