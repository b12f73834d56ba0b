import Glibc

/// What second-order weight rounding asks of BLAS and LAPACK: OpenBLAS's functions where the library is, loops of our own
/// where it is not. Every call works on one thread, in an order of additions that its arguments alone decide.
@safe
package struct LinearAlgebra: @unchecked Sendable {
  // C functions of a library that is never unloaded: hence @unchecked Sendable.
  private let library: (sgemm: CblasSgemm, spotrf: Spotrf)?

  /// cblas_sgemm(order, transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc), with 32-bit integers.
  private typealias CblasSgemm =
    @convention(c) (
      CInt, CInt, CInt, CInt, CInt, CInt, Float, UnsafePointer<Float>?, CInt, UnsafePointer<Float>?, CInt, Float,
      UnsafeMutablePointer<Float>?, CInt
    ) -> Void
  /// LAPACK's spotrf(uplo, n, a, lda, info), Fortran's way: everything by address.
  private typealias Spotrf =
    @convention(c) (
      UnsafePointer<CChar>?, UnsafePointer<CInt>?, UnsafeMutablePointer<Float>?, UnsafePointer<CInt>?,
      UnsafeMutablePointer<CInt>?
    ) -> Void

  /// The library's functions where there are both, else the portable ones.
  package static let shared = unsafe LinearAlgebra(library: load())
  /// Loops, for machines without the library.
  package static let portable = unsafe LinearAlgebra(library: nil)

  private static func load() -> (CblasSgemm, Spotrf)? {
    // `BLAS` has loaded it, and told it to stay on the caller's thread.
    guard let name = BLAS.shared?.name, let library = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL),
      let sgemm = unsafe dlsym(library, "cblas_sgemm"), let spotrf = unsafe dlsym(library, "spotrf_")
    else { return nil }
    return unsafe (unsafeBitCast(sgemm, to: CblasSgemm.self), unsafeBitCast(spotrf, to: Spotrf.self))
  }

  /// c += a' b, row-major, where a is [k][m], b [k][n] and c [m][n]; strides in elements from row to row.
  @unsafe
  package func addProduct(
    transposing a: UnsafePointer<Float>, stride aStride: Int, by b: UnsafePointer<Float>, stride bStride: Int,
    m: Int, n: Int, k: Int, to c: UnsafeMutablePointer<Float>, stride cStride: Int
  ) {
    guard let library = unsafe library else {
      for p in 0..<k {
        for i in 0..<m {
          let x = unsafe a[p * aStride + i]
          guard x != 0 else { continue }
          for j in 0..<n { unsafe c[i * cStride + j] += x * b[p * bStride + j] }
        }
      }
      return
    }
    let (rowMajor, noTranspose, transpose) = (CInt(101), CInt(111), CInt(112))
    unsafe library.sgemm(
      rowMajor, transpose, noTranspose, CInt(m), CInt(n), CInt(k), 1, a, CInt(aStride), b, CInt(bStride), 1, c,
      CInt(cStride))
  }

  /// Replaces the upper triangle of a symmetric row-major [order][order] matrix A by R, where A = R' R. What lies below the
  /// diagonal is neither read nor written.
  ///
  /// - Returns: false where A is not positive definite; the triangle then holds nothing of use.
  package func factorCholesky(_ matrix: inout [Float], order: Int) -> Bool {
    precondition(matrix.count == order * order, "a square matrix is needed")
    guard let library = unsafe library else { return factorByRows(&matrix, order: order) }
    // Fortran counts by columns: our upper triangle is its lower one.
    var (n, info) = (CInt(order), CInt(0))
    var lower = CChar(UInt8(ascii: "L"))
    unsafe library.spotrf(&lower, &n, &matrix, &n, &info)
    return info == 0
  }

  private func factorByRows(_ a: inout [Float], order n: Int) -> Bool {
    for i in 0..<n {
      var pivot = Double(a[i * n + i])
      for k in 0..<i { pivot -= Double(a[k * n + i]) * Double(a[k * n + i]) }
      guard pivot > 0, pivot.isFinite else { return false }
      let root = Float(pivot.squareRoot())
      a[i * n + i] = root
      for k in 0..<i {
        let x = a[k * n + i]
        guard x != 0 else { continue }
        for j in (i + 1)..<max(i + 1, n) { a[i * n + j] -= x * a[k * n + j] }
      }
      for j in (i + 1)..<max(i + 1, n) { a[i * n + j] /= root }
    }
    return true
  }
}
