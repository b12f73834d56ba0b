// The three transforms of winograd_u8s8.h on vectors, one lane a channel. For one file of one instruction set, which defines
// before including it
//
//     FOVEA_WINOGRAD_TARGET    its target attribute, or nothing
//     FOVEA_WINOGRAD_BYTES     of a vector

#include "inline.h"

#include <stdint.h>

typedef int16_t winograd_s16 __attribute__((vector_size(FOVEA_WINOGRAD_BYTES)));
typedef int32_t winograd_s32 __attribute__((vector_size(FOVEA_WINOGRAD_BYTES)));
/// Sums wrap, which is undefined for signed ones.
typedef uint32_t winograd_u32 __attribute__((vector_size(FOVEA_WINOGRAD_BYTES)));

/// B^T times a column of four.
FOVEA_INLINE FOVEA_WINOGRAD_TARGET void winograd_four(
    winograd_s16 d0, winograd_s16 d1, winograd_s16 d2, winograd_s16 d3, winograd_s16 to[4]) {
  to[0] = d0 - d2;
  to[1] = d1 + d2;
  to[2] = d2 - d1;
  to[3] = d1 - d3;
}

/// V = B^T d B, row by row.
FOVEA_INLINE FOVEA_WINOGRAD_TARGET void winograd_input(const winograd_s16 d[16], winograd_s16 v[16]) {
  winograd_s16 columns[4][4];
  FOVEA_UNROLL
  for (int x = 0; x < 4; x++) {
    winograd_four(d[x], d[4 + x], d[8 + x], d[12 + x], columns[x]);
  }
  FOVEA_UNROLL
  for (int y = 0; y < 4; y++) {
    winograd_four(columns[0][y], columns[1][y], columns[2][y], columns[3][y], v + 4 * y);
  }
}

/// G times a column of three.
FOVEA_INLINE FOVEA_WINOGRAD_TARGET void winograd_three(
    winograd_s16 g0, winograd_s16 g1, winograd_s16 g2, winograd_s16 to[4]) {
  const winograd_s16 outer = g0 + g2;
  to[0] = g0 + g0;
  to[1] = outer + g1;
  to[2] = outer - g1;
  to[3] = g2 + g2;
}

/// U = G g G^T, row by row.
FOVEA_INLINE FOVEA_WINOGRAD_TARGET void winograd_weights(const winograd_s16 g[9], winograd_s16 u[16]) {
  winograd_s16 columns[3][4];
  FOVEA_UNROLL
  for (int x = 0; x < 3; x++) {
    winograd_three(g[x], g[3 + x], g[6 + x], columns[x]);
  }
  FOVEA_UNROLL
  for (int y = 0; y < 4; y++) {
    winograd_three(columns[0][y], columns[1][y], columns[2][y], u + 4 * y);
  }
}

/// Y = A^T m A / 4 of one tile's sums, at `stride` integers from position to position.
FOVEA_INLINE FOVEA_WINOGRAD_TARGET void winograd_output(const int32_t *sums, ptrdiff_t stride, winograd_s32 y[4]) {
  winograd_u32 rows[2][4];
  FOVEA_UNROLL
  for (int x = 0; x < 4; x++) {
    winograd_u32 m[4];
    FOVEA_UNROLL
    for (int i = 0; i < 4; i++) {
      memcpy(&m[i], sums + (4 * i + x) * stride, sizeof m[i]);
    }
    rows[0][x] = m[0] + m[1] + m[2];
    rows[1][x] = m[1] - m[2] - m[3];
  }
  FOVEA_UNROLL
  for (int i = 0; i < 2; i++) {
    y[2 * i] = (winograd_s32)(rows[i][0] + rows[i][1] + rows[i][2]) >> 2;
    y[2 * i + 1] = (winograd_s32)(rows[i][1] - rows[i][2] - rows[i][3]) >> 2;
  }
}
