#ifndef FOVEA_REQUANTIZE_H
#define FOVEA_REQUANTIZE_H

#include "inline.h"

#include <stdint.h>

// How a float becomes a byte, in plain C: the definition of every 8-bit step's last line.

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

/// clamp(round_half_even(value) + zero_point, low, high); NaN gives `low`.
///
/// Clamping to +-512 first changes no result, since |zero_point| and the bounds are below 256, and it makes rounding
/// possible without libm: adding 1.5 * 2^23 leaves no fraction bits, so that the addition itself rounds half to even.
/// The clamp also stands between the product and the sum: no compiler can contract them to an FMA.
FOVEA_INLINE uint8_t fovea_to_u8(float value, int32_t zero_point, int32_t low, int32_t high) {
  value = value > -512.0f ? value : -512.0f;
  value = value < 512.0f ? value : 512.0f;
  float shifted = value + 12582912.0f;
  int32_t result = (int32_t)(shifted - 12582912.0f) + zero_point;
  result = result > low ? result : low;
  result = result < high ? result : high;
  return (uint8_t)result;
}

#endif
