#ifndef FOVEA_CONV_H
#define FOVEA_CONV_H

#include "fovea_steps.h"

#include <stddef.h>
#include <stdint.h>

// 8-bit convolution: u8 NHWC activations x s8 weights, s32 sums that never saturate, one requantization.
//
// Rounding, the same for every instruction set. With `sum` the exact s32 sum of products plus bias:
//
//     u8 output:   clamp(round_half_even((float)sum * scale[n]) + zero_point, low, high)
//     f32 output:  (float)sum * scale[n]
//
// (float)sum rounds half to even, the product is rounded once to binary32, nothing is contracted to an FMA. The
// validator of model files guarantees that |sum| < 2^31 and |(float)sum * scale| < 2^31 - 256, and
// 0 <= low <= high <= 255, 0 <= zero_point <= 255; kernels rely on it.
//
// Reads may run past a window's last byte: up to 15 bytes for convolution (which meet weights of 0, or none), up to 64
// bytes for depthwise; every buffer is followed by 64 readable bytes. Writes never leave the output pixels and channels
// asked for.

/// What convolution and depthwise share: how sums become outputs.
typedef struct fovea_requantization {
  const int32_t *bias;   ///< [channels rounded up to 16], 64-byte aligned; the input's zero point is folded in.
  const float *scale;    ///< [channels rounded up to 16], 64-byte aligned.
  int32_t zero_point;    ///< of the output
  int32_t low, high;     ///< clamp of the quantized output: the fused activation
} fovea_requantization;

/// A convolution whose input is already padded. A window is `taps` runs of contiguous bytes: a kernel row of
/// kernel_width * input_channels bytes where dilation is 1, else one run a kernel element.
typedef struct fovea_conv_u8s8 {
  const uint8_t *input;        ///< first byte of the first window
  const int32_t *tap_offsets;  ///< [taps] bytes from a window's first byte to each run
  int32_t taps;
  int32_t run;                 ///< groups of 4 bytes read under each tap: ceil(run bytes / 4)
  int32_t row_step;            ///< bytes between the windows of vertically adjacent output pixels
  int32_t column_step;         ///< bytes between the windows of horizontally adjacent output pixels
  int32_t out_height, out_width;
  const int8_t *weights;       ///< [ceil(channels / 16)][taps * run][16][4], 64-byte aligned, zero where there is no weight
  int32_t channels;            ///< output channels
  int32_t output_stride;       ///< elements between output pixels, >= channels
  uint8_t *output_u8;          ///< channel 0 of output pixel 0; null when the output is f32
  float *output_f32;           ///< likewise; null when the output is u8
  fovea_requantization requantization;
} fovea_conv_u8s8;

/// Computes output pixels `pixel_begin ..< pixel_end` (numbered row by row) for the 16-channel blocks
/// `block_begin ..< block_end`. `scratch` holds at least what the instruction set's `conv_scratch` asked for, 64-byte
/// aligned, one a thread.
typedef void fovea_conv_u8s8_function(
    const fovea_conv_u8s8 *conv, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin, int32_t block_end,
    void *scratch);

/// A depthwise convolution (channel multiplier 1). Padding is virtual: positions outside the input count as
/// `input_zero_point`.
typedef struct fovea_depthwise_u8s8 {
  const uint8_t *input;        ///< [height][width][channels]
  int32_t height, width, channels;
  int32_t kernel_height, kernel_width;
  int32_t stride_y, stride_x, dilation_y, dilation_x;
  int32_t pad_top, pad_left;
  int32_t out_height, out_width;
  int32_t input_zero_point;    ///< 0...255
  const int8_t *weights;       ///< [ceil(channels / 16)][kernel_width][ceil(kernel_height / 4)][16][4]: 4 kernel rows a group
  uint8_t *output;             ///< [out_height][out_width][channels]
  fovea_requantization requantization;
} fovea_depthwise_u8s8;

/// Computes output rows `row_begin ..< row_end` for the 16-channel blocks `block_begin ..< block_end`.
typedef void fovea_depthwise_u8s8_function(
    const fovea_depthwise_u8s8 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end,
    void *scratch);

/// The kernels of one instruction set.
typedef struct fovea_int8_kernels {
  const char *name;            ///< "portable", "avx2", "neondot", ...: the suffix of its functions
  fovea_conv_u8s8_function *conv;
  /// Bytes of scratch that `conv` needs a thread.
  size_t (*conv_scratch)(const fovea_conv_u8s8 *conv);
  fovea_depthwise_u8s8_function *depthwise;
  /// Bytes of scratch that `depthwise` needs a thread.
  size_t (*depthwise_scratch)(const fovea_depthwise_u8s8 *depthwise);
  /// fovea_add_u8_run, fovea_multiply_u8_run, fovea_table_u8 and fovea_channel_tables_u8_run in this instruction set.
  fovea_add_u8_function *add;
  fovea_multiply_u8_function *multiply;
  fovea_table_u8_function *table;
  fovea_channel_tables_u8_function *channel_tables;
  /// The number of output pixels at whose multiples `parts` threads best cut a convolution into ranges; 0 where they better
  /// share its channel blocks. A matter of speed: any range gives the same bits.
  int32_t (*conv_granule)(const fovea_conv_u8s8 *conv, int32_t parts);
} fovea_int8_kernels;

/// The definition: plain C, every machine.
extern const fovea_int8_kernels fovea_int8_portable;
#if defined(__x86_64__)
extern const fovea_int8_kernels fovea_int8_sse41;
extern const fovea_int8_kernels fovea_int8_avx2;
extern const fovea_int8_kernels fovea_int8_avxvnni;
extern const fovea_int8_kernels fovea_int8_avx512vnni;
#endif
#if defined(__aarch64__)
extern const fovea_int8_kernels fovea_int8_neon;
extern const fovea_int8_kernels fovea_int8_neondot;
extern const fovea_int8_kernels fovea_int8_neoni8mm;
#endif

#endif
