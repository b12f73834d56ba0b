// The four functions of platform.h, on any C library: glibc here and on aarch64, newlib on a Cortex-M7.

#include "platform.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void *platform_read_file(const char *path, size_t *count) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    return NULL;
  }
  void *bytes = NULL;
  long size = -1;
  if (fseek(file, 0, SEEK_END) == 0) {
    size = ftell(file);
  }
  if (size >= 0 && size < INT32_MAX && fseek(file, 0, SEEK_SET) == 0) {
    *count = (size_t)size;
    bytes = memalign(64, *count ? *count : 1);
    if (bytes && fread(bytes, 1, *count, file) != *count) {
      free(bytes);
      bytes = NULL;
    }
  }
  fclose(file);
  return bytes;
}

bool platform_write_file(const char *path, const void *bytes, size_t count) {
  FILE *file = fopen(path, "wb");
  if (!file) {
    return false;
  }
  const bool wrote = fwrite(bytes, 1, count, file) == count;
  return fclose(file) == 0 && wrote;
}

void platform_print(const char *line, bool is_error) { fprintf(is_error ? stderr : stdout, "%s\n", line); }

uint64_t platform_microseconds(void) {
#if defined(CLOCK_MONOTONIC)
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
  }
#endif
  return (uint64_t)clock() * (1000000 / CLOCKS_PER_SEC);
}

#if defined(__NEWLIB__)

// What embedded Swift's runtime calls and newlib lacks.

int posix_memalign(void **memory, size_t alignment, size_t count) {
  *memory = memalign(alignment, count);
  return *memory ? 0 : ENOMEM;
}

/// Seeds the hashing of sets and dictionaries, of which the core has none.
void arc4random_buf(void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    ((unsigned char *)bytes)[i] = (unsigned char)(0x9e + 37 * i);
  }
}

#endif
