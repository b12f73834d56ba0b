import FoveaKernels
import Glibc
import Synchronization

/// The threads of one session. The caller's own thread is the first; the others wait for `run`.
///
/// Waiting spins for some microseconds, because the next step or image usually follows at once, then parks: an idle
/// session costs nothing. Threads that still spin are handed a job without a lock or a system call.
package final class ThreadPool: Sendable {
  package let threads: Int
  private let shared: Shared

  /// What workers hold on to; the pool itself ends when its owner lets go.
  private final class Shared: Sendable {
    /// Counts jobs; a change tells the workers that there is one.
    let generation = Atomic<Int>(0)
    /// Workers that sleep, or are about to.
    let parked = Atomic<Int>(0)
    /// Workers that have finished the job.
    let finished = Atomic<Int>(0)
    /// Arrivals at the barrier, over all barriers of a job.
    let arrivals = Atomic<Int>(0)
    let stops = Atomic<Bool>(false)
    /// Where they sleep.
    let parking = Monitor(())
    // Written by `run` alone, before `generation` changes and after `finished` counts all workers; read by workers in
    // between: those two order the accesses.
    nonisolated(unsafe) var job: (@Sendable (Int) -> Void)?
  }

  /// - Parameter threads: how many are wanted. Where the system refuses to start one, the pool has fewer.
  package init(threads: Int) {
    let shared = Shared()
    var started = 1
    while started < threads {
      let index = started
      guard Thread.detach({ Self.work(shared, index) }) else { break }
      started += 1
    }
    self.threads = started
    self.shared = shared
  }

  deinit {
    shared.stops.store(true, ordering: .sequentiallyConsistent)
    shared.parking.change { _ in }
  }

  private static func work(_ shared: Shared, _ index: Int) {
    var seen = 0
    while true {
      // Sequentially consistent, as the sleeper's count and the caller's look at it are: either a worker that goes to
      // sleep sees the new job, or the caller sees the sleeper.
      let isIdle = {
        shared.generation.load(ordering: .sequentiallyConsistent) == seen
          && !shared.stops.load(ordering: .sequentiallyConsistent)
      }
      if !spin(while: isIdle) {
        shared.parked.add(1, ordering: .sequentiallyConsistent)
        shared.parking.wait { _ in isIdle() ? nil : () }
        shared.parked.subtract(1, ordering: .sequentiallyConsistent)
      }
      if shared.stops.load(ordering: .acquiring) { return }
      seen = shared.generation.load(ordering: .acquiring)
      if let job = unsafe shared.job { job(index) }
      shared.finished.add(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Some 10 to 20 microseconds; whether the condition ended in that time.
  private static func spin(while condition: () -> Bool) -> Bool {
    for _ in 0..<500 {
      if !condition() { return true }
      fovea_cpu_relax()
    }
    return false
  }

  /// Runs `job` on every thread, with the thread's number, and returns when all have finished. Not reentrant. Allocates
  /// nothing, and makes system calls only to wake workers that sleep.
  package func run(_ job: @escaping @Sendable (Int) -> Void) {
    guard threads > 1 else { return job(0) }
    shared.finished.store(0, ordering: .relaxed)
    shared.arrivals.store(0, ordering: .relaxed)
    unsafe shared.job = job
    shared.generation.add(1, ordering: .sequentiallyConsistent)
    if shared.parked.load(ordering: .sequentiallyConsistent) > 0 { shared.parking.change { _ in } }
    job(0)
    Self.wait { self.shared.finished.load(ordering: .acquiring) < self.threads - 1 }
    unsafe shared.job = nil
  }

  /// Called by every thread of a job: returns when all have called it for the `round`th time (from 1).
  package func barrier(round: Int) {
    guard threads > 1 else { return }
    let shared = shared
    let target = round * threads
    if shared.arrivals.add(1, ordering: .acquiringAndReleasing).newValue >= target { return }
    Self.wait { shared.arrivals.load(ordering: .acquiring) < target }
  }

  /// Spins, then gives the processor away between looks: another thread of the job may need it to finish.
  private static func wait(while condition: () -> Bool) {
    if spin(while: condition) { return }
    while condition() { sched_yield() }
  }
}
