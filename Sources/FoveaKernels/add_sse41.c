// The 8-bit addition of steps_u8.c, compiled for SSE4.1: the same C, vectorized with its widening loads and 32-bit minima.

#if defined(__x86_64__)

#include "add_rows.h"
#include "kernels.h"

__attribute__((target("sse4.1"))) void fovea_add_u8_sse41(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end) {
  fovea_add_rows(add, row_begin, row_end);
}

#endif
