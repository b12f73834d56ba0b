// The activations' memory. The first inference touches all of it, and page by page that is 0.8 ms for EfficientNet-Lite0's
// 1.7 MB (AMD EPYC, Zen 4): docs/PERFORMANCE.md, "Start".

#if defined(__linux__) && __has_include(<sys/mman.h>)

#define _GNU_SOURCE
#include "fovea_memory.h"

#include <stdint.h>
#include <sys/mman.h>

static const size_t huge = (size_t)2 << 20;

/// From here up, huge pages are asked for: in a smaller area most of one would be spent in vain.
static const size_t worth_a_huge_page = (size_t)1 << 20;

static size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

/// What is mapped for `bytes`: whole huge pages where those are asked for.
static size_t mapped(size_t bytes) { return bytes < worth_a_huge_page ? bytes : round_up(bytes, huge); }

void *fovea_allocate_zeroed(size_t bytes) {
  if (bytes == 0 || bytes > SIZE_MAX - 2 * huge) return NULL;
  size_t size = mapped(bytes);
  size_t slack = bytes < worth_a_huge_page ? 0 : huge;
  char *area = mmap(NULL, size + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return NULL;
  if (slack == 0) return area;
  char *start = (char *)round_up((uintptr_t)area, huge);
  size_t before = (size_t)(start - area);
  if (before > 0) munmap(area, before);
  if (before < slack) munmap(start + size, slack - before);
  // A wish: where the system has no such pages, these are ordinary ones.
  madvise(start, size, MADV_HUGEPAGE);
  return start;
}

void fovea_free_zeroed(void *memory, size_t bytes) {
  if (memory) munmap(memory, mapped(bytes));
}

#else

typedef int fovea_memory_is_for_linux;

#endif
