import FoveaKernels
import Glibc
import Synchronization

/// The threads of one session. The caller's own thread is the first; the others wait for `run`.
///
/// Waiting spins for some microseconds, because the next step or image usually follows at once, then parks: an idle
/// session costs nothing.
package final class ThreadPool: Sendable {
  package let threads: Int
  private let shared: Shared

  /// What workers hold on to; the pool itself ends when its owner lets go.
  private final class Shared: Sendable {
    /// Counts jobs; a change wakes the workers.
    let generation = Atomic<Int>(0)
    /// Workers that have finished the job.
    let finished = Atomic<Int>(0)
    /// Arrivals at the barrier, over all barriers of a job.
    let arrivals = Atomic<Int>(0)
    let stops = Atomic<Bool>(false)
    let job = Mutex<(@Sendable (Int) -> Void)?>(nil)
    let lock = Parking()
  }

  /// A mutex and a condition variable at fixed addresses.
  @safe
  private final class Parking: @unchecked Sendable {
    // POSIX objects made for sharing: hence @unchecked Sendable.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
      unsafe pthread_mutex_init(mutex, nil)
      unsafe pthread_cond_init(condition, nil)
    }

    deinit {
      unsafe pthread_cond_destroy(condition)
      unsafe pthread_mutex_destroy(mutex)
      unsafe condition.deallocate()
      unsafe mutex.deallocate()
    }

    func wait(while isIdle: () -> Bool) {
      unsafe pthread_mutex_lock(mutex)
      while isIdle() { unsafe pthread_cond_wait(condition, mutex) }
      unsafe pthread_mutex_unlock(mutex)
    }

    /// Changes what `wait` looks at, under the lock, so that no waiter misses it.
    func wake(after change: () -> Void) {
      unsafe pthread_mutex_lock(mutex)
      change()
      unsafe pthread_cond_broadcast(condition)
      unsafe pthread_mutex_unlock(mutex)
    }
  }

  /// - Parameter threads: how many are wanted. Where the system refuses to start one, the pool has fewer.
  package init(threads: Int) {
    let shared = Shared()
    var started = 1
    while started < threads, Self.start(shared, started) { started += 1 }
    self.threads = started
    self.shared = shared
  }

  deinit {
    let shared = shared
    shared.lock.wake { shared.stops.store(true, ordering: .sequentiallyConsistent) }
  }

  private final class Start {
    let shared: Shared
    let index: Int

    init(_ shared: Shared, _ index: Int) {
      self.shared = shared
      self.index = index
    }
  }

  private static func start(_ shared: Shared, _ index: Int) -> Bool {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(Start(shared, index)).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        ThreadPool.work(start.shared, start.index)
        return nil
      }, argument)
    guard status == 0 else {
      unsafe Unmanaged<Start>.fromOpaque(argument).release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private static func work(_ shared: Shared, _ index: Int) {
    var seen = 0
    while true {
      let isIdle = {
        shared.generation.load(ordering: .acquiring) == seen && !shared.stops.load(ordering: .acquiring)
      }
      if !spin(while: isIdle) { shared.lock.wait(while: isIdle) }
      if shared.stops.load(ordering: .acquiring) { return }
      seen = shared.generation.load(ordering: .acquiring)
      let job = shared.job.withLock { $0 }
      job?(index)
      shared.finished.add(1, ordering: .acquiringAndReleasing)
    }
  }

  /// Some 20 microseconds; whether the condition ended in that time.
  private static func spin(while condition: () -> Bool) -> Bool {
    for _ in 0..<500 {
      if !condition() { return true }
      fovea_cpu_relax()
    }
    return false
  }

  /// Runs `job` on every thread, with the thread's number, and returns when all have finished. Not reentrant.
  package func run(_ job: @escaping @Sendable (Int) -> Void) {
    guard threads > 1 else { return job(0) }
    shared.finished.store(0, ordering: .relaxed)
    shared.arrivals.store(0, ordering: .relaxed)
    shared.job.withLock { $0 = job }
    shared.lock.wake { shared.generation.add(1, ordering: .acquiringAndReleasing) }
    job(0)
    Self.wait { self.shared.finished.load(ordering: .acquiring) < self.threads - 1 }
    shared.job.withLock { $0 = nil }
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
