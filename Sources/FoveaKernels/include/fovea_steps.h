#ifndef FOVEA_STEPS_H
#define FOVEA_STEPS_H

#include <stddef.h>
#include <stdint.h>

// Every step that is not an 8-bit convolution, in portable C: the definition of its bits (8-bit steps) or of its value
// (float steps). Ranges `begin ..< end` let threads share a step.

/// out = clamp(round_half_even((float)sum * scale) + zero_point, low, high); see fovea_conv.h.
typedef struct fovea_rescale {
  float scale;
  int32_t zero_point, low, high;
} fovea_rescale;

/// u8 + u8 -> u8. sum = a * a_multiplier + b * b_multiplier + bias; multipliers are in -32768...32767.
/// Row r, column c reads a[r * a_stride + c] and b[r * b_stride + c]: a stride of 0 broadcasts one row.
typedef struct fovea_add_u8 {
  const uint8_t *a, *b;
  uint8_t *output;             ///< [rows][columns]
  int32_t rows, columns, a_stride, b_stride;
  int32_t a_multiplier, b_multiplier, bias;
  fovea_rescale rescale;
} fovea_add_u8;
void fovea_add_u8_run(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end);
/// The types of the functions that each instruction set has one of (fovea_conv.h).
typedef void fovea_add_u8_function(const fovea_add_u8 *add, int32_t row_begin, int32_t row_end);

/// u8 * u8 -> u8. sum = (a - a_zero_point) * (b - b_zero_point).
typedef struct fovea_multiply_u8 {
  const uint8_t *a, *b;
  uint8_t *output;             ///< [rows][columns]
  int32_t rows, columns, a_stride, b_stride;
  int32_t a_zero_point, b_zero_point;
  fovea_rescale rescale;
} fovea_multiply_u8;
void fovea_multiply_u8_run(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end);
typedef void fovea_multiply_u8_function(const fovea_multiply_u8 *multiply, int32_t row_begin, int32_t row_end);

/// Bytes through tables that their channels choose: output[row][c] = tables[selection[c]][input[row][c]].
typedef struct fovea_channel_tables_u8 {
  const uint8_t *input;      ///< [rows][channels]
  uint8_t *output;           ///< [rows][channels]
  int32_t rows, channels;
  const uint8_t *tables;     ///< [tables][256]
  const uint8_t *selection;  ///< [channels], each less than the number of tables
} fovea_channel_tables_u8;

/// Computes channels `channel_begin ..< channel_end` of rows `row_begin ..< row_end`.
void fovea_channel_tables_u8_run(
    const fovea_channel_tables_u8 *step, int32_t row_begin, int32_t row_end, int32_t channel_begin, int32_t channel_end);
typedef void fovea_channel_tables_u8_function(
    const fovea_channel_tables_u8 *step, int32_t row_begin, int32_t row_end, int32_t channel_begin, int32_t channel_end);

/// out[i] = table[in[i]].
void fovea_table_u8(const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]);
typedef void fovea_table_u8_function(
    const uint8_t *input, uint8_t *output, size_t begin, size_t end, const uint8_t table[256]);
#if defined(__x86_64__)
/// With AVX-512 VBMI (fovea_cpu.h), which not every CPU with the other instructions of `fovea_int8_avx512vnni` has.
fovea_table_u8_function fovea_table_u8_avx512vbmi;
fovea_channel_tables_u8_function fovea_channel_tables_u8_avx512vbmi;
#endif

/// clamp(round_half_even(x / scale) + zero_point, 0, 255); NaN gives 0.
void fovea_quantize_u8(
    const float *input, uint8_t *output, size_t begin, size_t end, float scale, int32_t zero_point);

/// (q - zero_point) * scale.
void fovea_dequantize_u8(
    const uint8_t *input, float *output, size_t begin, size_t end, float scale, int32_t zero_point);

/// Moves a box of up to 6 dimensions between strided places; a stride of 0 repeats, a negative one reverses.
/// Transpose, slice, split, concat, broadcast and the inside of a pad are all this.
typedef struct fovea_copy {
  const void *input;
  void *output;
  int32_t element_size;        ///< 1 or 4 bytes
  int32_t sizes[6];            ///< outermost first; unused leading dimensions are 1
  int32_t input_strides[6];    ///< in elements
  int32_t output_strides[6];   ///< in elements
  int32_t input_offset, output_offset;  ///< in elements
  const uint8_t *table;        ///< 256 entries through which bytes pass, or null; only with element_size 1
} fovea_copy;
/// `begin ..< end` number the outermost index whose size exceeds 1 (see fovea_copy_outer).
void fovea_copy_run(const fovea_copy *copy, int32_t begin, int32_t end);
/// How many parts fovea_copy_run can be cut into.
int32_t fovea_copy_outer(const fovea_copy *copy);

/// Fills elements with one value.
void fovea_fill_u8(uint8_t *output, size_t begin, size_t end, uint8_t value);
void fovea_fill_f32(float *output, size_t begin, size_t end, float value);

/// A pooling window over NHWC. A window is cut to the padded input, -pad_top ..< height + pad_bottom (likewise in x).
typedef struct fovea_pool {
  int32_t height, width, channels, out_height, out_width;
  int32_t kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x;
  int32_t pad_top, pad_left, pad_bottom, pad_right;
  int32_t count_include_pad;   ///< averages only: 1 divides by the positions inside the padded input, 0 inside the input
} fovea_pool;
void fovea_max_pool_u8(const fovea_pool *pool, const uint8_t *input, uint8_t *output, int32_t row_begin, int32_t row_end);
void fovea_max_pool_f32(const fovea_pool *pool, const float *input, float *output, int32_t row_begin, int32_t row_end);
/// sum = the sum over the window's rows of the sum of a row.
void fovea_average_pool_f32(
    const fovea_pool *pool, const float *input, float *output, int32_t row_begin, int32_t row_end);
/// sum = the sum of (x - input_zero_point) over the window's positions inside the input; the factor is
/// rescale->scale / (float)count, one division.
void fovea_average_pool_u8(
    const fovea_pool *pool, const uint8_t *input, int32_t input_zero_point, const fovea_rescale *rescale, uint8_t *output,
    int32_t row_begin, int32_t row_end);

/// The sums of rows' pixels, `sums` being [height][channels]: each thread makes those of the rows that it has just computed.
void fovea_sum_rows_u8(
    const uint8_t *input, int32_t width, int32_t channels, int32_t row_begin, int32_t row_end, int32_t channel_begin,
    int32_t channel_end, int32_t *sums);
void fovea_sum_rows_f32(
    const float *input, int32_t width, int32_t channels, int32_t row_begin, int32_t row_end, int32_t channel_begin,
    int32_t channel_end, float *sums);
/// What the average pools make of a whole image, of its rows' sums: the same bits.
void fovea_average_rows_u8(
    const int32_t *sums, int32_t height, int32_t width, int32_t channels, int32_t input_zero_point,
    const fovea_rescale *rescale, uint8_t *output);
void fovea_average_rows_f32(const float *sums, int32_t height, int32_t width, int32_t channels, float *output);

/// Float activations and other elementwise functions, with ONNX's definitions.
typedef enum fovea_unary_operation {
  FOVEA_UNARY_IDENTITY = 0,
  FOVEA_UNARY_CLAMP = 1,         ///< min(max(x, alpha), beta): Relu, Clip
  FOVEA_UNARY_LEAKY_RELU = 2,    ///< x < 0 ? alpha * x : x
  FOVEA_UNARY_SIGMOID = 3,
  FOVEA_UNARY_HARD_SIGMOID = 4,  ///< max(0, min(1, alpha * x + beta))
  FOVEA_UNARY_HARD_SWISH = 5,    ///< x * max(0, min(1, x / 6 + 0.5))
  FOVEA_UNARY_TANH = 6,
  FOVEA_UNARY_SILU = 7,          ///< x * sigmoid(x)
  FOVEA_UNARY_ELU = 8,           ///< x > 0 ? x : alpha * (exp(x) - 1)
  FOVEA_UNARY_CELU = 9,          ///< x > 0 ? x : alpha * (exp(x / alpha) - 1)
  FOVEA_UNARY_SELU = 10,         ///< beta * elu(x)
  FOVEA_UNARY_THRESHOLDED_RELU = 11,  ///< x > alpha ? x : 0
  FOVEA_UNARY_SHRINK = 12,       ///< x < -alpha ? x + beta : x > alpha ? x - beta : 0
  FOVEA_UNARY_SOFTPLUS = 13,
  FOVEA_UNARY_SOFTSIGN = 14,
  FOVEA_UNARY_MISH = 15,
  FOVEA_UNARY_GELU = 16,         ///< by erf
  FOVEA_UNARY_GELU_TANH = 17,    ///< by tanh
  FOVEA_UNARY_ERF = 18,
  FOVEA_UNARY_ABSOLUTE = 19,
  FOVEA_UNARY_NEGATE = 20,
  FOVEA_UNARY_SIGN = 21,
  FOVEA_UNARY_FLOOR = 22,
  FOVEA_UNARY_CEIL = 23,
  FOVEA_UNARY_ROUND = 24,        ///< halves to even
  FOVEA_UNARY_SQRT = 25,
  FOVEA_UNARY_RECIPROCAL = 26,
  FOVEA_UNARY_EXP = 27,
  FOVEA_UNARY_LOG = 28,
  FOVEA_UNARY_SIN = 29,
  FOVEA_UNARY_COS = 30,
  FOVEA_UNARY_TAN = 31,
  FOVEA_UNARY_ASIN = 32,
  FOVEA_UNARY_ACOS = 33,
  FOVEA_UNARY_ATAN = 34,
  FOVEA_UNARY_SINH = 35,
  FOVEA_UNARY_COSH = 36,
  FOVEA_UNARY_ASINH = 37,
  FOVEA_UNARY_ACOSH = 38,
  FOVEA_UNARY_ATANH = 39,
  FOVEA_UNARY_OPERATION_COUNT = 40
} fovea_unary_operation;

typedef struct fovea_unary {
  int32_t operation;           ///< a fovea_unary_operation
  float alpha, beta;
} fovea_unary;
void fovea_unary_f32(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end);

typedef enum fovea_binary_operation {
  FOVEA_BINARY_ADD = 0,
  FOVEA_BINARY_SUBTRACT = 1,
  FOVEA_BINARY_MULTIPLY = 2,
  FOVEA_BINARY_DIVIDE = 3,
  FOVEA_BINARY_MINIMUM = 4,      ///< NaN where either is
  FOVEA_BINARY_MAXIMUM = 5,
  FOVEA_BINARY_POWER = 6,        ///< a to the power of b
  FOVEA_BINARY_PRELU = 7,        ///< a < 0 ? a * b : a
  FOVEA_BINARY_OPERATION_COUNT = 8
} fovea_binary_operation;

/// Row r, column c reads a[r * a_stride + c] and b[r * b_stride + c]: a stride of 0 broadcasts one row.
typedef struct fovea_binary_f32 {
  int32_t operation;           ///< a fovea_binary_operation
  const float *a, *b;
  float *output;               ///< [rows][columns]
  int32_t rows, columns, a_stride, b_stride;
  fovea_unary activation;
} fovea_binary_f32;
void fovea_binary_f32_run(const fovea_binary_f32 *binary, int32_t row_begin, int32_t row_end);

/// Softmax over the middle dimension of [outer][length][inner].
void fovea_softmax_f32(
    const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin, int32_t outer_end);
/// Mean over the middle dimension of [outer][length][inner], accumulated in f64.
void fovea_mean_f32(
    const float *input, float *output, int32_t length, int32_t inner, int32_t outer_begin, int32_t outer_end);

/// Row-major C[m][n] = A[m][k] * B[k][n]; strides in elements.
typedef void fovea_sgemm_function(
    int32_t m, int32_t n, int32_t k, const float *a, int32_t a_stride, const float *b, int32_t b_stride, float *c,
    int32_t c_stride);
/// The fallback where no BLAS is at hand: blocked, plain C.
void fovea_sgemm_portable(
    int32_t m, int32_t n, int32_t k, const float *a, int32_t a_stride, const float *b, int32_t b_stride, float *c,
    int32_t c_stride);

/// A convolution's window over NHWC images, padded with zeros; `channels` of `input_channels` are taken.
typedef struct fovea_window {
  int32_t height, width, input_channels, channels;
  int32_t kernel_height, kernel_width, stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left;
  int32_t out_height, out_width;
} fovea_window;

#endif
