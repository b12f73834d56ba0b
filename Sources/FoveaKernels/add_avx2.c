// The 8-bit addition of steps_u8.c, compiled for AVX2: the same C, vectorized twice as wide and with its packs and minima.

#if defined(__x86_64__)

#include "add_rows.h"
#include "kernels.h"

__attribute__((target("avx2"))) void fovea_add_u8_avx2(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  fovea_add_rows(add, row_begin, row_end);
}

#endif
