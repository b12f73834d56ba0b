// Matrix product in plain C, for machines where no BLAS is at hand: tiles of 4 x 16 sums over packed panels of B.

#include "fovea_steps.h"
#include "inline.h"

/// 128 rows of a panel are 8 KiB on the stack: half an L1 cache of a small core, and B is read once a panel whatever its
/// stride.
enum { tile_rows = 4, tile_columns = 16, panel_rows = 128 };

/// A panel of B, `columns` of it meaningful, the rest zero.
static void pack_panel(float panel[panel_rows][tile_columns], const float *b, ptrdiff_t stride, int32_t rows, int32_t columns) {
  for (int32_t i = 0; i < rows; i++) {
    for (int32_t j = 0; j < tile_columns; j++) {
      panel[i][j] = j < columns ? b[i * stride + j] : 0.0f;
    }
  }
}

/// `rows` is a constant: four of them fill the 16 registers of SSE2 and half of NEON's.
FOVEA_INLINE void multiply_tile(
    const int rows, int32_t depth, const float *a, ptrdiff_t a_stride, const float panel[panel_rows][tile_columns],
    float sums[tile_rows][tile_columns]) {
  for (int half = 0; half < tile_columns; half += 8) {
    float tile[tile_rows][8] = {{0}};
    for (int32_t i = 0; i < depth; i++) {
      FOVEA_UNROLL
      for (int r = 0; r < rows; r++) {
        FOVEA_UNROLL
        for (int j = 0; j < 8; j++) {
          tile[r][j] += a[r * a_stride + i] * panel[i][half + j];
        }
      }
    }
    for (int r = 0; r < rows; r++) {
      memcpy(sums[r] + half, tile[r], sizeof tile[r]);
    }
  }
}

static void store_tile(
    const float sums[tile_rows][tile_columns], float *c, ptrdiff_t stride, int32_t rows, int32_t columns, int first) {
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t j = 0; j < columns; j++) {
      c[r * stride + j] = first ? sums[r][j] : c[r * stride + j] + sums[r][j];
    }
  }
}

void fovea_sgemm_portable(
    int32_t m, int32_t n, int32_t k, const float *a, int32_t a_stride, const float *b, int32_t b_stride, float *c,
    int32_t c_stride) {
  float panel[panel_rows][tile_columns];
  float sums[tile_rows][tile_columns];
  for (int32_t j = 0; j < n; j += tile_columns) {
    const int32_t columns = n - j < tile_columns ? n - j : tile_columns;
    int32_t done = 0;
    do {
      const int32_t depth = k - done < panel_rows ? k - done : panel_rows;
      pack_panel(panel, b + (ptrdiff_t)done * b_stride + j, b_stride, depth, columns);
      for (int32_t i = 0; i < m; i += tile_rows) {
        const int32_t rows = m - i < tile_rows ? m - i : tile_rows;
        const float *from = a + (ptrdiff_t)i * a_stride + done;
        if (rows == tile_rows) {
          multiply_tile(tile_rows, depth, from, a_stride, (const float (*)[tile_columns])panel, sums);
        } else {
          for (int32_t r = 0; r < rows; r++) {
            multiply_tile(1, depth, from + (ptrdiff_t)r * a_stride, a_stride, (const float (*)[tile_columns])panel, sums + r);
          }
        }
        store_tile((const float (*)[tile_columns])sums, c + (ptrdiff_t)i * c_stride + j, c_stride, rows, columns, done == 0);
      }
      done += depth;
    } while (done < k);
  }
}
