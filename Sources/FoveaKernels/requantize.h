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
/// Bounds are whole numbers, so clamping before rounding changes no result, and leaves a small number: adding 1.5 * 2^23 to
/// it leaves no fraction bits, so that the addition itself rounds half to even, without libm, and the number's low byte is
/// the sum's. The clamp also stands between product and sum: no compiler can contract them to an FMA.
FOVEA_INLINE uint8_t fovea_to_u8(float value, int32_t zero_point, int32_t low, int32_t high) {
  const float least = (float)(low - zero_point), most = (float)(high - zero_point);
  value = value > least ? value : least;
  value = value < most ? value : most;
  const float shifted = value + 12582912.0f;
  uint32_t bits;
  memcpy(&bits, &shifted, sizeof bits);
  return (uint8_t)(bits + (uint32_t)zero_point);
}

#endif
