// Float functions that few networks use, as libm computes them: one switch an element would cost more than the function, so each has
// a loop of its own.

#include "elementary_functions.h"
#include "inline.h"

#if __has_include(<math.h>)
#include <math.h>
#else
float expm1f(float x);
float expf(float x);
float logf(float x);
float log1pf(float x);
float erff(float x);
float sqrtf(float x);
float floorf(float x);
float ceilf(float x);
float rintf(float x);
float fabsf(float x);
float sinf(float x);
float cosf(float x);
float tanf(float x);
float asinf(float x);
float acosf(float x);
float atanf(float x);
float sinhf(float x);
float coshf(float x);
float tanhf(float x);
float asinhf(float x);
float acoshf(float x);
float atanhf(float x);
#endif

// Both halves are safe from overflow.
FOVEA_INLINE float softplus(float x) { return (x > 0.0f ? x : 0.0f) + log1pf(expf(-fabsf(x))); }

FOVEA_INLINE float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678f)); }

FOVEA_INLINE float gelu_tanh(float x) {
  return 0.5f * x * (1.0f + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

FOVEA_INLINE float shrink(float x, float lambda, float bias) {
  if (x < -lambda) {
    return x + bias;
  }
  return x > lambda ? x - bias : 0.0f;
}

FOVEA_INLINE float sign(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }

#define EACH(expression)                    \
  for (size_t i = begin; i < end; i++) {    \
    const float x = input[i];               \
    output[i] = (expression);               \
  }                                         \
  break

void fovea_elementary_f32(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end) {
  const float alpha = unary->alpha, beta = unary->beta;
  switch (unary->operation) {
    case FOVEA_UNARY_ELU: EACH(x > 0.0f ? x : alpha * expm1f(x));
    case FOVEA_UNARY_CELU: EACH(x > 0.0f ? x : alpha * expm1f(x / alpha));
    case FOVEA_UNARY_SELU: EACH(beta * (x > 0.0f ? x : alpha * expm1f(x)));
    case FOVEA_UNARY_THRESHOLDED_RELU: EACH(x > alpha ? x : 0.0f);
    case FOVEA_UNARY_SHRINK: EACH(shrink(x, alpha, beta));
    case FOVEA_UNARY_SOFTPLUS: EACH(softplus(x));
    case FOVEA_UNARY_SOFTSIGN: EACH(x / (1.0f + fabsf(x)));
    case FOVEA_UNARY_MISH: EACH(x * tanhf(softplus(x)));
    case FOVEA_UNARY_GELU: EACH(gelu(x));
    case FOVEA_UNARY_GELU_TANH: EACH(gelu_tanh(x));
    case FOVEA_UNARY_ERF: EACH(erff(x));
    case FOVEA_UNARY_ABSOLUTE: EACH(fabsf(x));
    case FOVEA_UNARY_NEGATE: EACH(-x);
    case FOVEA_UNARY_SIGN: EACH(sign(x));
    case FOVEA_UNARY_FLOOR: EACH(floorf(x));
    case FOVEA_UNARY_CEIL: EACH(ceilf(x));
    case FOVEA_UNARY_ROUND: EACH(rintf(x));
    case FOVEA_UNARY_SQRT: EACH(sqrtf(x));
    case FOVEA_UNARY_RECIPROCAL: EACH(1.0f / x);
    case FOVEA_UNARY_EXP: EACH(expf(x));
    case FOVEA_UNARY_LOG: EACH(logf(x));
    case FOVEA_UNARY_SIN: EACH(sinf(x));
    case FOVEA_UNARY_COS: EACH(cosf(x));
    case FOVEA_UNARY_TAN: EACH(tanf(x));
    case FOVEA_UNARY_ASIN: EACH(asinf(x));
    case FOVEA_UNARY_ACOS: EACH(acosf(x));
    case FOVEA_UNARY_ATAN: EACH(atanf(x));
    case FOVEA_UNARY_SINH: EACH(sinhf(x));
    case FOVEA_UNARY_COSH: EACH(coshf(x));
    case FOVEA_UNARY_ASINH: EACH(asinhf(x));
    case FOVEA_UNARY_ACOSH: EACH(acoshf(x));
    default: EACH(atanhf(x));  // FOVEA_UNARY_ATANH
  }
}
