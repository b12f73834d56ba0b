import Glibc

func exponential(_ x: Double) -> Double { exp(x) }

/// Milliseconds of a clock that never goes back.
package func monotonicMilliseconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
}
