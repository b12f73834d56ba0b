import FoveaGraph

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A layer in float, tried by itself or with those around it.
public struct FloatTrial: Hashable, Sendable {
  /// The layers that ran in float, by their places in the order of execution.
  public var group: [Int]
  /// What all outputs together gained on calibration inputs, in decibels: less than 0 where float made it worse.
  public var decibels: Double
}

extension QuantizationReport {
  /// Layers for which remedies are tried, the worst first.
  private static let mostTried = 8

  /// Runs the most suspicious 8-bit layers in float, each by itself and with what else reads its output, and records what the better of
  /// these gained.
  mutating func tryFloat(
    _ quantized: QuantizedNetwork, float: Network, calibration: CalibrationInputs, threads: Int
  ) throws(ConversionError) {
    let tried = suspicious.filter { layers[$0].isInt8 && layers[$0].suspicions.contains { $0.asksForFloat } }
      .prefix(Self.mostTried)
    guard !tried.isEmpty else { return }
    let reference = try FloatReference(float, calibration.loading(.few(of: calibration.count)), threads: threads)
    let noise = try reference.compare(quantized, threads: threads).relativeNoise
    let units = FloatUnits(of: quantized)
    for layer in tried {
      for group in units.around(layer) {
        let left = try reference.compare(quantized.keepingFloat(Set(group)), threads: threads).relativeNoise
        let decibels = 10 * log10(noise / max(left, .leastNormalMagnitude))
        if decibels > layers[layer].inFloat?.decibels ?? -.infinity {
          layers[layer].inFloat = FloatTrial(group: group, decibels: decibels)
        }
      }
    }
  }
}

extension Suspicion {
  /// Whether float could be a remedy.
  fileprivate var asksForFloat: Bool {
    switch self {
    case .loss, .clipping, .coarseSteps, .wideChannel, .coarseWeights: true
    case .deadChannels, .float: false
    }
  }
}
