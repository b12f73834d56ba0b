// The elementwise 8-bit steps with NEON.

#if defined(__aarch64__)

#include "fovea_steps.h"
#include "neon.h"

#define VECTOR_TARGET
typedef int16x8_t words;
enum { lanes = 8 };

typedef struct {
  fovea_neon_output output;
  float32x4_t scale;
} constants;

FOVEA_INLINE constants constants_of(fovea_rescale rescale) {
  const constants constants = {
      fovea_neon_output_of(rescale.zero_point, rescale.low, rescale.high), vdupq_n_f32(rescale.scale)};
  return constants;
}

typedef struct {
  int16x8_t a, b;
  int32x4_t bias;
} multipliers;

FOVEA_INLINE multipliers multipliers_of(int32_t a, int32_t b, int32_t bias) {
  const multipliers multipliers = {vdupq_n_s16((int16_t)a), vdupq_n_s16((int16_t)b), vdupq_n_s32(bias)};
  return multipliers;
}

FOVEA_INLINE words widen(const uint8_t *bytes) { return vreinterpretq_s16_u16(vmovl_u8(vld1_u8(bytes))); }

FOVEA_INLINE words words_of(int32_t x) { return vdupq_n_s16((int16_t)x); }

FOVEA_INLINE words subtract(words a, words b) { return vsubq_s16(a, b); }

FOVEA_INLINE words weighted(words a, words b, multipliers m, constants c) {
  const int32x4_t low = vmlal_s16(
      vmlal_s16(m.bias, vget_low_s16(a), vget_low_s16(m.a)), vget_low_s16(b), vget_low_s16(m.b));
  const int32x4_t high = vmlal_high_s16(vmlal_high_s16(m.bias, a, m.a), b, m.b);
  return fovea_neon_narrow(low, high, c.scale, c.scale, c.output);
}

FOVEA_INLINE words product(words a, words b, constants c) {
  return fovea_neon_narrow(
      vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b), c.scale, c.scale, c.output);
}

FOVEA_INLINE void store(uint8_t *to, words first, words second, constants c) {
  vst1q_u8(to, fovea_neon_pack(first, second, c.output));
}

#include "byte_vectors.h"

void fovea_add_u8_neon(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  add_rows(add, row_begin, row_end);
}

void fovea_multiply_u8_neon(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  multiply_rows(multiply, row_begin, row_end);
}

/// tbl gives 0, and tbx leaves alone, where an index is beyond its 64 entries.
void fovea_table_u8_neon(const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]) {
  const uint8x16x4_t t0 = vld1q_u8_x4(table), t1 = vld1q_u8_x4(table + 64);
  const uint8x16x4_t t2 = vld1q_u8_x4(table + 128), t3 = vld1q_u8_x4(table + 192);
  size_t i = begin;
  for (; i + 16 <= end; i += 16) {
    const uint8x16_t index = vld1q_u8(input + i);
    uint8x16_t found = vqtbl4q_u8(t0, index);
    found = vqtbx4q_u8(found, t1, vsubq_u8(index, vdupq_n_u8(64)));
    found = vqtbx4q_u8(found, t2, vsubq_u8(index, vdupq_n_u8(128)));
    found = vqtbx4q_u8(found, t3, vsubq_u8(index, vdupq_n_u8(192)));
    vst1q_u8(output + i, found);
  }
  fovea_table_u8(input, output, i, end, table);
}

#endif
