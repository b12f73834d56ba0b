#ifndef FOVEA_ELEMENTWISE_F32_H
#define FOVEA_ELEMENTWISE_F32_H

#include "conv_f32.h"
#include "functions_f32.h"

// Elementwise steps of two inputs, for the instruction set whose vector_*.h was included before.

/// Floats that stay in the first-level cache between the operation and an activation that is no clamp.
enum { elementwise_chunk = 1024 };

FOVEA_INLINE FOVEA_VECTOR vector elementwise_result(const int operation, vector a, vector b) {
  switch (operation) {
    case FOVEA_BINARY_SUBTRACT: return vector_subtract(a, b);
    case FOVEA_BINARY_MULTIPLY: return vector_multiply(a, b);
    case FOVEA_BINARY_DIVIDE: return vector_divide(a, b);
    case FOVEA_BINARY_PRELU: return vector_select_less(a, vector_all(0.0f), vector_multiply(a, b), a);
    default: return vector_add(a, b);
  }
}

/// `operation` is a constant.
FOVEA_INLINE FOVEA_VECTOR void elementwise_row(
    const int operation, const float *a, const float *b, float *output, size_t count, vector low, vector high) {
  size_t i = 0;
  for (; i + vector_lanes <= count; i += vector_lanes) {
    const vector result = elementwise_result(operation, vector_load(a + i), vector_load(b + i));
    vector_store(output + i, vector_clamp(result, low, high));
  }
  if (i < count) {
    const int32_t left = (int32_t)(count - i);
    const vector result = elementwise_result(operation, vector_load_some(a + i, left), vector_load_some(b + i, left));
    vector_store_some(output + i, vector_clamp(result, low, high), left);
  }
}

FOVEA_INLINE FOVEA_VECTOR void elementwise_rows(
    const int operation, const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end) {
  float low, high;
  fovea_f32_clamp(&binary->activation, &low, &high);
  // Rows that follow each other in all three arrays are one long row.
  const int is_dense = binary->a_stride == binary->columns && binary->b_stride == binary->columns;
  const size_t rows = (size_t)(row_end > row_begin ? row_end - row_begin : 0), width = (size_t)binary->columns;
  const size_t columns = is_dense ? rows * width : width;
  for (size_t row = 0; row < (is_dense && rows > 0 ? 1 : rows); row++) {
    const float *const a = binary->a + (ptrdiff_t)(row_begin + (int32_t)row) * binary->a_stride;
    const float *const b = binary->b + (ptrdiff_t)(row_begin + (int32_t)row) * binary->b_stride;
    float *const output = binary->output + ((size_t)row_begin + row) * width;
    for (size_t c = 0; c < columns; c += elementwise_chunk) {
      const size_t count = columns - c < elementwise_chunk ? columns - c : elementwise_chunk;
      elementwise_row(operation, a + c, b + c, output + c, count, vector_all(low), vector_all(high));
      if (!fovea_f32_is_clamp(&binary->activation)) {
        functions_unary(&binary->activation, output + c, output + c, 0, count);
      }
    }
  }
}

/// `fovea_binary_f32_run` with vectors; operations that few networks use are left to that.
FOVEA_INLINE FOVEA_VECTOR void elementwise_binary(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end) {
  switch (binary->operation) {
    case FOVEA_BINARY_ADD: elementwise_rows(FOVEA_BINARY_ADD, binary, row_begin, row_end); break;
    case FOVEA_BINARY_SUBTRACT: elementwise_rows(FOVEA_BINARY_SUBTRACT, binary, row_begin, row_end); break;
    case FOVEA_BINARY_MULTIPLY: elementwise_rows(FOVEA_BINARY_MULTIPLY, binary, row_begin, row_end); break;
    case FOVEA_BINARY_DIVIDE: elementwise_rows(FOVEA_BINARY_DIVIDE, binary, row_begin, row_end); break;
    case FOVEA_BINARY_PRELU: elementwise_rows(FOVEA_BINARY_PRELU, binary, row_begin, row_end); break;
    default: fovea_binary_f32_run(binary, row_begin, row_end);
  }
}

#endif
