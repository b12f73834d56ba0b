// JPEG and PNG from memory to 8-bit RGB, and the two inner loops of resizing.
//
// libjpeg and libpng end on a bad file by calling exit() or by longjmp, and print to stderr. Here every error comes
// back as a value: the jumps stay inside one C function, nothing is printed, nothing is allocated that outlives a
// call.
//
// Decoding takes two calls on the same bytes: read the header, provide width * height * 3 bytes, decode.
#ifndef FOVEA_CODECS_H
#define FOVEA_CODECS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum fovea_codec_status {
  FOVEA_CODEC_OK = 0,
  /// The bytes break the format: truncated, a failed checksum, impossible values.
  FOVEA_CODEC_CORRUPT = 1,
  /// A valid file of a kind that the library does not decode (12-bit or lossless JPEG, 2-channel JPEG).
  FOVEA_CODEC_UNSUPPORTED = 2,
  FOVEA_CODEC_OUT_OF_MEMORY = 3,
  /// The caller's size or scale does not fit the file.
  FOVEA_CODEC_BAD_ARGUMENT = 4,
} fovea_codec_status;

enum { FOVEA_CODEC_MESSAGE_SIZE = 208 };

/// What went wrong (or what was tolerated) in one call.
typedef struct fovea_codec_report {
  /// How many harmless oddities the library warned of, such as padding before the end marker.
  uint32_t warnings;
  /// The reason of a status other than FOVEA_CODEC_OK, in the library's words; NUL-terminated.
  char message[FOVEA_CODEC_MESSAGE_SIZE];
} fovea_codec_report;

typedef struct fovea_image_header {
  /// Pixels, as stored: an EXIF orientation is not applied.
  uint32_t width;
  uint32_t height;
  /// Channels as stored: 1 (gray, or a palette's index) to 4.
  uint32_t components;
} fovea_image_header;

/// Reads a JPEG's header.
fovea_codec_status fovea_jpeg_read_header(const uint8_t *data, size_t size, fovea_image_header *header,
                                          fovea_codec_report *report);

/// Decodes a JPEG to interleaved RGB, rows from the top, no padding.
///
/// `scale_denominator` 2, 4 or 8 makes the inverse DCT itself give an image reduced by that factor, for a fraction of
/// the work; the result has ceil(width / scale_denominator) x ceil(height / scale_denominator) pixels. `rgb_size`
/// must be exactly three times that number.
///
/// Where libjpeg would warn of damaged data and invent the rest (a gray lower half), this fails with
/// FOVEA_CODEC_CORRUPT.
fovea_codec_status fovea_jpeg_decode(const uint8_t *data, size_t size, uint32_t scale_denominator, uint8_t *rgb,
                                     size_t rgb_size, fovea_codec_report *report);

/// Reads a PNG's header: all chunks before the pixels.
fovea_codec_status fovea_png_read_header(const uint8_t *data, size_t size, fovea_image_header *header,
                                         fovea_codec_report *report);

/// Decodes a PNG to interleaved RGB, rows from the top, no padding. `rgb_size` must be exactly width * height * 3.
///
/// Alpha and transparent colours are dropped, not composited; of 16-bit samples the high byte is taken; gamma and
/// colour profiles are ignored. Every chunk's CRC must hold, and the file must be whole up to IEND.
fovea_codec_status fovea_png_decode(const uint8_t *data, size_t size, uint8_t *rgb, size_t rgb_size,
                                    fovea_codec_report *report);

/// Two neighbouring weights.
///
/// A weight w (22 fractional bits) is stored as w = high * 4096 + low with 0 <= low < 4096, so that both halves fit
/// the 16-bit multiplies which every x86-64 has (SSE2's pmaddwd): the sums are exact, hence independent of how they
/// are formed.
typedef struct fovea_tap_pair {
  int16_t high[2];
  int16_t low[2];
} fovea_tap_pair;

/// The weights of one output position: `count` of them, for the source positions from `first` on, two in a pair. If
/// `count` is odd, the last pair's second weight is 0.
typedef struct fovea_taps {
  uint32_t first;
  uint32_t count;
  /// Where this position's (count + 1) / 2 pairs begin in the array of all pairs.
  size_t offset;
} fovea_taps;

/// Resamples a row of RGB pixels: out[i] = round(sum of weight * source pixel), clamped, for `count` outputs.
///
/// Reads 1 byte past the last pixel that has a weight, because pixels are loaded 4 bytes at a time. Writes nothing
/// beyond the 3 * count bytes.
void fovea_resample_row(const uint8_t *source, const fovea_taps *taps, const fovea_tap_pair *pairs, size_t count,
                        uint8_t *out);

/// Mixes whole rows: out[x] = round(sum of weight[r] * row r at x), clamped, for `count` bytes.
///
/// Row r begins at source + (taps.first + r) * stride. Reads and writes nothing beyond `count` bytes of the weighted
/// rows.
void fovea_resample_column(const uint8_t *source, size_t stride, fovea_taps taps, const fovea_tap_pair *pairs,
                           size_t count, uint8_t *out);

/// The same two without SIMD instructions: the definition that the fast ones are tested against.
void fovea_resample_row_portable(const uint8_t *source, const fovea_taps *taps, const fovea_tap_pair *pairs,
                                 size_t count, uint8_t *out);
void fovea_resample_column_portable(const uint8_t *source, size_t stride, fovea_taps taps,
                                    const fovea_tap_pair *pairs, size_t count, uint8_t *out);

#ifdef __cplusplus
}
#endif

#endif
