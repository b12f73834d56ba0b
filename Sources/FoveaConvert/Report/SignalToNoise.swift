import FoveaCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A signal's energy beside that of the error in its place.
public struct SignalToNoise: Hashable, Sendable {
  /// The sum of the squares of the exact values.
  public private(set) var signal = 0.0
  /// The sum of the squares of what the others are off by.
  public private(set) var noise = 0.0

  public init() {}

  /// 10 log10 (signal / noise): infinite where there is no error, -infinite where there is nothing but error.
  public var decibels: Double {
    guard noise > 0 else { return .infinity }
    return 10 * log10(signal / noise)
  }

  /// Adds values and what stands for them. Pairs that are not finite are left out.
  package mutating func add(_ exact: some Sequence<Float>, _ other: some Sequence<Float>) {
    for (exact, other) in zip(exact, other) {
      let (exact, error) = (Double(exact), Double(other) - Double(exact))
      guard exact.isFinite, error.isFinite else { continue }
      signal += exact * exact
      noise += error * error
    }
  }
}
