#ifndef FOVEA_KERNELS_H
#define FOVEA_KERNELS_H

#include "fovea_conv.h"

// The functions behind the tables of fovea_conv.h, one file each. The tables themselves are in tables.c.

fovea_conv_u8s8_function fovea_conv_u8s8_portable;
size_t fovea_conv_scratch_portable(const fovea_conv_u8s8 *conv);
/// For every set whose tiles are no larger than 12 pixels.
int32_t fovea_conv_granule_12(const fovea_conv_u8s8 *conv, int32_t parts);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_portable;
size_t fovea_depthwise_scratch_portable(const fovea_depthwise_u8s8 *depthwise);

#if defined(__x86_64__)
fovea_conv_u8s8_function fovea_conv_u8s8_sse41;
size_t fovea_conv_scratch_sse41(const fovea_conv_u8s8 *conv);
int32_t fovea_conv_granule_sse41(const fovea_conv_u8s8 *conv, int32_t parts);
fovea_conv_u8s8_function fovea_winograd_u8s8_sse41;
size_t fovea_winograd_scratch_sse41(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_sse41;
size_t fovea_depthwise_scratch_sse41(const fovea_depthwise_u8s8 *depthwise);
fovea_add_u8_function fovea_add_u8_sse41;
fovea_multiply_u8_function fovea_multiply_u8_sse41;

fovea_conv_u8s8_function fovea_conv_u8s8_avx2;
size_t fovea_conv_scratch_avx2(const fovea_conv_u8s8 *conv);
int32_t fovea_conv_granule_avx2(const fovea_conv_u8s8 *conv, int32_t parts);
fovea_conv_u8s8_function fovea_winograd_u8s8_avx2;
size_t fovea_winograd_scratch_avx2(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_avx2;
size_t fovea_depthwise_scratch_avx2(const fovea_depthwise_u8s8 *depthwise);
fovea_add_u8_function fovea_add_u8_avx2;
fovea_multiply_u8_function fovea_multiply_u8_avx2;
fovea_table_u8_function fovea_table_u8_avx2;

fovea_conv_u8s8_function fovea_conv_u8s8_avxvnni;
size_t fovea_conv_scratch_avxvnni(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_avxvnni;
size_t fovea_depthwise_scratch_avxvnni(const fovea_depthwise_u8s8 *depthwise);

fovea_conv_u8s8_function fovea_conv_u8s8_avx512vnni;
size_t fovea_conv_scratch_avx512vnni(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_avx512vnni;
size_t fovea_depthwise_scratch_avx512vnni(const fovea_depthwise_u8s8 *depthwise);
fovea_add_u8_function fovea_add_u8_avx512;
fovea_multiply_u8_function fovea_multiply_u8_avx512;
#endif

#if defined(__aarch64__)
fovea_conv_u8s8_function fovea_conv_u8s8_neon;
size_t fovea_conv_scratch_neon(const fovea_conv_u8s8 *conv);
int32_t fovea_conv_granule_neon(const fovea_conv_u8s8 *conv, int32_t parts);
fovea_conv_u8s8_function fovea_winograd_u8s8_neon;
size_t fovea_winograd_scratch_neon(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_neon;
size_t fovea_depthwise_scratch_neon(const fovea_depthwise_u8s8 *depthwise);
fovea_add_u8_function fovea_add_u8_neon;
fovea_multiply_u8_function fovea_multiply_u8_neon;
fovea_table_u8_function fovea_table_u8_neon;

fovea_conv_u8s8_function fovea_conv_u8s8_neondot;
size_t fovea_conv_scratch_neondot(const fovea_conv_u8s8 *conv);
fovea_depthwise_u8s8_function fovea_depthwise_u8s8_neondot;
size_t fovea_depthwise_scratch_neondot(const fovea_depthwise_u8s8 *depthwise);

fovea_conv_u8s8_function fovea_conv_u8s8_neoni8mm;
size_t fovea_conv_scratch_neoni8mm(const fovea_conv_u8s8 *conv);
#endif

#endif
