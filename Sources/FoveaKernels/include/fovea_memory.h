#ifndef FOVEA_MEMORY_H
#define FOVEA_MEMORY_H

#include <stddef.h>

#if defined(__linux__) && __has_include(<sys/mman.h>)

/// Zeroed memory on a 64-byte boundary (or better), or NULL. Large areas begin on 2 MiB boundaries and ask for pages of that
/// size: one page fault in place of five hundred.
void *fovea_allocate_zeroed(size_t bytes);

/// Gives it back; `bytes` as it was asked for.
void fovea_free_zeroed(void *memory, size_t bytes);

#endif

#endif
