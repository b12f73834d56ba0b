#ifndef FOVEA_DEPTHWISE_DRIVER_H
#define FOVEA_DEPTHWISE_DRIVER_H

#include "depthwise_shape.h"

// The part of a SIMD depthwise convolution that does not depend on its instructions: cutting the work into bands, panels of
// channels and passes, and finding the input rows and columns under a pass.
//
// Nothing here has a target attribute. Inlined into a function that has one, it is compiled for that function's instruction
// set; the functions it is given are constants there, so that the inner ones are inlined too and no call is indirect.

/// The work on one panel of channels in one band of output rows.
typedef struct {
  int32_t row_begin, row_end;
  int32_t block;   ///< the first block of 16 channels
  int32_t blocks;  ///< of the panel
} fovea_depthwise_panel;

typedef void fovea_depthwise_panel_function(
    const fovea_depthwise_u8s8 *d, fovea_depthwise_shape s, fovea_depthwise_panel panel, void *scratch);

/// Where a pass writes.
typedef struct {
  uint8_t *to;         ///< the pass's first row, column and channel
  ptrdiff_t row_step;  ///< bytes between output rows
  int32_t rows_left;   ///< rows of the whole range from the first on
  int32_t sets;        ///< sets of lanes, each `rows` output rows below the one before; 1 but in AVX-512
  int32_t channels;    ///< of each set
} fovea_depthwise_output;

/// Copies columns `left ..< left + count` of the input under output row `row` to `columns`, as the kernel wants them.
typedef void fovea_depthwise_interleave_function(
    const fovea_depthwise_u8s8 *d, fovea_depthwise_shape s, int32_t channel, int32_t row, int32_t left, int32_t count,
    void *columns);

/// Computes `count` output columns from interleaved ones. `constants` is what every column of a panel shares.
typedef void fovea_depthwise_convolve_function(
    const fovea_depthwise_u8s8 *d, const void *weights, const void *constants, const void *columns, int32_t count,
    const fovea_depthwise_output *out);

/// All the work of a call: a band's input is read once from memory, then by every panel from the cache. Panels have
/// `widest` blocks, a power of two, or where fewer are left a smaller power. Three that are left of four are computed with one
/// that already was: Xeon (Emerald Rapids), AVX-512 VNNI, 240 channels at 28x28: 3x3 32.3 -> 30.4 us, 5x5 55.4 -> 54.2, in turn.
/// One that is left is cheaper alone (144 channels at 56x56: 98 us, 119 with three others).
FOVEA_INLINE void fovea_depthwise_run(
    const fovea_depthwise_u8s8 *d, int32_t unit, int32_t widest, int32_t row_begin, int32_t row_end, int32_t block_begin,
    int32_t block_end, void *scratch, fovea_depthwise_panel_function *run_panel) {
  const fovea_depthwise_shape s = fovea_depthwise_shape_of(d, unit);
  for (int32_t row = row_begin; row < row_end; row += s.band) {
    fovea_depthwise_panel panel = {
        .row_begin = row, .row_end = row_end - row < s.band ? row_end : row + s.band, .blocks = widest};
    for (panel.block = block_begin; panel.block < block_end; panel.block += panel.blocks) {
      const int32_t left = block_end - panel.block;
      if (left == 3 && panel.blocks == 4 && block_end - block_begin > 4) {
        panel.block = block_end - panel.blocks;
      }
      while (panel.blocks > block_end - panel.block) {
        panel.blocks /= 2;
      }
      run_panel(d, s, panel, scratch);
    }
  }
}

/// The passes of a panel whose weights were written to the start of `scratch`.
FOVEA_INLINE void fovea_depthwise_passes(
    const fovea_depthwise_u8s8 *d, fovea_depthwise_shape s, int32_t unit, int32_t sets, fovea_depthwise_panel panel,
    const void *constants, uint8_t *scratch, fovea_depthwise_interleave_function *interleave,
    fovea_depthwise_convolve_function *convolve) {
  uint8_t *const columns = scratch + (ptrdiff_t)d->kernel_width * s.groups * s.rows * unit;
  const int32_t channel = panel.block * 16, channels = d->channels - channel, most = panel.blocks * 16;
  for (int32_t row = panel.row_begin; row < panel.row_end; row += s.rows * sets) {
    for (int32_t column = 0; column < d->out_width; column += s.width) {
      const int32_t count = d->out_width - column < s.width ? d->out_width - column : s.width;
      interleave(d, s, channel, row, column * d->stride_x - d->pad_left, fovea_depthwise_columns(d, count), columns);
      const fovea_depthwise_output out = {
          .to = d->output + ((ptrdiff_t)row * d->out_width + column) * d->channels + channel,
          .row_step = (ptrdiff_t)d->out_width * d->channels, .rows_left = panel.row_end - row, .sets = sets,
          .channels = channels < most ? channels : most,
      };
      convolve(d, scratch, constants, columns, count, &out);
    }
  }
}

/// Which of `count` columns from `left` on lie in the input.
typedef struct {
  int32_t begin, end;
} fovea_depthwise_inside;

FOVEA_INLINE fovea_depthwise_inside fovea_depthwise_inside_of(
    const fovea_depthwise_u8s8 *d, int32_t left, int32_t count) {
  const fovea_depthwise_inside inside = {
      left >= 0 ? 0 : -left < count ? -left : count, left + count > d->width ? d->width - left : count};
  return inside;
}

/// A group of 4 input rows. Those outside the input read padding, and a mask of 0 keeps them there.
typedef struct {
  const uint8_t *from[4];
  ptrdiff_t mask[4];
} fovea_depthwise_rows;

/// Row `i` at `offset` bytes from the first column.
FOVEA_INLINE const uint8_t *fovea_depthwise_at(const fovea_depthwise_rows *rows, int i, ptrdiff_t offset) {
  return rows->from[i] + (offset & rows->mask[i]);
}

/// The input rows of group `g` under output row `row`, for each set of lanes. `outside` is 64 bytes of padding.
FOVEA_INLINE void fovea_depthwise_find_rows(
    const fovea_depthwise_u8s8 *d, fovea_depthwise_shape s, int32_t sets, int32_t channel, int32_t row, int32_t g,
    const uint8_t *outside, fovea_depthwise_rows *rows) {
  const int32_t needed = (s.rows - 1) * d->stride_y + d->kernel_height;
  for (int32_t i = 0; i < 4; i++) {
    for (int32_t set = 0; set < sets; set++) {
      const int32_t y = (row + set * s.rows) * d->stride_y - d->pad_top + (4 * g + i) * d->dilation_y;
      const int within = y >= 0 && y < d->height && 4 * g + i < needed;
      rows[set].from[i] = within ? d->input + (ptrdiff_t)y * d->width * d->channels + channel : outside;
      rows[set].mask[i] = within ? -1 : 0;
    }
  }
}

/// Writes one column of a group: padding, or the rows of every set at `offset`. Called for every column, so
/// declare them `static inline`.
typedef void fovea_depthwise_fill_function(void *to, uint8_t zero_point);
typedef void fovea_depthwise_load_function(const fovea_depthwise_rows *sets, ptrdiff_t offset, void *to);

/// An interleave function by groups of 4 rows: columns are [count][groups][unit bytes].
FOVEA_INLINE void fovea_depthwise_interleave(
    const fovea_depthwise_u8s8 *d, fovea_depthwise_shape s, int32_t unit, int32_t sets, int32_t channel, int32_t row,
    int32_t left, int32_t count, uint8_t *columns, fovea_depthwise_fill_function *fill,
    fovea_depthwise_load_function *load) {
  uint8_t outside[64];
  memset(outside, d->input_zero_point, sizeof outside);
  const uint8_t zero_point = (uint8_t)d->input_zero_point;
  const fovea_depthwise_inside inside = fovea_depthwise_inside_of(d, left, count);
  for (int32_t g = 0; g < s.groups; g++) {
    fovea_depthwise_rows rows[4];
    fovea_depthwise_find_rows(d, s, sets, channel, row, g, outside, rows);
    uint8_t *to = columns + g * unit;
    const ptrdiff_t step = (ptrdiff_t)s.groups * unit, channels = d->channels;
    int32_t c = 0;
    for (; c < inside.begin; c++, to += step) {
      fill(to, zero_point);
    }
    ptrdiff_t offset = (left + c) * channels;
    for (; c < inside.end; c++, to += step, offset += channels) {
      load(rows, offset, to);
    }
    for (; c < count; c++, to += step) {
      fill(to, zero_point);
    }
  }
}

#endif
