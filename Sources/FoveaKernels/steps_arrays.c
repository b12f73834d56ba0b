// Reductions and normalization over the middle dimension, and resampling along it.

#include "fovea_arrays.h"
#include "inline.h"

// The square root that every compiler has as an instruction or from its C library.
FOVEA_INLINE double square_root(double x) { return __builtin_sqrt(x); }

FOVEA_INLINE double combine(int32_t operation, double a, double b) {
  switch (operation) {
    case FOVEA_REDUCTION_MAXIMUM:
      return b > a || b != b ? b : a;
    case FOVEA_REDUCTION_MINIMUM:
      return b < a || b != b ? b : a;
    case FOVEA_REDUCTION_PRODUCT:
      return a * b;
    default:  // FOVEA_REDUCTION_SUM
      return a + b;
  }
}

void fovea_reduce_f32(
    int32_t operation, const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin,
    int32_t outer_end) {
  for (ptrdiff_t outer = outer_begin; outer < outer_end; outer++) {
    const float *from = input + outer * length * inner;
    float *to = output + outer * inner;
    for (ptrdiff_t column = 0; column < inner; column++) {
      double result = from[column];
      for (ptrdiff_t i = 1; i < length; i++) {
        result = combine(operation, result, from[i * inner + column]);
      }
      to[column] = (float)result;
    }
  }
}

void fovea_normalize_f32(
    const float *input, float *output, int32_t length, int32_t inner, float epsilon, int32_t outer_begin,
    int32_t outer_end) {
  for (ptrdiff_t outer = outer_begin; outer < outer_end; outer++) {
    const float *from = input + outer * length * inner;
    float *to = output + outer * length * inner;
    for (ptrdiff_t column = 0; column < inner; column++) {
      double sum = 0.0;
      for (ptrdiff_t i = 0; i < length; i++) {
        sum += from[i * inner + column];
      }
      const double mean = sum / length;
      // Around the mean in a second pass: the difference of two large sums would lose what is asked for.
      double squares = 0.0;
      for (ptrdiff_t i = 0; i < length; i++) {
        const double difference = from[i * inner + column] - mean;
        squares += difference * difference;
      }
      const double factor = 1.0 / square_root(squares / length + epsilon);
      for (ptrdiff_t i = 0; i < length; i++) {
        to[i * inner + column] = (float)((from[i * inner + column] - mean) * factor);
      }
    }
  }
}

void fovea_resample_f32(
    const fovea_resample *resample, const float *weights, const float *input, float *output, int32_t begin, int32_t end) {
  const ptrdiff_t inner = resample->inner, taps = resample->taps;
  for (ptrdiff_t row = begin; row < end; row++) {
    const ptrdiff_t outer = row / resample->output_length, place = row % resample->output_length;
    const float *from = input + outer * resample->input_length * inner;
    float *to = output + row * inner;
    for (ptrdiff_t tap = 0; tap < taps; tap++) {
      const float weight = weights[place * taps + tap];
      const float *source = from + resample->positions[place * taps + tap] * inner;
      if (tap == 0) {
        for (ptrdiff_t c = 0; c < inner; c++) {
          to[c] = weight * source[c];
        }
      } else {
        for (ptrdiff_t c = 0; c < inner; c++) {
          to[c] += weight * source[c];
        }
      }
    }
  }
}

void fovea_resample_u8(
    const fovea_resample *resample, const int32_t *weights, const uint8_t *input, uint8_t *output, int32_t begin,
    int32_t end) {
  const ptrdiff_t inner = resample->inner, taps = resample->taps;
  for (ptrdiff_t row = begin; row < end; row++) {
    const ptrdiff_t outer = row / resample->output_length, place = row % resample->output_length;
    const uint8_t *from = input + outer * resample->input_length * inner;
    const int32_t *positions = resample->positions + place * taps;
    const int32_t *own = weights + place * taps;
    uint8_t *to = output + row * inner;
    if (taps == 1) {  // one position of weight 1
      memcpy(to, from + positions[0] * inner, (size_t)inner);
    } else if (taps == 2) {
      const uint8_t *a = from + positions[0] * inner, *b = from + positions[1] * inner;
      const int32_t p = own[0], q = own[1];
      for (ptrdiff_t c = 0; c < inner; c++) {
        to[c] = (uint8_t)((a[c] * p + b[c] * q + (1 << 13)) >> 14);
      }
    } else {
      for (ptrdiff_t c = 0; c < inner; c++) {
        int32_t sum = 1 << 13;
        for (ptrdiff_t tap = 0; tap < taps; tap++) {
          sum += from[positions[tap] * inner + c] * own[tap];
        }
        to[c] = (uint8_t)(sum >> 14);
      }
    }
  }
}
