#ifndef FOVEA_BYTE_ROWS_H
#define FOVEA_BYTE_ROWS_H

#include "fovea_steps.h"
#include "inline.h"
#include "requantize.h"

// The definition of the elementwise 8-bit steps with two operands, a row at a time, in plain C: what portable code runs,
// and what the ends of rows run where vectors are too wide for them (byte_vectors.h).

/// 16-bit multipliers let SSE2, which has no 32-bit multiplication, use its 16-bit ones.
FOVEA_INLINE void fovea_add_row(
    const fovea_add_u8 *add, const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict output,
    ptrdiff_t columns) {
  const int16_t a_multiplier = (int16_t)add->a_multiplier, b_multiplier = (int16_t)add->b_multiplier;
  const int32_t bias = add->bias;
  const fovea_rescale rescale = add->rescale;
  for (ptrdiff_t c = 0; c < columns; c++) {
    const int16_t wide_a = a[c], wide_b = b[c];
    const int32_t sum = wide_a * a_multiplier + wide_b * b_multiplier + bias;
    output[c] = fovea_to_u8((float)sum * rescale.scale, rescale.zero_point, rescale.low, rescale.high);
  }
}

FOVEA_INLINE void fovea_multiply_row(
    const fovea_multiply_u8 *multiply, const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict output,
    ptrdiff_t columns) {
  const int16_t a_zero_point = (int16_t)multiply->a_zero_point, b_zero_point = (int16_t)multiply->b_zero_point;
  const fovea_rescale rescale = multiply->rescale;
  for (ptrdiff_t c = 0; c < columns; c++) {
    const int16_t wide_a = (int16_t)(a[c] - a_zero_point), wide_b = (int16_t)(b[c] - b_zero_point);
    const int32_t sum = wide_a * wide_b;
    output[c] = fovea_to_u8((float)sum * rescale.scale, rescale.zero_point, rescale.low, rescale.high);
  }
}

#endif
