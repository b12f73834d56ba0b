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

/// Makes large blocks go back to the system as soon as they are freed, whatever was freed before: for processes that convert and do
/// little else. glibc otherwise keeps them among small ones that live on; EfficientNet-Lite0's conversion took 87 MB without this, 72
/// with it.
package func returnLargeBlocksOnceFreed() {
  _ = setOption?(mmapThreshold, 1 << 19)
}

/// M_MMAP_THRESHOLD of malloc.h.
private let mmapThreshold: CInt = -3

/// glibc's mallopt, which its module for Swift lacks as well.
private let setOption: (@convention(c) (CInt, CInt) -> CInt)? = {
  guard let symbol = unsafe dlsym(nil, "mallopt") else { return nil }
  return unsafe unsafeBitCast(symbol, to: (@convention(c) (CInt, CInt) -> CInt).self)
}()

/// glibc's malloc_trim, which its module for Swift lacks; nil in other C libraries.
private let trim: (@convention(c) (Int) -> CInt)? = {
  guard let symbol = unsafe dlsym(nil, "malloc_trim") else { return nil }
  return unsafe unsafeBitCast(symbol, to: (@convention(c) (Int) -> CInt).self)
}()
