// Float steps that may need libm's expf and tanhf. A program of 8-bit steps links none of this.

#include "elementary_functions.h"
#include "fovea_steps.h"
#include "inline.h"

#if __has_include(<math.h>)
#include <math.h>
#else
float expf(float x);
float tanhf(float x);
float powf(float x, float y);
#endif

FOVEA_INLINE float clamp(float x, float low, float high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

FOVEA_INLINE float sigmoid(float x) { return 1.0f / (1.0f + expf(-x)); }

void fovea_unary_f32(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end) {
  const float alpha = unary->alpha, beta = unary->beta;
  switch (unary->operation) {
    case FOVEA_UNARY_CLAMP:
      for (size_t i = begin; i < end; i++) {
        output[i] = clamp(input[i], alpha, beta);
      }
      break;
    case FOVEA_UNARY_LEAKY_RELU:
      for (size_t i = begin; i < end; i++) {
        output[i] = input[i] < 0.0f ? alpha * input[i] : input[i];
      }
      break;
    case FOVEA_UNARY_SIGMOID:
      for (size_t i = begin; i < end; i++) {
        output[i] = sigmoid(input[i]);
      }
      break;
    case FOVEA_UNARY_HARD_SIGMOID:
      for (size_t i = begin; i < end; i++) {
        output[i] = clamp(alpha * input[i] + beta, 0.0f, 1.0f);
      }
      break;
    case FOVEA_UNARY_HARD_SWISH:
      for (size_t i = begin; i < end; i++) {
        output[i] = input[i] * clamp(input[i] * (1.0f / 6.0f) + 0.5f, 0.0f, 1.0f);
      }
      break;
    case FOVEA_UNARY_TANH:
      for (size_t i = begin; i < end; i++) {
        output[i] = tanhf(input[i]);
      }
      break;
    case FOVEA_UNARY_SILU:
      for (size_t i = begin; i < end; i++) {
        output[i] = input[i] * sigmoid(input[i]);
      }
      break;
    default:
      fovea_elementary_f32(unary, input, output, begin, end);
      break;
    case FOVEA_UNARY_IDENTITY:
      if (output != input) {
        for (size_t i = begin; i < end; i++) {
          output[i] = input[i];
        }
      }
      break;
  }
}

static void binary_row(int32_t operation, const float *a, const float *b, float *output, size_t columns) {
  switch (operation) {
    case FOVEA_BINARY_SUBTRACT:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] - b[c];
      }
      break;
    case FOVEA_BINARY_MULTIPLY:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] * b[c];
      }
      break;
    case FOVEA_BINARY_DIVIDE:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] / b[c];
      }
      break;
    case FOVEA_BINARY_MINIMUM:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] < b[c] || a[c] != a[c] ? a[c] : b[c];
      }
      break;
    case FOVEA_BINARY_MAXIMUM:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] > b[c] || a[c] != a[c] ? a[c] : b[c];
      }
      break;
    case FOVEA_BINARY_POWER:
      for (size_t c = 0; c < columns; c++) {
        output[c] = powf(a[c], b[c]);
      }
      break;
    case FOVEA_BINARY_PRELU:
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] < 0.0f ? a[c] * b[c] : a[c];
      }
      break;
    default:  // FOVEA_BINARY_ADD
      for (size_t c = 0; c < columns; c++) {
        output[c] = a[c] + b[c];
      }
      break;
  }
}

/// Floats that stay in the first-level cache between the operation and its activation.
enum { binary_chunk = 1024 };

void fovea_binary_f32_run(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end) {
  // Rows that follow each other in all three arrays are one long row.
  const int is_dense = binary->a_stride == binary->columns && binary->b_stride == binary->columns;
  const size_t rows = (size_t)(row_end > row_begin ? row_end - row_begin : 0), width = (size_t)binary->columns;
  const size_t columns = is_dense ? rows * width : width;
  for (size_t row = 0; row < (is_dense ? 1 : rows); row++) {
    const float *const a = binary->a + (ptrdiff_t)(row_begin + (int32_t)row) * binary->a_stride;
    const float *const b = binary->b + (ptrdiff_t)(row_begin + (int32_t)row) * binary->b_stride;
    float *const output = binary->output + ((size_t)row_begin + row) * width;
    for (size_t c = 0; c < columns; c += binary_chunk) {
      const size_t count = columns - c < binary_chunk ? columns - c : binary_chunk;
      binary_row(binary->operation, a + c, b + c, output + c, count);
      fovea_unary_f32(&binary->activation, output + c, output + c, 0, count);
    }
  }
}

void fovea_softmax_f32(
    const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin, int32_t outer_end) {
  for (int32_t outer = outer_begin; outer < outer_end; outer++) {
    for (int32_t column = 0; column < inner; column++) {
      const float *from = input + (ptrdiff_t)outer * length * inner + column;
      float *to = output + (ptrdiff_t)outer * length * inner + column;
      float largest = from[0];
      for (ptrdiff_t i = 1; i < length; i++) {
        largest = from[i * inner] > largest ? from[i * inner] : largest;
      }
      float sum = 0.0f;
      for (ptrdiff_t i = 0; i < length; i++) {
        to[i * inner] = expf(from[i * inner] - largest);
        sum += to[i * inner];
      }
      for (ptrdiff_t i = 0; i < length; i++) {
        to[i * inner] /= sum;
      }
    }
  }
}
