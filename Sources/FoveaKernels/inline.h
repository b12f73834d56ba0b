#ifndef FOVEA_INLINE_H
#define FOVEA_INLINE_H

// What every kernel file shares: how to inline, how to unroll, and memcpy.

#include <stddef.h>
#include <stdint.h>

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

/// How the weights that come next are fetched while others are multiplied: what each tile fetches, and each step of a tile. Both 0
/// where nothing is: a panel's own weights, which are there, may stand in their place.
typedef struct {
  ptrdiff_t part, step;
} fovea_ahead;

/// Weights of `blocks` blocks, `block_size` each, of which a step of a tile reads `line`, spread over `tiles` tiles.
FOVEA_INLINE fovea_ahead fovea_ahead_of(ptrdiff_t block_size, ptrdiff_t line, int32_t blocks, int32_t tiles) {
  if (blocks <= 0 || tiles <= 1) {
    return (fovea_ahead){0, 0};
  }
  const int32_t parts = tiles < blocks ? blocks : tiles;
  return (fovea_ahead){block_size * blocks / parts, line * blocks / parts};
}

#endif
