// Strided copies: transpose, slice, split, concatenation, broadcast, the inside of a pad.

#include "fovea_steps.h"
#include "inline.h"

enum { dimensions = 6 };

int32_t fovea_copy_outer(const fovea_copy *copy) {
  for (int d = 0; d < dimensions; d++) {
    if (copy->sizes[d] > 1) {
      return copy->sizes[d];
    }
  }
  return 1;
}

/// The two innermost dimensions of a copy, in elements.
typedef struct {
  ptrdiff_t rows, columns;
  ptrdiff_t input_row, input_column, output_row, output_column;
} plane;

static void copy_plane_u8(const uint8_t *input, uint8_t *output, plane p) {
  for (ptrdiff_t r = 0; r < p.rows; r++, input += p.input_row, output += p.output_row) {
    if (p.output_column == 1 && p.input_column == 1) {
      memcpy(output, input, (size_t)p.columns);
    } else if (p.output_column == 1 && p.input_column == 0) {
      memset(output, *input, (size_t)p.columns);
    } else {
      for (ptrdiff_t c = 0; c < p.columns; c++) {
        output[c * p.output_column] = input[c * p.input_column];
      }
    }
  }
}

static void copy_plane_table(const uint8_t *input, uint8_t *output, plane p, const uint8_t table[256]) {
  for (ptrdiff_t r = 0; r < p.rows; r++, input += p.input_row, output += p.output_row) {
    for (ptrdiff_t c = 0; c < p.columns; c++) {
      output[c * p.output_column] = table[input[c * p.input_column]];
    }
  }
}

static void copy_plane_u32(const uint32_t *input, uint32_t *output, plane p) {
  for (ptrdiff_t r = 0; r < p.rows; r++, input += p.input_row, output += p.output_row) {
    if (p.output_column == 1 && p.input_column == 1) {
      memcpy(output, input, (size_t)p.columns * 4);
    } else {
      for (ptrdiff_t c = 0; c < p.columns; c++) {
        output[c * p.output_column] = input[c * p.input_column];
      }
    }
  }
}

/// Drops dimensions of one element and joins neighbours that are one run of memory on both sides, so that the inner loop is
/// as long as it can be. Returns how many dimensions are left; they are the last ones.
static int simplify(int32_t sizes[dimensions], int32_t inputs[dimensions], int32_t outputs[dimensions]) {
  int first = dimensions;
  for (int d = dimensions - 1; d >= 0; d--) {
    if (sizes[d] == 1) {
      continue;
    }
    if (first < dimensions && (int64_t)inputs[first] * sizes[first] == inputs[d]
        && (int64_t)outputs[first] * sizes[first] == outputs[d]) {
      sizes[first] *= sizes[d];
    } else {
      first--;
      sizes[first] = sizes[d];
      inputs[first] = inputs[d];
      outputs[first] = outputs[d];
    }
  }
  for (int d = 0; d < first; d++) {
    sizes[d] = 1;
    inputs[d] = outputs[d] = 0;
  }
  return dimensions - first;
}

void fovea_copy_run(const fovea_copy *copy, int32_t begin, int32_t end) {
  int32_t sizes[dimensions], inputs[dimensions], outputs[dimensions];
  memcpy(sizes, copy->sizes, sizeof sizes);
  memcpy(inputs, copy->input_strides, sizeof inputs);
  memcpy(outputs, copy->output_strides, sizeof outputs);
  for (int d = 0; d < dimensions; d++) {
    if (sizes[d] < 1) {
      return;
    }
  }

  int outer = 0;
  while (outer < dimensions - 1 && sizes[outer] == 1) {
    outer++;
  }
  if (begin >= end) {
    return;
  }
  ptrdiff_t input_offset = copy->input_offset + (ptrdiff_t)begin * inputs[outer];
  ptrdiff_t output_offset = copy->output_offset + (ptrdiff_t)begin * outputs[outer];
  sizes[outer] = end - begin;
  simplify(sizes, inputs, outputs);

  const plane p = {
      .rows = sizes[4], .columns = sizes[5], .input_row = inputs[4], .input_column = inputs[5],
      .output_row = outputs[4], .output_column = outputs[5],
  };
  int32_t index[4] = {0, 0, 0, 0};
  for (;;) {
    if (copy->element_size == 4) {
      copy_plane_u32((const uint32_t *)copy->input + input_offset, (uint32_t *)copy->output + output_offset, p);
    } else if (copy->table) {
      copy_plane_table(
          (const uint8_t *)copy->input + input_offset, (uint8_t *)copy->output + output_offset, p, copy->table);
    } else {
      copy_plane_u8((const uint8_t *)copy->input + input_offset, (uint8_t *)copy->output + output_offset, p);
    }
    // Count up, innermost of the four outer dimensions first.
    int d = 3;
    while (d >= 0 && ++index[d] == sizes[d]) {
      input_offset -= (ptrdiff_t)inputs[d] * (sizes[d] - 1);
      output_offset -= (ptrdiff_t)outputs[d] * (sizes[d] - 1);
      index[d--] = 0;
    }
    if (d < 0) {
      return;
    }
    input_offset += inputs[d];
    output_offset += outputs[d];
  }
}
