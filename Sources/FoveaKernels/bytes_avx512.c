// The elementwise 8-bit steps with AVX-512.

#if defined(__x86_64__) || defined(FOVEA_SIMDE)

#include "avx512vnni.h"
#include "fovea_steps.h"

#define VECTOR_TARGET FOVEA_AVX512
typedef __m512i words;
enum { lanes = 32 };

typedef struct {
  fovea_avx512_output output;
  __m512 scale;
} constants;

FOVEA_INLINE FOVEA_AVX512 constants constants_of(fovea_rescale rescale) {
  const constants constants = {
      fovea_avx512_output_of(rescale.zero_point, rescale.low, rescale.high), _mm512_set1_ps(rescale.scale)};
  return constants;
}

typedef struct {
  __m512i pair, bias;
} multipliers;

FOVEA_INLINE FOVEA_AVX512 multipliers multipliers_of(int32_t a, int32_t b, int32_t bias) {
  const multipliers multipliers = {
      _mm512_unpacklo_epi16(_mm512_set1_epi16((short)a), _mm512_set1_epi16((short)b)), _mm512_set1_epi32(bias)};
  return multipliers;
}

FOVEA_INLINE FOVEA_AVX512 words widen(const uint8_t *bytes) {
  return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)bytes));
}

FOVEA_INLINE FOVEA_AVX512 words words_of(int32_t x) { return _mm512_set1_epi16((short)x); }

FOVEA_INLINE FOVEA_AVX512 words subtract(words a, words b) { return _mm512_sub_epi16(a, b); }

FOVEA_INLINE FOVEA_AVX512 words weighted(words a, words b, multipliers m, constants c) {
  const __m512i low = _mm512_add_epi32(_mm512_madd_epi16(_mm512_unpacklo_epi16(a, b), m.pair), m.bias);
  const __m512i high = _mm512_add_epi32(_mm512_madd_epi16(_mm512_unpackhi_epi16(a, b), m.pair), m.bias);
  return fovea_avx512_narrow(low, high, c.scale, c.scale, c.output);
}

FOVEA_INLINE FOVEA_AVX512 words product(words a, words b, constants c) {
  const __m512i low = _mm512_mullo_epi16(a, b), high = _mm512_mulhi_epi16(a, b);
  return fovea_avx512_narrow(
      _mm512_unpacklo_epi16(low, high), _mm512_unpackhi_epi16(low, high), c.scale, c.scale, c.output);
}

FOVEA_INLINE FOVEA_AVX512 void store(uint8_t *to, words first, words second, constants c) {
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  _mm512_storeu_si512(to, _mm512_permutexvar_epi64(order, fovea_avx512_pack(first, second, c.output)));
}

#include "byte_vectors.h"

FOVEA_AVX512 void fovea_add_u8_avx512(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  add_rows(add, row_begin, row_end);
}

FOVEA_AVX512 void fovea_multiply_u8_avx512(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  multiply_rows(multiply, row_begin, row_end);
}

#if !defined(FOVEA_SIMDE)

/// Two lookups among 128 entries and a selection. AVX-512 VNNI is older than VBMI: `fovea_int8_avx512vnni` has AVX2's
/// function, sessions on CPUs that have VBMI take this one.
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) void fovea_table_u8_avx512vbmi(
    const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]) {
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  for (size_t i = begin; i < end; i += 64) {
    const __mmask64 inside = end - i < 64 ? ~0ull >> (64 - (end - i)) : ~0ull;
    const __m512i index = _mm512_maskz_loadu_epi8(inside, input + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, index, t1), high = _mm512_permutex2var_epi8(t2, index, t3);
    _mm512_mask_storeu_epi8(output + i, inside, _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high));
  }
}

/// Channels by 64: each of the tables that they choose among is looked up for all, and taken where it is theirs.
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) void fovea_channel_tables_u8_avx512vbmi(
    const fovea_channel_tables_u8 *step, int32_t row_begin, int32_t row_end, int32_t channel_begin, int32_t channel_end) {
  for (int32_t c = channel_begin; c < channel_end; c += 64) {
    const __mmask64 inside = channel_end - c < 64 ? ~0ull >> (64 - (channel_end - c)) : ~0ull;
    const __m512i selection = _mm512_maskz_loadu_epi8(inside, step->selection + c);
    const uint8_t *tables[64];
    __mmask64 theirs[64];
    int count = 0;
    for (__mmask64 left = inside; left != 0; left &= ~theirs[count++]) {
      const uint8_t number = step->selection[c + __builtin_ctzll(left)];
      tables[count] = step->tables + (ptrdiff_t)number * 256;
      theirs[count] = _mm512_mask_cmpeq_epi8_mask(left, selection, _mm512_set1_epi8((char)number));
    }
    for (int32_t row = row_begin; row < row_end; row++) {
      const ptrdiff_t place = (ptrdiff_t)row * step->channels + c;
      const __m512i index = _mm512_maskz_loadu_epi8(inside, step->input + place);
      const __mmask64 upper = _mm512_movepi8_mask(index);
      __m512i result = _mm512_setzero_si512();
      for (int i = 0; i < count; i++) {
        const uint8_t *table = tables[i];
        const __m512i low = _mm512_permutex2var_epi8(_mm512_loadu_si512(table), index, _mm512_loadu_si512(table + 64));
        const __m512i high =
            _mm512_permutex2var_epi8(_mm512_loadu_si512(table + 128), index, _mm512_loadu_si512(table + 192));
        result = _mm512_mask_mov_epi8(result, theirs[i], _mm512_mask_blend_epi8(upper, low, high));
      }
      _mm512_mask_storeu_epi8(step->output + place, inside, result);
    }
  }
}

#endif

#endif
