import FoveaRuntime
import Glibc

func exponential(_ x: Double) -> Double { exp(x) }

/// Milliseconds of a clock that never goes back.
package func monotonicMilliseconds() -> Double { Double(monotonicNanoseconds()) / 1e6 }
