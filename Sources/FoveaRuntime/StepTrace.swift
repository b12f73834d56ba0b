import FoveaCore

/// When each part of each step of one run began and ended, and on which thread.
package struct StepTrace: Sendable {
  /// A part of a step, or of two that run together. Times are in nanoseconds from the run's start.
  package struct Part: Sendable {
    package var steps = 0..<0
    package var thread = 0
    package var begin = 0
    package var end = 0
  }

  package let threads: Int
  /// In the steps' order.
  package let parts: [Part]

  /// A thread's parts, in the order in which it ran them.
  package subscript(thread: Int) -> [Part] {
    parts.filter { $0.thread == thread }.sorted { $0.begin < $1.begin }
  }
}

extension Session {
  /// Computes the outputs as `run` does, with the same threads and parts, and records when what happened. Reading the clock
  /// twice a part makes it some hundredths of a microsecond slower.
  package func traceRun() -> StepTrace {
    // Where each unit's parts begin among all.
    var first: [Int] = []
    var count = 0
    for parts in work.parts {
      first.append(count)
      count += parts
    }
    let firstPart = first
    // Each part writes what is its own, and the pool's end of the work orders that before the reading: hence
    // nonisolated(unsafe).
    nonisolated(unsafe) let parts = UnsafeMutablePointer<StepTrace.Part>.allocate(capacity: max(1, count))
    unsafe parts.initialize(repeating: StepTrace.Part(), count: count)
    defer { unsafe parts.deallocate() }
    let (body, units) = (work.body, units)
    let start = monotonicNanoseconds()
    pool.run(
      ThreadPool.Work(parts: work.parts) { unit, part, thread in
        let begin = monotonicNanoseconds()
        body(unit, part, thread)
        unsafe parts[firstPart[unit] + part] = StepTrace.Part(
          steps: units[unit], thread: thread, begin: begin - start, end: monotonicNanoseconds() - start)
      })
    return unsafe StepTrace(
      threads: pool.threads, parts: Array(UnsafeBufferPointer(start: parts, count: count)))
  }
}
