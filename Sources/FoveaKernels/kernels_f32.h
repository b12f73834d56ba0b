#ifndef FOVEA_KERNELS_F32_H
#define FOVEA_KERNELS_F32_H

#include "fovea_f32.h"

// The functions behind the tables of fovea_f32.h, an instruction set a file. The tables themselves are in tables_f32.c.

fovea_conv_f32_function fovea_conv_f32_portable;
size_t fovea_conv_scratch_f32_portable(const fovea_conv_f32 *conv);
fovea_depthwise_f32_function fovea_depthwise_f32_portable;

#if defined(__x86_64__) || defined(FOVEA_SIMDE)
fovea_conv_f32_function fovea_conv_f32_avx2;
size_t fovea_conv_scratch_f32_avx2(const fovea_conv_f32 *conv);
fovea_depthwise_f32_function fovea_depthwise_f32_avx2;
fovea_unary_f32_function fovea_unary_f32_avx2;
fovea_binary_f32_function fovea_binary_f32_avx2;

fovea_conv_f32_function fovea_conv_f32_avx512;
size_t fovea_conv_scratch_f32_avx512(const fovea_conv_f32 *conv);
fovea_depthwise_f32_function fovea_depthwise_f32_avx512;
fovea_unary_f32_function fovea_unary_f32_avx512;
fovea_binary_f32_function fovea_binary_f32_avx512;
#endif

#if defined(__aarch64__)
fovea_conv_f32_function fovea_conv_f32_neon;
size_t fovea_conv_scratch_f32_neon(const fovea_conv_f32 *conv);
fovea_depthwise_f32_function fovea_depthwise_f32_neon;
fovea_unary_f32_function fovea_unary_f32_neon;
fovea_binary_f32_function fovea_binary_f32_neon;
#endif

#endif
