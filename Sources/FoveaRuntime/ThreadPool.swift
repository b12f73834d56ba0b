import FoveaKernels
import Glibc
import Synchronization

/// The threads of one session: the caller's own, which is number 0, and others that help it with `run`.
///
/// Work is steps, one after the other, each cut into parts. Threads claim parts, so nobody waits for a thread that has claimed
/// nothing: one that the system has put aside, or that still wakes up. Who finishes a step's last part opens the next.
///
/// Waiting spins for some tens of microseconds, because the next step or image usually follows at once, then parks: an idle
/// session costs nothing, nor does one that waits for a part whose thread the system has put aside. Nothing takes a lock, and
/// claiming makes no system call.
package final class ThreadPool: Sendable {
  package let threads: Int
  private let shared: Shared

  /// The most parts that a step can have, and threads that a pool can have.
  package static let maximumParts = StepClaims.maximumParts

  /// Steps one after the other, each done when all its parts are.
  package final class Work: Sendable {
    /// How many parts each step has: 1 to `maximumParts`. Steps of one part that follow each other stay on one thread.
    let parts: [Int]
    /// Computes a part, on a thread of that number.
    let body: @Sendable (_ step: Int, _ part: Int, _ thread: Int) -> Void

    package init(parts: [Int], body: @escaping @Sendable (_ step: Int, _ part: Int, _ thread: Int) -> Void) {
      self.parts = parts
      self.body = body
    }
  }

  /// What workers hold on to; the pool itself ends when its owner lets go.
  @safe
  private final class Shared: Sendable {
    let claims = StepClaims()
    let threads: Int
    let stops = Atomic<Bool>(false)
    /// Where each thread sleeps.
    let parking: [Parking]
    // Written by `run` before it opens the first step; read by those who have claimed a part, while `run` keeps it alive:
    // `claims` orders the accesses. Threads that counted references to it would do so for every part.
    nonisolated(unsafe) var work: Unmanaged<Work>?

    init(threads: Int) {
      self.threads = threads
      parking = (0..<threads).map { _ in Parking() }
    }

    func wakeAll() {
      for place in parking { place.wake() }
    }
  }

  /// - Parameter threads: how many are wanted. Where the system refuses to start one, the pool has fewer; it never has more
  ///   than `maximumParts`.
  package init(threads: Int) {
    let shared = Shared(threads: max(1, min(threads, Self.maximumParts)))
    var started = 1
    while started < shared.threads {
      let index = started
      guard Thread.detach({ Self.help(shared, index) }) else { break }
      started += 1
    }
    self.threads = started
    self.shared = shared
  }

  deinit {
    shared.stops.store(true, ordering: .sequentiallyConsistent)
    shared.wakeAll()
  }

  /// Computes all steps and returns when the last is done. Not reentrant. Allocates and locks nothing, and makes system calls only
  /// to wake workers that sleep, or to sleep itself until one has finished a part that takes long.
  package func run(_ work: Work) {
    let (shared, claims) = (shared, shared.claims)
    claims.setDone(false)
    unsafe shared.work = Unmanaged.passUnretained(work)
    if let part = Self.open(shared, work, 0, thread: 0) { Self.runParts(shared, from: part, thread: 0) }
    Self.work(shared, thread: 0) { claims.isDone }
  }

  /// Computes parts 0 ..< threads of one step.
  package func run(_ body: @escaping @Sendable (_ part: Int) -> Void) {
    run(Work(parts: [threads]) { _, part, _ in body(part) })
  }

  /// A worker's life.
  private static func help(_ shared: Shared, _ thread: Int) {
    work(shared, thread: thread) { shared.stops.load(ordering: .sequentiallyConsistent) }
  }

  /// Computes what can be claimed and waits for more, until the end.
  private static func work(_ shared: Shared, thread: Int, until isOver: () -> Bool) {
    let claims = shared.claims
    let hasNews = { claims.hasFreePart || isOver() }
    while !isOver() {
      if let part = claims.claim(thread: thread, of: shared.threads) {
        runParts(shared, from: part, thread: thread)
      } else if !spin(until: hasNews) {
        shared.parking[thread].park(unless: hasNews)
      }
    }
  }

  /// Computes a part that the thread has claimed, and others, of this and later steps, as long as any is free.
  private static func runParts(_ shared: Shared, from first: Int, thread: Int) {
    var part = first
    while let work = unsafe shared.work {
      let step = shared.claims.step
      unsafe work._withUnsafeGuaranteedRef { $0.body(step, part, thread) }
      switch shared.claims.finish(thread: thread, of: shared.threads) {
      case .part(let next): part = next
      case .open:
        guard let next = unsafe work._withUnsafeGuaranteedRef({ open(shared, $0, step + 1, thread: thread) }) else {
          return
        }
        part = next
      case .wait: return
      }
    }
  }

  /// Computes steps of one part on this thread, then offers the next that has more, of which it claims a part, or ends the work.
  /// Only for who knows that no part is free or unfinished.
  private static func open(_ shared: Shared, _ work: Work, _ first: Int, thread: Int) -> Int? {
    var step = first
    while step < work.parts.count, work.parts[step] == 1 {
      work.body(step, 0, thread)
      step += 1
    }
    guard step < work.parts.count else {
      shared.claims.setDone(true)
      shared.parking[0].wake()
      return nil
    }
    let part = shared.claims.open(step: step, parts: work.parts[step], thread: thread, of: shared.threads)
    shared.wakeAll()
    return part
  }

  /// Between the runs of a loop around a session there are some tens.
  private static let spinNanoseconds = 50_000

  /// Whether the condition comes true in that time.
  private static func spin(until condition: () -> Bool) -> Bool {
    let start = monotonicNanoseconds()
    repeat {
      for _ in 0..<50 {
        if condition() { return true }
        fovea_cpu_relax()
      }
    } while monotonicNanoseconds() - start < spinNanoseconds
    return false
  }
}
