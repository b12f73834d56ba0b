import FoveaRuntime
import Glibc
import Synchronization
import Testing

/// A pool runs a job on each of its threads, and its barriers order what they do.
struct ThreadPoolTests {
  @Test(arguments: 1...8)
  func everyThreadRunsEveryJob(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    let counts = (0..<8).map { _ in Counter() }
    for _ in 0..<2000 { pool.run { counts[$0].add() } }
    #expect(counts.map(\.value) == (0..<8).map { $0 < threads ? 2000 : 0 })
  }

  /// Behind a barrier, everything that any thread did before it is seen.
  @Test(arguments: 1...8)
  func barriersOrder(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let rounds = 50
    for _ in 0..<20 {
      let done = (0..<rounds).map { _ in Counter() }
      let early = Counter()
      pool.run { _ in
        for round in 0..<rounds {
          done[round].add()
          pool.barrier(round: round + 1)
          if done[round].value != threads { early.add() }
        }
      }
      #expect(early.value == 0)
    }
  }

  /// After a pause the threads are parked; a job wakes them.
  @Test func parkedThreadsWake() {
    let pool = ThreadPool(threads: 4)
    let count = Counter()
    for _ in 0..<5 {
      usleep(20_000)
      pool.run { _ in count.add() }
    }
    #expect(count.value == 20)
  }

  @Test func fewerThanOneIsOne() {
    for threads in [0, -1, .min] {
      let pool = ThreadPool(threads: threads)
      let count = Counter()
      pool.run { _ in count.add() }
      #expect(pool.threads == 1 && count.value == 1)
    }
  }

  /// A pool's threads end with it, and it waits for none of them. Alone in a process, so that all threads are its own.
  @Test func threadsEnd() async {
    await #expect(processExitsWith: .success) {
      let before = threadCount()
      for _ in 0..<100 {
        let pool = ThreadPool(threads: 8)
        pool.run { _ in }
      }
      for _ in 0..<1000 where threadCount() > before { usleep(10_000) }
      try #require(threadCount() <= before)
    }
  }

  /// Idle threads sleep: in a second of waiting they use a small part of a second. Alone in a process.
  @Test func idleThreadsUseNoProcessor() async {
    await #expect(processExitsWith: .success) {
      let pool = ThreadPool(threads: 8)
      for _ in 0..<10 { pool.run { _ in } }
      usleep(50_000)
      let start = processorSeconds()
      usleep(500_000)
      try #require(processorSeconds() - start < 0.25)
      pool.run { _ in }
    }
  }

  /// So does a session that has just run; nor does a wake-up get lost however long the pause before it: 20 microseconds is
  /// about when threads stop spinning and go to sleep. Alone in a process.
  @Test func idleSessionsUseNoProcessor() async {
    await #expect(processExitsWith: .success) {
      let session = try Session(convolutionModel(), threads: 4)
      for pause in 0..<200 {
        session.run()
        usleep(UInt32(pause % 50))
      }
      usleep(50_000)
      let start = processorSeconds()
      usleep(500_000)
      try #require(processorSeconds() - start < 0.05)
      session.run()
    }
  }

  /// A session lets go of its threads and memory.
  @Test func sessionsEnd() async {
    await #expect(processExitsWith: .success) {
      let model = try smallModel()
      let before = threadCount()
      for _ in 0..<100 {
        let session = try Session(model, threads: 4)
        session.run()
      }
      for _ in 0..<1000 where threadCount() > before { usleep(10_000) }
      try #require(threadCount() <= before)
    }
  }
}

final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  func add() { count.add(1, ordering: .relaxed) }
  var value: Int { count.load(ordering: .relaxed) }
}

/// The threads of this process.
private func threadCount() -> Int {
  guard let folder = unsafe opendir("/proc/self/task") else { return 0 }
  defer { unsafe closedir(folder) }
  var count = 0
  while unsafe readdir(folder) != nil { count += 1 }
  return count - 2
}

/// Processor time that this process has used.
private func processorSeconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
