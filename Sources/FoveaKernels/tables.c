// Which functions make up each instruction set. A new one is a line in fovea_conv.h, its functions in kernels.h, and its
// table here.

#include "kernels.h"

const fovea_int8_kernels fovea_int8_portable = {
    .name = "portable",
    .conv = fovea_conv_u8s8_portable,
    .conv_scratch = fovea_conv_scratch_portable,
    .depthwise = fovea_depthwise_u8s8_portable,
    .depthwise_scratch = fovea_depthwise_scratch_portable,
    .add = fovea_add_u8_run,
    .multiply = fovea_multiply_u8_run,
    .table = fovea_table_u8,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_12,
};

#if defined(__x86_64__)

const fovea_int8_kernels fovea_int8_sse41 = {
    .name = "sse41",
    .conv = fovea_conv_u8s8_sse41,
    .conv_scratch = fovea_conv_scratch_sse41,
    .depthwise = fovea_depthwise_u8s8_sse41,
    .depthwise_scratch = fovea_depthwise_scratch_sse41,
    .add = fovea_add_u8_sse41,
    .multiply = fovea_multiply_u8_sse41,
    .table = fovea_table_u8,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_sse41,
};

const fovea_int8_kernels fovea_int8_avx2 = {
    .name = "avx2",
    .conv = fovea_conv_u8s8_avx2,
    .conv_scratch = fovea_conv_scratch_avx2,
    .depthwise = fovea_depthwise_u8s8_avx2,
    .depthwise_scratch = fovea_depthwise_scratch_avx2,
    .add = fovea_add_u8_avx2,
    .multiply = fovea_multiply_u8_avx2,
    .table = fovea_table_u8_avx2,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_avx2,
};

const fovea_int8_kernels fovea_int8_avxvnni = {
    .name = "avxvnni",
    .conv = fovea_conv_u8s8_avxvnni,
    .conv_scratch = fovea_conv_scratch_avxvnni,
    .depthwise = fovea_depthwise_u8s8_avxvnni,
    .depthwise_scratch = fovea_depthwise_scratch_avxvnni,
    .add = fovea_add_u8_avx2,
    .multiply = fovea_multiply_u8_avx2,
    .table = fovea_table_u8_avx2,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_12,
};

const fovea_int8_kernels fovea_int8_avx512vnni = {
    .name = "avx512vnni",
    .conv = fovea_conv_u8s8_avx512vnni,
    .conv_scratch = fovea_conv_scratch_avx512vnni,
    .depthwise = fovea_depthwise_u8s8_avx512vnni,
    .depthwise_scratch = fovea_depthwise_scratch_avx512vnni,
    .add = fovea_add_u8_avx512,
    .multiply = fovea_multiply_u8_avx512,
    .table = fovea_table_u8_avx2,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_12,
};

#endif

#if defined(__aarch64__)

const fovea_int8_kernels fovea_int8_neon = {
    .name = "neon",
    .conv = fovea_conv_u8s8_neon,
    .conv_scratch = fovea_conv_scratch_neon,
    .depthwise = fovea_depthwise_u8s8_neon,
    .depthwise_scratch = fovea_depthwise_scratch_neon,
    .add = fovea_add_u8_neon,
    .multiply = fovea_multiply_u8_neon,
    .table = fovea_table_u8_neon,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_neon,
};

const fovea_int8_kernels fovea_int8_neondot = {
    .name = "neondot",
    .conv = fovea_conv_u8s8_neondot,
    .conv_scratch = fovea_conv_scratch_neondot,
    .depthwise = fovea_depthwise_u8s8_neondot,
    .depthwise_scratch = fovea_depthwise_scratch_neondot,
    .add = fovea_add_u8_neon,
    .multiply = fovea_multiply_u8_neon,
    .table = fovea_table_u8_neon,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_12,
};

/// i8mm cannot add more than dot products where a channel meets only its own kind; CPUs that have it have those too.
const fovea_int8_kernels fovea_int8_neoni8mm = {
    .name = "neoni8mm",
    .conv = fovea_conv_u8s8_neoni8mm,
    .conv_scratch = fovea_conv_scratch_neoni8mm,
    .depthwise = fovea_depthwise_u8s8_neondot,
    .depthwise_scratch = fovea_depthwise_scratch_neondot,
    .add = fovea_add_u8_neon,
    .multiply = fovea_multiply_u8_neon,
    .table = fovea_table_u8_neon,
    .channel_tables = fovea_channel_tables_u8_run,
    .conv_granule = fovea_conv_granule_12,
};

#endif
