#ifndef FOVEA_INLINE_H
#define FOVEA_INLINE_H

// What every kernel file shares: how to inline, how to unroll, and memcpy.

#include <stddef.h>

// Bare-metal compilers have memcpy and memset (they emit calls to them) but not always the header.
#if __has_include(<string.h>)
#include <string.h>
#else
void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memset(void *to, int value, size_t count);
#endif

/// Tile loops are written as loops over compile-time constants in functions that are always inlined.
#define FOVEA_INLINE static inline __attribute__((always_inline))

// At -O2 clang leaves the loops over a tile half rolled, which costs a quarter of the speed of the VNNI kernel (303
// against 400 GMAC/s on Zen 5); gcc unrolls constant loops of this size when told so.
#if defined(__clang__)
#define FOVEA_UNROLL _Pragma("clang loop unroll(full)")
#define FOVEA_NO_UNROLL _Pragma("clang loop unroll(disable)")
#else
#define FOVEA_UNROLL _Pragma("GCC unroll 32")
#define FOVEA_NO_UNROLL _Pragma("GCC unroll 1")
#endif

#endif
