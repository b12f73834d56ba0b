import FoundationEssentials
import Fovea
import FoveaConvert

/// One run as trace events, for chrome://tracing or ui.perfetto.dev: a bar a step.
struct ExecutionTimeline: Encodable {
  /// A complete event ("X") of Chrome's trace event format.
  struct Event: Encodable {
    struct Arguments: Encodable {
      var step: Int
      var shape: String
      var macs: Int
      var bytes: Int
    }

    var name: String
    var cat: String
    var ph = "X"
    /// Microseconds, as all times of the format.
    var ts: Double
    var dur: Double
    var pid = 1
    var tid = 1
    var args: Arguments
  }

  var displayTimeUnit = "ns"
  var traceEvents: [Event]

  init(_ profile: Profile) {
    traceEvents = zip(profile.steps, profile.lastRun).enumerated().map { index, entry in
      let (step, time) = entry
      return Event(
        name: step.name.isEmpty ? step.operation : step.name, cat: step.operation, ts: time.lowerBound.rounded3,
        dur: (time.upperBound - time.lowerBound).rounded3,
        args: Event.Arguments(step: index, shape: shapeText(step.shape), macs: step.macs, bytes: step.bytes))
    }
  }

  /// - Throws: `ConversionError.cannotWrite`.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try writeFile(Array(encoder.encode(self)), to: path)
  }
}
