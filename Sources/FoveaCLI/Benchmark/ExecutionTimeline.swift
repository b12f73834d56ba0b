import FoundationEssentials
import Fovea
import FoveaConvert
import FoveaRuntime

/// One run as trace events, for chrome://tracing or ui.perfetto.dev: a row a thread, on it the parts of steps that it computed
/// and its waiting between them.
struct ExecutionTimeline: Encodable {
  /// An event of Chrome's trace event format: a bar ("X"), or a row's name ("M").
  struct Event: Encodable {
    struct Arguments: Encodable {
      /// A row's name.
      var name: String?
      /// Those that run together, or that are waited for.
      var steps: [Int]?
      var kernel: String?
      var shape: String?
      var macs: Int?
      var bytes: Int?
    }

    var name: String
    var cat: String?
    var ph = "X"
    /// Microseconds, as all times of the format.
    var ts: Double?
    var dur: Double?
    var pid = 1
    var tid: Int
    var args = Arguments()
  }

  var displayTimeUnit = "ns"
  var traceEvents: [Event] = []

  /// Records some runs and keeps the one in the middle by time.
  init(_ session: Session) {
    let traces = (0..<5).map { _ in session.traceRun() }.sorted { $0.nanoseconds < $1.nanoseconds }
    self.init(traces[traces.count / 2], StepDescription.all(of: session))
  }

  init(_ trace: StepTrace, _ steps: [StepDescription]) {
    func microseconds(_ nanoseconds: Int) -> Double { Double(nanoseconds) / 1000 }
    for thread in 0..<trace.threads {
      let name = thread == 0 ? "caller's thread" : "thread \(thread + 1)"
      traceEvents.append(Event(name: "thread_name", ph: "M", tid: thread + 1, args: .init(name: name)))
      var free = 0
      for part in trace[thread] {
        // One thread waits for nobody.
        if trace.threads > 1, part.begin > free {
          traceEvents.append(
            Event(
              name: "wait", cat: "wait", ts: microseconds(free), dur: microseconds(part.begin - free), tid: thread + 1,
              args: .init(steps: Array(part.steps))))
        }
        free = part.end
        let together = steps[part.steps]
        guard let step = together.first else { continue }
        traceEvents.append(
          Event(
            name: together.map(\.title).joined(separator: " + "), cat: step.operation, ts: microseconds(part.begin),
            dur: microseconds(part.end - part.begin), tid: thread + 1,
            args: .init(
              steps: Array(part.steps), kernel: step.kernel, shape: shapeText(step.shape), macs: step.macs,
              bytes: together.reduce(0) { $0 + $1.bytes })))
      }
    }
  }

  /// - Throws: `ConversionError.cannotWrite`.
  func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try writeResult(Array(encoder.encode(self)), to: path)
  }
}

extension StepTrace {
  /// From the beginning to the last part's end.
  fileprivate var nanoseconds: Int { parts.map(\.end).max() ?? 0 }
}
