// The smallest program that says what is on a photo with ONNX Runtime: process.py times it beside `fovea classify`.
//
//   onnxruntime_classify MODEL INPUT OUTPUT LABELS THREADS PHOTO.jpg
//
// A JPEG is decoded at reduced size as fovea does, its middle sampled to 224 x 224 (by nearest pixels: less work than fovea's
// bicubic), the five most probable labels are printed. The Python package carries ONNX Runtime's library without its header, so
// the functions are called by their place in OrtApi, which the project promises never to change.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { SIDE = 224, CLASSES = 1000, VERSION = 14 };
enum {
  GET_ERROR_MESSAGE = 2, CREATE_ENV = 3, CREATE_SESSION = 7, RUN = 9, CREATE_SESSION_OPTIONS = 10,
  SET_INTRA_OP_NUM_THREADS = 24, CREATE_TENSOR_WITH_DATA = 49, GET_TENSOR_MUTABLE_DATA = 51, CREATE_CPU_MEMORY_INFO = 69,
};

typedef void *status;
typedef struct {
  void *const *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
} api_base;
extern const api_base *OrtGetApiBase(void);

static void *const *api;

static void check(status failed) {
  if (!failed) return;
  fprintf(stderr, "ONNX Runtime: %s\n", ((const char *(*)(status))api[GET_ERROR_MESSAGE])(failed));
  exit(1);
}

// The photo's middle as the network takes it: [3][SIDE][SIDE], (x - 127) / 128.
static void read_photo(const char *path, float *input) {
  FILE *file = fopen(path, "rb");
  if (!file) exit((perror(path), 1));
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&jpeg);
  jpeg_stdio_src(&jpeg, file);
  jpeg_read_header(&jpeg, TRUE);
  unsigned shorter = jpeg.image_width < jpeg.image_height ? jpeg.image_width : jpeg.image_height;
  jpeg.scale_num = 8;
  jpeg.scale_denom = 8;
  while (jpeg.scale_num > 1 && shorter * (jpeg.scale_num - 1) / 8 >= 256) jpeg.scale_num--;
  jpeg_start_decompress(&jpeg);
  size_t width = jpeg.output_width, height = jpeg.output_height;
  uint8_t *pixels = malloc(width * height * 3);
  while (jpeg.output_scanline < height) {
    uint8_t *row = pixels + jpeg.output_scanline * width * 3;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_destroy_decompress(&jpeg);
  fclose(file);
  double crop = (width < height ? width : height) * 0.875;
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      size_t row = (height - crop) / 2 + (y + 0.5) * crop / SIDE, column = (width - crop) / 2 + (x + 0.5) * crop / SIDE;
      for (int c = 0; c < 3; c++)
        input[(c * SIDE + y) * SIDE + x] = (pixels[(row * width + column) * 3 + c] - 127.0f) / 128.0f;
    }
  free(pixels);
}

static void print_top(const float *logits, const char *path) {
  static char labels[CLASSES][128];
  FILE *file = fopen(path, "r");
  if (!file) exit((perror(path), 1));
  for (int i = 0; i < CLASSES && fgets(labels[i], sizeof labels[i], file); i++) labels[i][strcspn(labels[i], "\n")] = 0;
  fclose(file);
  float largest = logits[0], sum = 0;
  for (int i = 0; i < CLASSES; i++) largest = logits[i] > largest ? logits[i] : largest;
  for (int i = 0; i < CLASSES; i++) sum += expf(logits[i] - largest);
  char taken[CLASSES] = {0};
  for (int rank = 0; rank < 5; rank++) {
    int best = -1;
    for (int i = 0; i < CLASSES; i++)
      if (!taken[i] && (best < 0 || logits[i] > logits[best])) best = i;
    taken[best] = 1;
    printf("%7.1f%%  %s\n", 100 * expf(logits[best] - largest) / sum, labels[best]);
  }
}

int main(int count, char **arguments) {
  if (count != 7) return fprintf(stderr, "usage: %s MODEL INPUT OUTPUT LABELS THREADS PHOTO.jpg\n", arguments[0]), 64;
  const char *model = arguments[1], *input_name = arguments[2], *output_name = arguments[3];
  if (!(api = OrtGetApiBase()->get_api(VERSION))) return fprintf(stderr, "ONNX Runtime is too old\n"), 1;
  void *environment, *options, *session, *memory, *input, *output = NULL, *logits;
  check(((status(*)(int, const char *, void **))api[CREATE_ENV])(3, "classify", &environment));
  check(((status(*)(void **))api[CREATE_SESSION_OPTIONS])(&options));
  check(((status(*)(void *, int))api[SET_INTRA_OP_NUM_THREADS])(options, atoi(arguments[5])));
  check(((status(*)(void *, const char *, void *, void **))api[CREATE_SESSION])(environment, model, options, &session));
  check(((status(*)(int, int, void **))api[CREATE_CPU_MEMORY_INFO])(0, 0, &memory));

  static float pixels[3 * SIDE * SIDE];
  read_photo(arguments[6], pixels);
  const int64_t shape[] = {1, 3, SIDE, SIDE};
  check(((status(*)(void *, void *, size_t, const int64_t *, size_t, int, void **))api[CREATE_TENSOR_WITH_DATA])(
      memory, pixels, sizeof pixels, shape, 4, 1, &input));
  check(((status(*)(void *, void *, const char *const *, void *const *, size_t, const char *const *, size_t, void **))
             api[RUN])(session, NULL, &input_name, &input, 1, &output_name, 1, &output));
  check(((status(*)(void *, void **))api[GET_TENSOR_MUTABLE_DATA])(output, &logits));
  print_top(logits, arguments[4]);
  fflush(stdout);
  _Exit(0);  // nothing is worth tearing down
}
