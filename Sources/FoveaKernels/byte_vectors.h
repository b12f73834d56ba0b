// The two-operand 8-bit steps with an instruction set's vectors. A file that includes this has defined
//
//   VECTOR_TARGET        the function attribute
//   words                a vector of 16-bit integers, `lanes` of them
//   widen(bytes)         `lanes` bytes as words
//   words_of(x)          one 16-bit value in every lane
//   constants            a type, and constants_of(rescale)
//   weighted(a, b, multipliers, bias, constants)   a * multipliers.a + b * multipliers.b + bias, requantized to words
//   product(a, b, constants)                       a * b, requantized to words
//   store(to, first, second, constants)            2 x `lanes` words clamped to bytes
//
// and fovea_{add,multiply}_u8_NAME in kernels.h call the two functions here. Products and sums are exact in 32 bits; their
// requantization is the definition's (byte_rows.h): one multiplication in binary32, half to even.
//
// AMD EPYC (Zen 4), 56x56x256 + 56x56x256: 32 GB/s with AVX-512, 27 with AVX2; the definition, vectorized by the compiler
// for AVX2, 17.

#include "byte_rows.h"
#include "kernels.h"

/// A row no narrower than two vectors. The last two overlap those before them.
FOVEA_INLINE VECTOR_TARGET void add_wide_row(
    const fovea_add_u8 *add, const uint8_t *a, const uint8_t *b, uint8_t *output, ptrdiff_t columns) {
  const constants constants = constants_of(add->rescale);
  const multipliers multipliers = multipliers_of(add->a_multiplier, add->b_multiplier, add->bias);
  for (ptrdiff_t c = 0; c < columns; c += 2 * lanes) {
    c = c + 2 * lanes <= columns ? c : columns - 2 * lanes;
    const words first = weighted(widen(a + c), widen(b + c), multipliers, constants);
    const words second = weighted(widen(a + c + lanes), widen(b + c + lanes), multipliers, constants);
    store(output + c, first, second, constants);
  }
}

FOVEA_INLINE VECTOR_TARGET void multiply_wide_row(
    const fovea_multiply_u8 *multiply, const uint8_t *a, const uint8_t *b, uint8_t *output, ptrdiff_t columns) {
  const constants constants = constants_of(multiply->rescale);
  const words a_zero_point = words_of(multiply->a_zero_point), b_zero_point = words_of(multiply->b_zero_point);
  for (ptrdiff_t c = 0; c < columns; c += 2 * lanes) {
    c = c + 2 * lanes <= columns ? c : columns - 2 * lanes;
    const words first = product(
        subtract(widen(a + c), a_zero_point), subtract(widen(b + c), b_zero_point), constants);
    const words second = product(
        subtract(widen(a + c + lanes), a_zero_point), subtract(widen(b + c + lanes), b_zero_point), constants);
    store(output + c, first, second, constants);
  }
}

/// Rows that follow each other in both operands are one long row.
#define FOVEA_RUN_ROWS(step, row_begin, row_end, wide_row, row)                                              \
  const int32_t columns = (step)->columns;                                                                   \
  const int is_dense = (step)->a_stride == columns && (step)->b_stride == columns;                           \
  const int32_t rows = is_dense ? 1 : (row_end) - (row_begin);                                               \
  const ptrdiff_t length = is_dense ? (ptrdiff_t)columns * ((row_end) - (row_begin)) : columns;              \
  for (int32_t i = 0; i < rows; i++) {                                                                       \
    const ptrdiff_t r = (row_begin) + i;                                                                     \
    const uint8_t *const a = (step)->a + r * (step)->a_stride, *const b = (step)->b + r * (step)->b_stride;  \
    uint8_t *const output = (step)->output + r * columns;                                                    \
    if (length < 2 * lanes) {                                                                                \
      row(step, a, b, output, length);                                                                       \
    } else {                                                                                                 \
      wide_row(step, a, b, output, length);                                                                  \
    }                                                                                                        \
  }

FOVEA_INLINE VECTOR_TARGET void add_rows(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  FOVEA_RUN_ROWS(add, row_begin, row_end, add_wide_row, fovea_add_row)
}

FOVEA_INLINE VECTOR_TARGET void multiply_rows(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  FOVEA_RUN_ROWS(multiply, row_begin, row_end, multiply_wide_row, fovea_multiply_row)
}
