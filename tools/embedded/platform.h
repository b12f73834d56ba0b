#ifndef FOVEA_PLATFORM_H
#define FOVEA_PLATFORM_H

// What main.swift asks of the machine under it. Embedded Swift has no Glibc module, and a port to another system has only
// these four functions to answer.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A whole file in memory that starts on a 64-byte boundary, which models need; null where it cannot be read. Never freed.
void *platform_read_file(const char *path, size_t *count);

/// Writes a whole file. False where that fails, whatever is there then.
bool platform_write_file(const char *path, const void *bytes, size_t count);

/// Writes one line: to standard error if `is_error`, otherwise to standard output.
void platform_print(const char *line, bool is_error);

/// Microseconds of some clock that never runs backwards.
uint64_t platform_microseconds(void);

#endif
