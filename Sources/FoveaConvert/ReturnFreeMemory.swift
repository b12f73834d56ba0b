#if canImport(Glibc)
  import Glibc
#endif

/// Gives what has been freed back to the system. glibc keeps blocks of up to 32 MB for later once one of their size was freed,
/// and weights are freed for good: without this, conversions take a fifth more memory than they use.
func returnFreeMemory() {
  #if canImport(Glibc)
    malloc_trim(0)
  #endif
}
