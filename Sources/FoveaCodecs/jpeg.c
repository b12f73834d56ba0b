// libjpeg behind values. Every jump begins in `fail` and lands in `guarded`. What must survive the jump is in the
// `job`, which belongs to the caller of `guarded`: the landing function's own variables would be indeterminate after
// it.
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

#include "fovea_codecs.h"
#include "report.h"

// A progressive file may repeat scans without end, each costing a pass over the whole image; encoders write about
// ten. The same bound as in libjpeg-turbo's own fuzz targets.
enum { MAX_SCANS = 500 };

typedef struct jpeg_job {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf landing;
  fovea_codec_status status;
  fovea_codec_report *report;
  const uint8_t *data;
  size_t size;
  fovea_image_header header;
  uint32_t scale_denominator;
  uint8_t *rgb;
  size_t rgb_size;
} jpeg_job;

static fovea_codec_status status_of(int message_code) {
  switch (message_code) {
  case JERR_OUT_OF_MEMORY:
    return FOVEA_CODEC_OUT_OF_MEMORY;
  case JERR_ARITH_NOTIMPL:
  case JERR_BAD_PRECISION:
  case JERR_CCIR601_NOTIMPL:
  case JERR_COMPONENT_COUNT:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_NOT_COMPILED:
  case JERR_SOF_UNSUPPORTED:
    return FOVEA_CODEC_UNSUPPORTED;
  default:
    return FOVEA_CODEC_CORRUPT;
  }
}

static _Noreturn void fail(jpeg_job *job, fovea_codec_status status, const char *message) {
  job->status = status;
  fovea_report_message(job->report, message);
  longjmp(job->landing, 1);
}

static _Noreturn void error_exit(j_common_ptr common) {
  jpeg_job *owner = common->client_data;
  char message[JMSG_LENGTH_MAX];
  common->err->format_message(common, message);
  fail(owner, status_of(common->err->msg_code), message);
}

// libjpeg warns and goes on with invented pixels. Only warnings after which the picture is still the one that was
// encoded pass.
static bool is_harmless(j_common_ptr common) {
  switch (common->err->msg_code) {
  case JWRN_JFIF_MAJOR:
  case JWRN_ADOBE_XFORM:
    return true;
  case JWRN_EXTRANEOUS_DATA:
    return common->err->msg_parm.i[1] == JPEG_EOI;  // cameras pad their files: all pixels were there
  default:
    return false;
  }
}

static void emit_message(j_common_ptr common, int level) {
  if (level >= 0) {
    return;  // a trace message
  }
  if (!is_harmless(common)) {
    error_exit(common);
  }
  jpeg_job *owner = common->client_data;
  owner->report->warnings += 1;
}

static void output_message(j_common_ptr common) {
  (void)common;  // the default prints to stderr
}

static void bound_scans(j_common_ptr common) {
  jpeg_job *owner = common->client_data;
  if (owner->jpeg.input_scan_number > MAX_SCANS) {
    fail(owner, FOVEA_CODEC_CORRUPT, "more than 500 scans");
  }
}

static fovea_codec_status guarded(jpeg_job *job, void (*work)(jpeg_job *)) {
  fovea_report_clear(job->report);
  job->status = FOVEA_CODEC_OK;
  job->jpeg.err = jpeg_std_error(&job->errors);
  job->jpeg.client_data = job;
  job->errors.error_exit = error_exit;
  job->errors.emit_message = emit_message;
  job->errors.output_message = output_message;
  if (setjmp(job->landing) == 0) {
    work(job);
  }
  jpeg_destroy_decompress(&job->jpeg);  // does nothing if it was not created
  return job->status;
}

static void read_header(jpeg_job *job) {
  jpeg_create_decompress(&job->jpeg);  // clears all but err and client_data
  job->progress.progress_monitor = bound_scans;
  job->jpeg.progress = &job->progress;
  jpeg_mem_src(&job->jpeg, job->data, (unsigned long)job->size);
  (void)jpeg_read_header(&job->jpeg, TRUE);
  job->header.width = job->jpeg.image_width;
  job->header.height = job->jpeg.image_height;
  job->header.components = (uint32_t)job->jpeg.num_components;
}

fovea_codec_status fovea_jpeg_read_header(const uint8_t *data, size_t size, fovea_image_header *header,
                                          fovea_codec_report *report) {
  jpeg_job job = {.report = report, .data = data, .size = size};
  const fovea_codec_status status = guarded(&job, read_header);
  *header = job.header;
  return status;
}

// round(a * b / 255) for bytes.
static inline uint32_t multiply_255(uint32_t a, uint32_t b) {
  const uint32_t t = a * b + 128;
  return (t + (t >> 8)) >> 8;
}

// CMYK as Adobe's programs store it, inverted: each sample is 255 minus the ink. Without a colour profile, ink of a
// colour and black simply darken each other: R = K' - (255 - C') * K' / 255 in stored values, Pillow's rule.
static void rgb_from_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, size_t width) {
  for (size_t x = 0; x < width; x++, cmyk += 4, rgb += 3) {
    const uint32_t light = cmyk[3];
    for (int c = 0; c < 3; c++) {
      rgb[c] = (uint8_t)(light - multiply_255(255u - cmyk[c], light));
    }
  }
}

static void decode(jpeg_job *job) {
  const uint32_t scale = job->scale_denominator;
  if (scale != 1 && scale != 2 && scale != 4 && scale != 8) {
    fail(job, FOVEA_CODEC_BAD_ARGUMENT, "the scale is not 1, 2, 4 or 8");
  }
  read_header(job);
  j_decompress_ptr jpeg = &job->jpeg;
  const J_COLOR_SPACE stored = jpeg->jpeg_color_space;
  const bool is_cmyk = stored == JCS_CMYK || stored == JCS_YCCK;
  if (stored == JCS_UNKNOWN) {
    fail(job, FOVEA_CODEC_UNSUPPORTED, "the number of colour channels is neither 1, 3 nor 4");
  }
  jpeg->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  jpeg->scale_num = 1;
  jpeg->scale_denom = scale;
  jpeg_calc_output_dimensions(jpeg);
  const size_t row_bytes = (size_t)jpeg->output_width * 3;
  if (job->rgb_size != row_bytes * jpeg->output_height) {
    fail(job, FOVEA_CODEC_BAD_ARGUMENT, "the buffer does not have the size of the image");
  }
  (void)jpeg_start_decompress(jpeg);
  JSAMPARRAY cmyk = NULL;
  if (is_cmyk) {
    cmyk = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *row = job->rgb + row_bytes * jpeg->output_scanline;
    if (is_cmyk) {
      (void)jpeg_read_scanlines(jpeg, cmyk, 1);
      rgb_from_inverted_cmyk(cmyk[0], row, jpeg->output_width);
    } else {
      (void)jpeg_read_scanlines(jpeg, &row, 1);
    }
  }
  (void)jpeg_finish_decompress(jpeg);  // reads on to the end marker
}

fovea_codec_status fovea_jpeg_decode(const uint8_t *data, size_t size, uint32_t scale_denominator, uint8_t *rgb,
                                     size_t rgb_size, fovea_codec_report *report) {
  jpeg_job job = {.report = report, .data = data, .size = size, .scale_denominator = scale_denominator, .rgb = rgb,
             .rgb_size = rgb_size};
  return guarded(&job, decode);
}
