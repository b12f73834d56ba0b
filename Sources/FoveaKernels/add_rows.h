#ifndef FOVEA_ADD_ROWS_H
#define FOVEA_ADD_ROWS_H

#include "fovea_steps.h"
#include "inline.h"
#include "requantize.h"

/// One row; 16-bit multipliers let SSE2, which has no 32-bit multiplication, use its 16-bit ones.
FOVEA_INLINE void fovea_add_row(
    const uint8_t *restrict a, const uint8_t *restrict b, uint8_t *restrict output, int32_t columns, int16_t a_multiplier,
    int16_t b_multiplier, int32_t bias, const fovea_rescale rescale) {
  for (int32_t c = 0; c < columns; c++) {
    const int16_t wide_a = a[c], wide_b = b[c];
    const int32_t sum = wide_a * a_multiplier + wide_b * b_multiplier + bias;
    output[c] = fovea_to_u8((float)sum * rescale.scale, rescale.zero_point, rescale.low, rescale.high);
  }
}

/// The whole step: the compiler vectorizes it for whatever instruction set its caller is compiled for.
FOVEA_INLINE void fovea_add_rows(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  for (int32_t row = row_begin; row < row_end; row++) {
    fovea_add_row(
        add->a + (ptrdiff_t)row * add->a_stride, add->b + (ptrdiff_t)row * add->b_stride,
        add->output + (ptrdiff_t)row * add->columns, add->columns, (int16_t)add->a_multiplier,
        (int16_t)add->b_multiplier, add->bias, add->rescale);
  }
}

#endif
