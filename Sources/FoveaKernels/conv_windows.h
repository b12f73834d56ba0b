#ifndef FOVEA_CONV_WINDOWS_H
#define FOVEA_CONV_WINDOWS_H

#include "fovea_conv.h"
#include "inline.h"

// The part of a convolution that does not depend on its instructions: walking the windows of output pixels and cutting a
// range of pixels into tiles. Without target attributes, to be inlined into functions of any instruction set.

/// The window of an output pixel, from which one can go to the next pixel's.
typedef struct {
  const uint8_t *row;  ///< the window of the first pixel in the row
  int32_t column;
} fovea_conv_window;

FOVEA_INLINE fovea_conv_window fovea_conv_window_of(const fovea_conv_u8s8 *conv, int32_t pixel) {
  const fovea_conv_window window = {
      conv->input + (ptrdiff_t)(pixel / conv->out_width) * conv->row_step, pixel % conv->out_width};
  return window;
}

/// Where the window begins. Goes on to the next.
FOVEA_INLINE const uint8_t *fovea_conv_next(const fovea_conv_u8s8 *conv, fovea_conv_window *window) {
  const uint8_t *const from = window->row + (ptrdiff_t)window->column * conv->column_step;
  if (++window->column == conv->out_width) {
    window->column = 0;
    window->row += conv->row_step;
  }
  return from;
}

/// The windows of a tile of `count` pixels.
FOVEA_INLINE void fovea_conv_next_windows(
    const fovea_conv_u8s8 *conv, fovea_conv_window *window, int32_t count, const uint8_t **windows) {
  for (int32_t i = 0; i < count; i++) {
    windows[i] = fovea_conv_next(conv, window);
  }
}

/// The pixels of the next tile, where `tiles` tiles take the `pixels` left: 49 in 5 are 4 x 10 + 9 and not 4 x 12 + 1.
FOVEA_INLINE int32_t fovea_conv_tile_size(int32_t pixels, int32_t tiles) { return (pixels + tiles - 1) / tiles; }

enum { fovea_conv_packed_most = 12 };  ///< pixels of a packed tile

/// Writes a tile's windows to `packed`, in the form in which they are multiplied.
typedef void fovea_conv_pack_function(
    const fovea_conv_u8s8 *conv, const uint8_t *const *windows, int32_t pixels, uint8_t *packed);

/// One tile of packed windows, of the output pixels from `pixel` on, for a range of channel blocks.
typedef void fovea_conv_packed_function(
    const fovea_conv_u8s8 *conv, const uint8_t *packed, int32_t pixel, int32_t block_begin, int32_t block_end);

/// A whole call of a kernel that packs each tile of at most `max_pixels` pixels once for all channels. `tiles` is [pixels].
FOVEA_INLINE void fovea_conv_run_packed(
    const fovea_conv_u8s8 *conv, int32_t max_pixels, int32_t pixel_begin, int32_t pixel_end, int32_t block_begin,
    int32_t block_end, uint8_t *packed, fovea_conv_pack_function *pack, fovea_conv_packed_function *const *tiles) {
  fovea_conv_window window = fovea_conv_window_of(conv, pixel_begin);
  int32_t tiles_left = (pixel_end - pixel_begin + max_pixels - 1) / max_pixels;
  for (int32_t pixel = pixel_begin, count; pixel < pixel_end; pixel += count, tiles_left--) {
    count = fovea_conv_tile_size(pixel_end - pixel, tiles_left);
    const uint8_t *windows[fovea_conv_packed_most];
    fovea_conv_next_windows(conv, &window, count, windows);
    pack(conv, windows, count, packed);
    tiles[count](conv, packed, pixel, block_begin, block_end);
  }
}

/// Its scratch, where `chunk_groups` groups of 4 inputs of a pixel are packed to `chunk_bytes`.
FOVEA_INLINE size_t fovea_conv_packed_scratch(
    const fovea_conv_u8s8 *conv, int32_t max_pixels, int32_t chunk_groups, int32_t chunk_bytes) {
  const int64_t pixels = (int64_t)conv->out_height * conv->out_width;
  const int32_t chunks_a_tap = (conv->run + chunk_groups - 1) / chunk_groups;
  return (size_t)conv->taps * (size_t)chunks_a_tap * (size_t)chunk_bytes *
         (size_t)(pixels < max_pixels ? pixels : max_pixels);
}

#endif
