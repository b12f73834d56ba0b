#ifndef FOVEA_ELEMENTARY_FUNCTIONS_H
#define FOVEA_ELEMENTARY_FUNCTIONS_H

#include "fovea_steps.h"

/// The functions from FOVEA_UNARY_ELU on; fovea_unary_f32 calls it for them.
void fovea_elementary_f32(const fovea_unary *unary, const float *input, float *output, size_t begin, size_t end);

#endif
