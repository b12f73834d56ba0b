#pragma once
#include <stddef.h>
#include <stdint.h>

/// libFuzzer as a library (FuzzerInterface.h): runs `test` on inputs as the command line says. `-sanitize=fuzzer` links it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *bytes, size_t count));
