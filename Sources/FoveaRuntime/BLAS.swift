import FoveaKernels
import Glibc

/// OpenBLAS, found at run time: linking it would cost every process, int8 ones too, its start (1.8 ms measured).
@safe
package struct BLAS: @unchecked Sendable {
  // Two C functions of a library that is never unloaded: hence @unchecked Sendable.
  private let cblasSgemm: CblasSgemm
  /// The library's file name.
  package let name: String

  /// cblas_sgemm(order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc), with 32-bit integers.
  private typealias CblasSgemm =
    @convention(c) (
      CInt, CInt, CInt, CInt, CInt, CInt, Float, UnsafePointer<Float>?, CInt, UnsafePointer<Float>?, CInt, Float,
      UnsafeMutablePointer<Float>?, CInt
    ) -> Void

  private static let rowMajor: CInt = 101
  private static let noTranspose: CInt = 111

  /// Loaded when first asked for; nil where no library is installed.
  package static let shared: BLAS? = load()

  private static func load() -> BLAS? {
    for name in ["libopenblas.so.0", "libopenblas.so"] {
      guard let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL),
        let sgemm = unsafe dlsym(library, "cblas_sgemm")
      else { continue }
      // Sessions have threads of their own, each of which calls sgemm for its part.
      if let setThreads = unsafe dlsym(library, "openblas_set_num_threads") {
        unsafe unsafeBitCast(setThreads, to: (@convention(c) (CInt) -> Void).self)(1)
      }
      return unsafe BLAS(cblasSgemm: unsafeBitCast(sgemm, to: CblasSgemm.self), name: name)
    }
    return nil
  }

  /// The library's sgemm where there is one, else the portable one.
  package static var sgemm: fovea_sgemm_function {
    guard shared != nil else { return unsafe fovea_sgemm_portable }
    return { m, n, k, a, aStride, b, bStride, c, cStride in
      unsafe BLAS.shared?.cblasSgemm(
        BLAS.rowMajor, BLAS.noTranspose, BLAS.noTranspose, m, n, k, 1, a, aStride, b, bStride, 0, c, cStride)
    }
  }
}
