// Elementwise 8-bit steps. No libm, no allocation; written so that compilers vectorize the loops for SSE2 or NEON.

#include "byte_rows.h"
#include "fovea_steps.h"
#include "inline.h"

void fovea_add_u8_run(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  for (int32_t row = row_begin; row < row_end; row++) {
    fovea_add_row(
        add, add->a + (ptrdiff_t)row * add->a_stride, add->b + (ptrdiff_t)row * add->b_stride,
        add->output + (ptrdiff_t)row * add->columns, add->columns);
  }
}

void fovea_multiply_u8_run(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end) {
  for (int32_t row = row_begin; row < row_end; row++) {
    fovea_multiply_row(
        multiply, multiply->a + (ptrdiff_t)row * multiply->a_stride, multiply->b + (ptrdiff_t)row * multiply->b_stride,
        multiply->output + (ptrdiff_t)row * multiply->columns, multiply->columns);
  }
}

void fovea_table_u8(const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]) {
  for (size_t i = begin; i < end; i++) {
    output[i] = table[input[i]];
  }
}

void fovea_channel_tables_u8_run(
    const fovea_channel_tables_u8 *step, int32_t row_begin, int32_t row_end, int32_t channel_begin, int32_t channel_end) {
  for (int32_t row = row_begin; row < row_end; row++) {
    const uint8_t *input = step->input + (ptrdiff_t)row * step->channels;
    uint8_t *output = step->output + (ptrdiff_t)row * step->channels;
    for (int32_t c = channel_begin; c < channel_end; c++) {
      output[c] = step->tables[(ptrdiff_t)step->selection[c] * 256 + input[c]];
    }
  }
}

void fovea_quantize_u8(
    const float *input, uint8_t *output, size_t begin, size_t end, float scale, int32_t zero_point) {
  for (size_t i = begin; i < end; i++) {
    // A NaN becomes the lower bound: 0 whatever the zero point.
    output[i] = fovea_to_u8(input[i] / scale, zero_point, 0, 255);
  }
}

void fovea_dequantize_u8(
    const uint8_t *input, float *output, size_t begin, size_t end, float scale, int32_t zero_point) {
  for (size_t i = begin; i < end; i++) {
    output[i] = (float)(input[i] - zero_point) * scale;
  }
}

void fovea_fill_u8(uint8_t *output, size_t begin, size_t end, uint8_t value) {
  if (begin < end) {
    memset(output + begin, value, end - begin);
  }
}
