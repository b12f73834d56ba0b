// Float steps that need no function of libm.

#include "fovea_steps.h"
#include "inline.h"

void fovea_fill_f32(float *output, size_t begin, size_t end, float value) {
  for (size_t i = begin; i < end; i++) {
    output[i] = value;
  }
}

void fovea_mean_f32(
    const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin, int32_t outer_end) {
  enum { chunk = 64 };
  for (int32_t outer = outer_begin; outer < outer_end; outer++) {
    const float *from = input + (ptrdiff_t)outer * length * inner;
    float *to = output + (ptrdiff_t)outer * inner;
    for (int32_t first = 0; first < inner; first += chunk) {
      const int32_t count = inner - first < chunk ? inner - first : chunk;
      double sums[chunk] = {0};
      for (int32_t i = 0; i < length; i++) {
        for (int32_t c = 0; c < count; c++) {
          sums[c] += (double)from[(ptrdiff_t)i * inner + first + c];
        }
      }
      for (int32_t c = 0; c < count; c++) {
        to[first + c] = (float)(sums[c] / length);
      }
    }
  }
}
