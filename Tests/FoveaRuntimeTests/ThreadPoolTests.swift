import FoveaRuntime
import Glibc
import Synchronization
import Testing

/// A pool's threads share the parts of steps, one step after the other.
struct ThreadPoolTests {
  @Test(arguments: 1...8)
  func aPartForEachThread(threads: Int) {
    let pool = ThreadPool(threads: threads)
    #expect(pool.threads == threads)
    let counts = (0..<8).map { _ in Counter() }
    for _ in 0..<2000 { pool.run { counts[$0].add() } }
    #expect(counts.map(\.value) == (0..<8).map { $0 < threads ? 2000 : 0 })
  }

  /// Every part of every step is computed once, on a thread that computes nothing else meanwhile, and after all parts of the
  /// steps before it, whose results are seen.
  @Test(arguments: 1...8)
  func partsOfSteps(threads: Int) {
    let pool = ThreadPool(threads: threads)
    let steps = [1, 1, 2, 7, 1, ThreadPool.maximumParts, 1, 1, 1, threads, 3, 40, 1]
    var before = [0]
    for parts in steps { before.append(before[before.count - 1] + parts) }
    let expected = before
    let done = Counter()
    let early = Counter()
    let shared = Counter()
    let busy = (0..<threads).map { _ in Counter() }
    let counts = steps.map { parts in (0..<parts).map { _ in Counter() } }
    let work = ThreadPool.Work(parts: steps) { step, part, thread in
      busy[thread].add()
      if busy[thread].value.isMultiple(of: 2) { shared.add() }
      if done.value % expected[steps.count] < expected[step] { early.add() }
      counts[step][part].add()
      done.add()
      busy[thread].add()
    }
    let runs = 500
    for _ in 0..<runs { pool.run(work) }
    #expect(early.value == 0 && shared.value == 0)
    #expect(counts.allSatisfy { $0.allSatisfy { $0.value == runs } })
  }

  /// Work of no steps is done at once.
  @Test func nothingToDo() {
    let count = Counter()
    ThreadPool(threads: 2).run(ThreadPool.Work(parts: []) { _, _, _ in count.add() })
    #expect(count.value == 0)
  }

  /// Who is held up in one part leaves all others to the other thread.
  @Test func othersTakeWhatIsLeft() {
    let pool = ThreadPool(threads: 2)
    let finished = Counter()
    let leftWithOthers = Counter()
    pool.run(
      ThreadPool.Work(parts: [8]) { _, part, _ in
        if part == 0 {
          // Ten seconds at most.
          for _ in 0..<10_000 where finished.value < 7 { usleep(1000) }
          if finished.value == 7 { leftWithOthers.add() }
        }
        finished.add()
      })
    #expect(finished.value == 8 && leftWithOthers.value == 1)
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

  /// Whoever waits for a part that takes long sleeps, the caller too, and wakes at its end. Alone in a process.
  @Test func theCallerSleepsAsWell() async {
    await #expect(processExitsWith: .success) {
      let pool = ThreadPool(threads: 2)
      let helped = Counter()
      let start = processorSeconds()
      for _ in 0..<3 {
        pool.run(
          ThreadPool.Work(parts: [2]) { _, _, thread in
            if thread == 1 {
              helped.add()
              usleep(200_000)
            } else {
              // Leaves the other part to the worker; ten seconds at most.
              let before = helped.value
              for _ in 0..<1000 where helped.value == before { usleep(10_000) }
            }
          })
      }
      try #require(helped.value >= 3)
      try #require(processorSeconds() - start < 0.3)
    }
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

  /// So does a session that has just run; nor does a wake-up get lost however long the pause before it: 50 microseconds is
  /// about when threads stop spinning and go to sleep. Alone in a process.
  @Test func idleSessionsUseNoProcessor() async {
    await #expect(processExitsWith: .success) {
      let session = try Session(convolutionModel(side: 200), threads: 4)
      for pause in 0..<200 {
        session.run()
        usleep(UInt32(pause % 100))
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
