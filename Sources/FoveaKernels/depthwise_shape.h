#ifndef FOVEA_DEPTHWISE_SHAPE_H
#define FOVEA_DEPTHWISE_SHAPE_H

#include "fovea_conv.h"
#include "inline.h"

/// How a SIMD depthwise kernel cuts its work; the same for AVX2 and AVX-512.
typedef struct {
  int32_t rows;    ///< output rows that share interleaved input columns
  int32_t groups;  ///< groups of 4 input rows under them
  int32_t width;   ///< output columns a pass
  int32_t band;    ///< output rows for which the channels are walked before the next ones are begun
} fovea_depthwise_shape;

enum {
  fovea_column_bytes = 16384,  ///< of interleaved columns: half an L1 cache
  fovea_band_bytes = 262144,   ///< of input under a band: half an L2 cache of Zen 3
};

/// `unit` is what a group takes in scratch, for each column and for each kernel column and output row.
FOVEA_INLINE fovea_depthwise_shape fovea_depthwise_shape_of(const fovea_depthwise_u8s8 *d, int32_t unit) {
  fovea_depthwise_shape s = {.rows = 1, .groups = (d->kernel_height + 3) / 4};
  // As many output rows as the groups of 4 input rows have room for.
  if (d->dilation_y == 1 && d->kernel_height == d->kernel_width) {
    if (d->kernel_height == 3) {
      s.rows = d->stride_y == 1 ? 2 : 1;
    } else if (d->kernel_height == 5) {
      s.rows = d->stride_y == 1 ? 4 : d->stride_y == 2 ? 2 : 1;
    }
  }
  const int32_t columns = fovea_column_bytes / (s.groups * unit);
  const int32_t halo = (d->kernel_width - 1) * d->dilation_x;
  const int32_t most = columns > halo ? (columns - halo - 1) / d->stride_x + 1 : 1;
  const int32_t parts = (d->out_width + most - 1) / most;
  s.width = (d->out_width + parts - 1) / parts;

  const int64_t row_bytes = (int64_t)d->width * d->channels * d->stride_y;
  const int64_t rows = fovea_band_bytes / (row_bytes > 0 ? row_bytes : 1);
  const int32_t step = 4 * s.rows;  // what the narrowest AVX-512 pass computes
  s.band = rows > d->out_height ? d->out_height : rows < step ? step : (int32_t)rows / step * step;
  return s;
}

/// Interleaved columns under `width` output columns.
FOVEA_INLINE int32_t fovea_depthwise_columns(const fovea_depthwise_u8s8 *d, int32_t width) {
  return (width - 1) * d->stride_x + (d->kernel_width - 1) * d->dilation_x + 1;
}

FOVEA_INLINE size_t fovea_depthwise_scratch(const fovea_depthwise_u8s8 *d, int32_t unit) {
  const fovea_depthwise_shape s = fovea_depthwise_shape_of(d, unit);
  const size_t weights = (size_t)d->kernel_width * (size_t)s.rows, columns = (size_t)fovea_depthwise_columns(d, s.width);
  return (weights + columns) * (size_t)s.groups * (size_t)unit;
}

#endif
