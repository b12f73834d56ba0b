import Fovea
import FoveaConvert

/// What a session's activations need of memory.
struct MemoryReport: Encodable {
  /// As planned.
  var arenaBytes: Int
  /// The most bytes of tensors that are alive at once: no plan can do with less.
  var lowerBoundBytes: Int
  /// Bytes of tensors alive at each step.
  var aliveBytes: [Int]

  private enum CodingKeys: String, CodingKey {
    case arenaBytes = "arena_bytes"
    case lowerBoundBytes = "lower_bound_bytes"
    case aliveBytes = "alive_bytes"
  }

  init(_ model: Model) {
    let use = MemoryUse(model.program)
    arenaBytes = use.arenaBytes
    lowerBoundBytes = use.lowerBoundBytes
    aliveBytes = use.aliveBytes
  }

  var text: String { activationText(arenaBytes, lowerBound: lowerBoundBytes) }
}

/// The memory planned for activations beside the largest set of tensors alive at once: "1.7 MB, the least possible".
func activationText(_ arenaBytes: Int, lowerBound: Int) -> String {
  guard arenaBytes > lowerBound, lowerBound > 0 else { return "\(byteText(arenaBytes)), the least possible" }
  let excess = 100 * Double(arenaBytes - lowerBound) / Double(lowerBound)
  return "\(byteText(arenaBytes)), \(decimal(excess, places: 1))% above the \(byteText(lowerBound)) alive at once"
}
