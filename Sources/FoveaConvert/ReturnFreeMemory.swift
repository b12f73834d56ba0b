#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gives what has been freed back to the system. glibc keeps blocks of up to 32 MB for later once one of their size was freed,
/// and weights are freed for good: without this, conversions take a fifth more memory than they use.
func returnFreeMemory() {
  _ = trim?(0)
}

/// glibc's malloc_trim, which its module for Swift lacks; nil in other C libraries.
private let trim: (@convention(c) (Int) -> CInt)? = {
  guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return nil }
  return unsafe unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)
}()
