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

/// Channels by four, down the rows: their tables stay in registers. Row by row, each byte asks for its table first, and takes twice
/// as long.
void fovea_channel_tables_u8_run(
    const fovea_channel_tables_u8 *step, int32_t row_begin, int32_t row_end, int32_t channel_begin, int32_t channel_end) {
  const ptrdiff_t channels = step->channels, first = row_begin * channels;
  const int32_t rows = row_end - row_begin;
  int32_t c = channel_begin;
  for (; c + 4 <= channel_end; c += 4) {
    const uint8_t *t0 = step->tables + step->selection[c] * 256, *t1 = step->tables + step->selection[c + 1] * 256;
    const uint8_t *t2 = step->tables + step->selection[c + 2] * 256, *t3 = step->tables + step->selection[c + 3] * 256;
    const uint8_t *input = step->input + first + c;
    uint8_t *output = step->output + first + c;
    for (int32_t row = 0; row < rows; row++, input += channels, output += channels) {
      const uint8_t x0 = input[0], x1 = input[1], x2 = input[2], x3 = input[3];
      output[0] = t0[x0];
      output[1] = t1[x1];
      output[2] = t2[x2];
      output[3] = t3[x3];
    }
  }
  for (; c < channel_end; c++) {
    const uint8_t *table = step->tables + step->selection[c] * 256;
    const uint8_t *input = step->input + first + c;
    uint8_t *output = step->output + first + c;
    for (int32_t row = 0; row < rows; row++, input += channels, output += channels) {
      *output = table[*input];
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
