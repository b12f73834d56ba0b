import FoveaCore
import Glibc

/// When each thread began and ended its part of each step of one run.
package struct StepTrace: Sendable {
  /// One thread's part of a step, in nanoseconds from the run's start. The thread then waits for the others until `released`.
  package struct Part: Sendable {
    package var begin = 0
    package var end = 0
    package var released = 0
  }

  package let threads: Int
  /// Every step of the first thread, then of the next.
  private let parts: [Part]

  fileprivate init(threads: Int, parts: [Part]) {
    self.threads = threads
    self.parts = parts
  }

  /// A thread's parts, in the steps' order.
  package subscript(thread: Int) -> ArraySlice<Part> {
    let steps = parts.count / threads
    return parts[(thread * steps)..<((thread + 1) * steps)]
  }
}

extension Session {
  /// Computes the outputs as `run` does, with the same threads and waits, and records when what happened. Reading the clock
  /// three times a step makes it some tenths of a microsecond a step slower.
  package func traceRun() -> StepTrace {
    let (steps, threads) = (executor.stepCount, pool.threads)
    // Each thread writes the parts that are its own, and the pool's end of the job orders that before the reading:
    // hence nonisolated(unsafe).
    nonisolated(unsafe) let parts = UnsafeMutablePointer<StepTrace.Part>.allocate(capacity: max(1, steps * threads))
    unsafe parts.initialize(repeating: StepTrace.Part(), count: steps * threads)
    defer { unsafe parts.deallocate() }
    nonisolated(unsafe) let executor = executor
    let pool = pool
    let start = Self.nanoseconds()
    pool.run { thread in
      for step in unsafe 0..<executor.stepCount {
        let begin = Self.nanoseconds()
        unsafe executor.run(step: step, part: thread, of: threads)
        let end = Self.nanoseconds()
        pool.barrier(round: step + 1)
        unsafe parts[thread * steps + step] = StepTrace.Part(
          begin: begin - start, end: end - start, released: Self.nanoseconds() - start)
      }
    }
    return unsafe StepTrace(
      threads: threads, parts: Array(UnsafeBufferPointer(start: parts, count: steps * threads)))
  }

  private static func nanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
