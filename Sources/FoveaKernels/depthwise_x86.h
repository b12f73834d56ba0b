#ifndef FOVEA_DEPTHWISE_X86_H
#define FOVEA_DEPTHWISE_X86_H

#include "depthwise_driver.h"

#include <emmintrin.h>

// What the depthwise kernels of 16 channels share. SSE2 is every x86-64 CPU's: no target attribute needed.

/// Row `i` of a group, 16 channels.
FOVEA_INLINE __m128i fovea_depthwise_load_16(const fovea_depthwise_rows *rows, int i, ptrdiff_t offset) {
  return _mm_loadu_si128((const __m128i *)(const void *)fovea_depthwise_at(rows, i, offset));
}

/// Writes output row `row` of a pass at `to`, if there is one: 16 bytes, or as many as there are channels.
FOVEA_INLINE void fovea_depthwise_store_16(__m128i bytes, const fovea_depthwise_output *out, uint8_t *to, int32_t row) {
  if (row >= out->rows_left) {
    return;
  }
  if (out->channels >= 16) {
    _mm_storeu_si128((__m128i *)(void *)to, bytes);
  } else {
    uint8_t all[16];
    _mm_storeu_si128((__m128i *)(void *)all, bytes);
    memcpy(to, all, (size_t)out->channels);
  }
}

#endif
