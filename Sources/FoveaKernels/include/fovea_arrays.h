#ifndef FOVEA_ARRAYS_H
#define FOVEA_ARRAYS_H

#include <stdint.h>

// Steps over [outer][length][inner] arrays, along the middle dimension: reductions, normalization, resampling. Portable C, which
// is the definition of the 8-bit ones' bits. `outer_begin ..< outer_end` lets threads share a step.

typedef enum fovea_reduction_operation {
  FOVEA_REDUCTION_SUM = 0,       ///< accumulated in f64
  FOVEA_REDUCTION_MAXIMUM = 1,
  FOVEA_REDUCTION_MINIMUM = 2,
  FOVEA_REDUCTION_PRODUCT = 3,
  FOVEA_REDUCTION_OPERATION_COUNT = 4
} fovea_reduction_operation;

/// [outer][length][inner] -> [outer][inner]; `operation` is a fovea_reduction_operation.
void fovea_reduce_f32(
    int32_t operation, const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin,
    int32_t outer_end);

/// (x - mean) / sqrt(variance + epsilon), mean and variance over the middle dimension, accumulated in f64.
void fovea_normalize_f32(
    const float *input, float *output, int32_t length, int32_t inner, float epsilon, int32_t outer_begin,
    int32_t outer_end);

/// [outer][input_length][inner] -> [outer][output_length][inner]: position i of the output is the sum over `taps` t of
/// weights[i * taps + t] * input position positions[i * taps + t].
typedef struct fovea_resample {
  int32_t input_length, output_length, inner, taps;
  const int32_t *positions;      ///< [output_length][taps], each in 0 ..< input_length
} fovea_resample;
/// Rows begin ..< end of outer * output_length.
void fovea_resample_f32(
    const fovea_resample *resample, const float *weights, const float *input, float *output, int32_t begin, int32_t end);
/// Weights in units of 2^-14, none negative, each position's adding up to 2^14: then zero points and scales of input and output are
/// the same. out = (sum + 2^13) >> 14.
void fovea_resample_u8(
    const fovea_resample *resample, const int32_t *weights, const uint8_t *input, uint8_t *output, int32_t begin, int32_t end);

#endif
