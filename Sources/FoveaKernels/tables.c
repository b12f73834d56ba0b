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
};

#if defined(__x86_64__)

const fovea_int8_kernels fovea_int8_avx2 = {
    .name = "avx2",
    .conv = fovea_conv_u8s8_avx2,
    .conv_scratch = fovea_conv_scratch_avx2,
    .depthwise = fovea_depthwise_u8s8_avx2,
    .depthwise_scratch = fovea_depthwise_scratch_avx2,
    .add = fovea_add_u8_avx2,
};

const fovea_int8_kernels fovea_int8_avx512vnni = {
    .name = "avx512vnni",
    .conv = fovea_conv_u8s8_avx512vnni,
    .conv_scratch = fovea_conv_scratch_avx512vnni,
    .depthwise = fovea_depthwise_u8s8_avx512vnni,
    .depthwise_scratch = fovea_depthwise_scratch_avx512vnni,
    .add = fovea_add_u8_avx2,
};

#endif
