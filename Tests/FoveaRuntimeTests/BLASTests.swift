import COpenBLAS
import FoveaKernels
import FoveaRuntime
import Testing

/// Float matrix products: the library that is loaded at run time, the portable fallback, and the same library linked directly.
struct BLASTests {
  @Test(
    arguments: [
      (1, 1, 1), (1, 17, 33), (4, 16, 128), (5, 31, 129), (7, 1, 300), (33, 65, 7), (64, 64, 64), (3, 100, 257),
    ])
  func threeAgree(_ m: Int, _ n: Int, _ k: Int) {
    // Rows that are longer than the matrices, as a group's channels within an image's.
    let (aStride, bStride, cStride) = (k + 3, n + 1, n + 5)
    let a = (0..<(m * aStride)).map { Float(($0 * 7919) % 257) / 128 - 1 }
    let b = (0..<(k * bStride)).map { Float(($0 * 104_729) % 263) / 131 - 1 }
    let untouched: Float = 12345
    func product(_ run: ([Float], [Float], inout [Float]) -> Void) -> [Float] {
      var c = [Float](repeating: untouched, count: m * cStride)
      run(a, b, &c)
      return c
    }
    let (rows, columns, depth) = (Int32(m), Int32(n), Int32(k))
    let strides = (Int32(aStride), Int32(bStride), Int32(cStride))
    let loaded = product { a, b, c in
      unsafe BLAS.sgemm(rows, columns, depth, a, strides.0, b, strides.1, &c, strides.2)
    }
    let portable = product { a, b, c in
      unsafe fovea_sgemm_portable(rows, columns, depth, a, strides.0, b, strides.1, &c, strides.2)
    }
    let linked = product { a, b, c in
      unsafe cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, columns, depth, 1, a, strides.0, b, strides.1, 0, &c,
        strides.2)
    }
    for row in 0..<m {
      for column in 0..<cStride {
        let at = row * cStride + column
        guard column < n else {
          #expect([loaded[at], portable[at], linked[at]] == [untouched, untouched, untouched])
          continue
        }
        let exact = (0..<k).reduce(0.0) { $0 + Double(a[row * aStride + $1]) * Double(b[$1 * bStride + column]) }
        for value in [loaded[at], portable[at], linked[at]] {
          #expect((Double(value) - exact).magnitude <= 1e-5 * Double(k).squareRoot() * 3)
        }
      }
    }
  }

  @Test func libraryIsFound() {
    #expect(BLAS.shared?.name.hasPrefix("libopenblas") == true)
  }
}
