#ifndef FOVEA_FUNCTIONS_F32_H
#define FOVEA_FUNCTIONS_F32_H

#include "elementary_functions.h"
#include "inline.h"

// Elementwise functions of floats, for the instruction set whose vector_*.h was included before: the same operations in the
// same order for each, so that their bits agree. Errors are against the exact value (Tests/FoveaKernelsTests/
// FloatFunctionTests.swift measures them).

/// A polynomial by Horner's rule; `coefficients` from the highest power down.
FOVEA_INLINE FOVEA_VECTOR vector functions_polynomial(const int count, const float *coefficients, vector x) {
  vector sum = vector_all(coefficients[0]);
  FOVEA_UNROLL
  for (int i = 1; i < count; i++) {
    sum = vector_fma(sum, x, vector_all(coefficients[i]));
  }
  return sum;
}

/// Within 2 units in the last place; subnormal results within one of their spacings; infinite from 88.73 on. Range reduction to
/// |r| <= ln(2) / 2 and polynomial are those of Moshier's Cephes library (expf.c).
FOVEA_INLINE FOVEA_VECTOR vector functions_exp(vector x) {
  static const float coefficients[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                                       4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
  // Adding it rounds to whole numbers.
  const vector rounder = vector_all(12582912.0f);
  // Beyond these the result is 0, or infinite.
  const vector within = vector_clamp(x, vector_all(-105.0f), vector_all(89.0f));
  const vector n = vector_subtract(vector_fma(within, vector_all(1.44269504f), rounder), rounder);
  // ln(2) in two parts, of which the first has so few digits that its product with n is exact.
  const vector r = vector_fma(n, vector_all(2.12194440e-4f), vector_fma(n, vector_all(-0.693359375f), within));
  const vector p = functions_polynomial(6, coefficients, r);
  return vector_scale(vector_fma(p, vector_multiply(r, r), vector_add(r, vector_all(1.0f))), n);
}

FOVEA_INLINE FOVEA_VECTOR vector functions_negate(vector x) { return vector_multiply(x, vector_all(-1.0f)); }

/// Within 4 units in the last place of normal floats.
FOVEA_INLINE FOVEA_VECTOR vector functions_sigmoid(vector x) {
  const vector one = vector_all(1.0f);
  return vector_divide(one, vector_add(one, functions_exp(functions_negate(x))));
}

FOVEA_INLINE FOVEA_VECTOR vector functions_absolute(vector x) {
  return vector_select_less(x, vector_all(0.0f), functions_negate(x), x);
}

/// Within 3 units in the last place: x + x^3 P(x^2) below 0.625 (Cephes, tanhf.c), above it by exp.
FOVEA_INLINE FOVEA_VECTOR vector functions_tanh(vector x) {
  static const float coefficients[] = {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f,
                                       -3.33332819422e-1f};
  const vector square = vector_multiply(x, x), one = vector_all(1.0f);
  const vector p = functions_polynomial(5, coefficients, square);
  const vector small = vector_fma(vector_multiply(p, square), x, x);
  const vector large = vector_subtract(
      one, vector_divide(vector_all(2.0f), vector_add(functions_exp(vector_multiply(vector_all(2.0f), x)), one)));
  return vector_select_less(functions_absolute(x), vector_all(0.625f), small, large);
}

/// Within 2e-7: x P(x^2) up to 1 (Cephes, ndtrf.c), above it Abramowitz and Stegun's 7.1.26.
FOVEA_INLINE FOVEA_VECTOR vector functions_erf(vector x) {
  static const float inner[] = {7.853861353153693e-5f, -8.010193625184903e-4f, 5.188327685732524e-3f, -2.685381193529856e-2f,
                                1.128358514861418e-1f, -3.761262582423300e-1f, 1.128379165726710e+0f};
  static const float outer[] = {1.061405429f, -1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f};
  const vector zero = vector_all(0.0f), one = vector_all(1.0f);
  const vector square = vector_multiply(x, x), size = functions_absolute(x);
  const vector small = vector_multiply(x, functions_polynomial(7, inner, square));
  const vector t = vector_divide(one, vector_fma(size, vector_all(0.3275911f), one));
  const vector tail = vector_multiply(functions_polynomial(5, outer, t), t);
  const vector rest = vector_multiply(tail, functions_exp(functions_negate(square)));
  const vector large = vector_subtract(one, rest);
  const vector with_sign = vector_select_less(x, zero, functions_negate(large), large);
  return vector_select_less(size, one, small, with_sign);
}

/// x * max(0, min(1, x / 6 + 0.5))
FOVEA_INLINE FOVEA_VECTOR vector functions_hard_swish(vector x) {
  const vector factor = vector_fma(x, vector_all(1.0f / 6.0f), vector_all(0.5f));
  return vector_multiply(x, vector_clamp(factor, vector_all(0.0f), vector_all(1.0f)));
}

FOVEA_INLINE FOVEA_VECTOR vector functions_gelu(vector x) {
  const vector half = vector_multiply(x, vector_all(0.5f));
  return vector_fma(half, functions_erf(vector_multiply(x, vector_all(0.70710678f))), half);
}

FOVEA_INLINE FOVEA_VECTOR vector functions_gelu_tanh(vector x) {
  const vector half = vector_multiply(x, vector_all(0.5f)), cube = vector_multiply(vector_multiply(x, x), x);
  const vector inner = vector_multiply(vector_fma(cube, vector_all(0.044715f), x), vector_all(0.79788456f));
  return vector_fma(half, functions_tanh(inner), half);
}

/// A loop over vectors, for each of which `expression` gives the result at x; the last one may be a part of one.
#define EACH_VECTOR(expression)                                       \
  for (; begin + vector_lanes <= end; begin += vector_lanes) {        \
    const vector x = vector_load(input + begin);                      \
    vector_store(output + begin, (expression));                       \
  }                                                                   \
  if (begin < end) {                                                  \
    const int32_t left = (int32_t)(end - begin);                      \
    const vector x = vector_load_some(input + begin, left);           \
    vector_store_some(output + begin, (expression), left);            \
  }                                                                   \
  break

/// `fovea_unary_f32` with vectors; functions that few networks use are left to that.
FOVEA_INLINE FOVEA_VECTOR void functions_unary(
    const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end) {
  const vector alpha = vector_all(unary->alpha), beta = vector_all(unary->beta);
  const vector zero = vector_all(0.0f), one = vector_all(1.0f);
  switch (unary->operation) {
    case FOVEA_UNARY_CLAMP: EACH_VECTOR(vector_clamp(x, alpha, beta));
    case FOVEA_UNARY_LEAKY_RELU: EACH_VECTOR(vector_select_less(x, zero, vector_multiply(alpha, x), x));
    case FOVEA_UNARY_SIGMOID: EACH_VECTOR(functions_sigmoid(x));
    case FOVEA_UNARY_HARD_SIGMOID: EACH_VECTOR(vector_clamp(vector_fma(alpha, x, beta), zero, one));
    case FOVEA_UNARY_HARD_SWISH: EACH_VECTOR(functions_hard_swish(x));
    case FOVEA_UNARY_TANH: EACH_VECTOR(functions_tanh(x));
    case FOVEA_UNARY_SILU: EACH_VECTOR(vector_multiply(x, functions_sigmoid(x)));
    case FOVEA_UNARY_GELU: EACH_VECTOR(functions_gelu(x));
    case FOVEA_UNARY_GELU_TANH: EACH_VECTOR(functions_gelu_tanh(x));
    case FOVEA_UNARY_ERF: EACH_VECTOR(functions_erf(x));
    case FOVEA_UNARY_EXP: EACH_VECTOR(functions_exp(x));
    default: fovea_unary_f32(unary, input, output, begin, end);
  }
}

#undef EACH_VECTOR

#endif
