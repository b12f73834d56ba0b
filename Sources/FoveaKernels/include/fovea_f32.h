#ifndef FOVEA_F32_H
#define FOVEA_F32_H

#include "fovea_steps.h"

#include <stddef.h>
#include <stdint.h>

// Float convolution: NHWC activations, sums in binary32. Padding is virtual (zeros), whatever a kernel does about it.
//
// Instruction sets add in different orders, and all but the portable one fuse products and sums: results differ in the last
// bits, by Winograd's algorithm in a few more. The portable kernels' bits are the same on every machine.
//
// Reads may run up to 60 bytes past the input's last value (depthwise), where buffers have their slack; writes never leave
// the output pixels and channels asked for. Scratch is 64-byte aligned, one a thread.

/// Convolution of one group of channels.
typedef struct fovea_conv_f32 {
  fovea_window window;         ///< `channels` of `input_channels` are taken, from the pointer's first
  const float *input;          ///< [height][width][input_channels], from the first channel taken
  const float *weights;        ///< [ceil(outputs / 16)][kernel_height * kernel_width * channels][16], 64-byte aligned
  const float *bias;           ///< [outputs rounded up to 16]
  /// The same weights by `winograd_transform`, or null: then the windows are multiplied directly.
  const float *winograd;
  int32_t outputs;             ///< channels
  int32_t output_stride;       ///< floats between output pixels, >= outputs
  float *output;               ///< channel 0 of output pixel 0
  const float *addend;         ///< added to sums before the activation, laid out as the output, or null
  fovea_unary activation;
} fovea_conv_f32;

/// Winograd's algorithm makes tiles of 4x4 output pixels.
enum { fovea_winograd_tile = 4 };

/// What the work on a convolution is counted in: output pixels, or with Winograd's algorithm tiles of them, both row by row.
static inline int32_t fovea_conv_f32_units(const fovea_conv_f32 *conv) {
  const int32_t side = conv->winograd ? fovea_winograd_tile : 1;
  return (conv->window.out_height + side - 1) / side * ((conv->window.out_width + side - 1) / side);
}

/// Computes units `begin ..< end` for the 16-channel blocks `block_begin ..< block_end`.
typedef void fovea_conv_f32_function(
    const fovea_conv_f32 *conv, int32_t begin, int32_t end, int32_t block_begin, int32_t block_end, void *scratch);

/// A depthwise convolution (channel multiplier 1); window.channels = window.input_channels.
typedef struct fovea_depthwise_f32 {
  fovea_window window;
  const float *input;
  const float *weights;        ///< [ceil(channels / 16)][kernel_height][kernel_width][16], 64-byte aligned
  const float *bias;           ///< [channels rounded up to 16]
  float *output;               ///< [out_height][out_width][channels]
  fovea_unary activation;
} fovea_depthwise_f32;

/// Computes output rows `row_begin ..< row_end` for the 16-channel blocks `block_begin ..< block_end`.
typedef void fovea_depthwise_f32_function(
    const fovea_depthwise_f32 *depthwise, int32_t row_begin, int32_t row_end, int32_t block_begin, int32_t block_end);

/// As `fovea_unary_f32`; results may differ in the last bits.
typedef void fovea_unary_f32_function(
    const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end);
/// As `fovea_binary_f32_run`.
typedef void fovea_binary_f32_function(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end);

/// The float kernels of one instruction set.
typedef struct fovea_f32_kernels {
  const char *name;            ///< "portable", "avx2", "avx512", "neon"
  fovea_conv_f32_function *conv;
  /// Bytes of scratch that `conv` needs a thread.
  size_t (*conv_scratch)(const fovea_conv_f32 *conv);
  /// Whether Winograd's algorithm is the faster one for `conv`, whose `winograd` is not looked at.
  int (*prefers_winograd)(const fovea_conv_f32 *conv);
  fovea_depthwise_f32_function *depthwise;
  fovea_unary_f32_function *unary;
  fovea_binary_f32_function *binary;
} fovea_f32_kernels;

/// Floats of transformed weights: 36 for every 9.
size_t fovea_winograd_size(const fovea_conv_f32 *conv);
/// Transforms `conv->weights` for F(4x4, 3x3): [36][ceil(outputs / 16)][channels][16], 64-byte aligned.
void fovea_winograd_transform(const fovea_conv_f32 *conv, float *transformed);

/// The definition of the value: plain C, every machine.
extern const fovea_f32_kernels fovea_f32_portable;
#if defined(__x86_64__)
extern const fovea_f32_kernels fovea_f32_avx2;    ///< AVX2 and FMA
extern const fovea_f32_kernels fovea_f32_avx512;  ///< AVX-512F
#endif
#if defined(__aarch64__)
extern const fovea_f32_kernels fovea_f32_neon;
#endif

#endif
