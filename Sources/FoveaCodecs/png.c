// libpng behind values. Every jump begins in `fail` and lands in `guarded`. What must survive the jump is in the
// `job`, which belongs to the caller of `guarded`: the landing function's own variables would be indeterminate after
// it.
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "fovea_codecs.h"
#include "report.h"

typedef struct png_job {
  png_structp png;
  png_infop info;
  jmp_buf landing;
  fovea_codec_status status;
  fovea_codec_report *report;
  const uint8_t *next;
  size_t left;
  fovea_image_header header;
  uint8_t *rgb;
  size_t rgb_size;
} png_job;

static _Noreturn void fail(png_job *job, fovea_codec_status status, const char *message) {
  job->status = status;
  fovea_report_message(job->report, message);
  longjmp(job->landing, 1);
}

static _Noreturn void on_error(png_structp png, png_const_charp message) {
  // libpng has no error codes; only its allocator says these words.
  const int no_memory = strstr(message, "ut of memory") != NULL || strstr(message, "nsufficient memory") != NULL;
  fail(png_get_error_ptr(png), no_memory ? FOVEA_CODEC_OUT_OF_MEMORY : FOVEA_CODEC_CORRUPT, message);
}

static void on_warning(png_structp png, png_const_charp message) {
  (void)message;  // warnings concern optional chunks: damaged pixels are errors in libpng
  png_job *owner = png_get_error_ptr(png);
  owner->report->warnings += 1;
}

static void read_bytes(png_structp png, png_bytep out, size_t count) {
  png_job *owner = png_get_io_ptr(png);
  if (count > owner->left) {
    fail(owner, FOVEA_CODEC_CORRUPT, "the file ends early");
  }
  memcpy(out, owner->next, count);
  owner->next += count;
  owner->left -= count;
}

static fovea_codec_status guarded(png_job *job, void (*work)(png_job *)) {
  fovea_report_clear(job->report);
  job->status = FOVEA_CODEC_OK;
  if (setjmp(job->landing) == 0) {
    work(job);
  }
  png_destroy_read_struct(&job->png, &job->info, NULL);  // does nothing for what was not created
  return job->status;
}

static void read_header(png_job *job) {
  job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, job, on_error, on_warning);
  if (job->png == NULL) {
    fail(job, FOVEA_CODEC_OUT_OF_MEMORY, "out of memory");
  }
  job->info = png_create_info_struct(job->png);
  if (job->info == NULL) {
    fail(job, FOVEA_CODEC_OUT_OF_MEMORY, "out of memory");
  }
  png_set_read_fn(job->png, job, read_bytes);
  png_set_crc_action(job->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // A negative count means every chunk that libpng knows but pixels do not need (text, profiles, gamma,
  // transparency): they are skipped unparsed, their CRC still checked. libpng's default limits on width, height and
  // chunk sizes stay on.
  png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // Two are not in that set: tRNS, without which a palette expands to plain RGB, and eXIf, which Swift reads itself.
  static const png_byte others[] = "tRNS\0eXIf";
  png_set_keep_unknown_chunks(job->png, PNG_HANDLE_CHUNK_NEVER, others, 2);
  png_read_info(job->png, job->info);
  job->header.width = png_get_image_width(job->png, job->info);
  job->header.height = png_get_image_height(job->png, job->info);
  job->header.components = png_get_channels(job->png, job->info);
}

fovea_codec_status fovea_png_read_header(const uint8_t *data, size_t size, fovea_image_header *header,
                                         fovea_codec_report *report) {
  png_job job = {.report = report, .next = data, .left = size};
  const fovea_codec_status status = guarded(&job, read_header);
  *header = job.header;
  return status;
}

static void decode(png_job *job) {
  read_header(job);
  png_structp png = job->png;
  png_set_strip_16(png);
  png_set_expand(png);  // palettes to RGB, gray of 1, 2 and 4 bits to 8
  png_set_gray_to_rgb(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, job->info);
  const size_t row_bytes = png_get_rowbytes(png, job->info);
  const size_t height = job->header.height;
  if (row_bytes != (size_t)job->header.width * 3 || job->rgb_size != row_bytes * height) {
    fail(job, FOVEA_CODEC_BAD_ARGUMENT, "the buffer does not have the size of the image");
  }
  for (int pass = 0; pass < passes; pass++) {
    for (size_t y = 0; y < height; y++) {
      png_read_row(png, job->rgb + y * row_bytes, NULL);
    }
  }
  png_read_end(png, NULL);  // checks what follows the pixels
}

fovea_codec_status fovea_png_decode(const uint8_t *data, size_t size, uint8_t *rgb, size_t rgb_size,
                                    fovea_codec_report *report) {
  png_job job = {.report = report, .next = data, .left = size, .rgb = rgb, .rgb_size = rgb_size};
  return guarded(&job, decode);
}
