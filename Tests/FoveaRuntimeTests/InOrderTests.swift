import FoveaRuntime
import Glibc
import Testing

/// Values computed on several threads arrive in order, and no more of them exist at once than was asked for.
struct InOrderTests {
  @Test(arguments: [1, 2, 5], [0, 1, 3, 200])
  func arrivesInOrder(threads: Int, count: Int) {
    var received: [Int] = []
    computeInOrder(count, threads: threads, ahead: 3) { index, thread in
      // Later ones are often sooner done.
      usleep(index.isMultiple(of: 7) ? 500 : 0)
      return thread < threads ? index * index : -1
    } receive: { index, value in
      #expect(value == index * index)
      received.append(index)
    }
    #expect(received == Array(0..<count))
  }

  @Test(arguments: [1, 4])
  func staysNear(ahead: Int) {
    let started = Counter()
    computeInOrder(100, threads: 4, ahead: ahead) { index, _ in
      started.add()
      return index
    } receive: { index, _ in
      usleep(index < 20 ? 200 : 0)
      #expect(started.value <= index + ahead)
    }
    #expect(started.value == 100)
  }

  /// Threads run at the same time: each waits for the other.
  @Test func overlaps() {
    let running = Counter()
    computeInOrder(2, threads: 2, ahead: 2) { _, thread in
      running.add()
      for _ in 0..<5000 where running.value < 2 { usleep(1000) }
      return thread
    } receive: { _, _ in
      #expect(running.value == 2)
    }
  }

  private struct Stop: Error {}

  @Test(arguments: [1, 3])
  func stopsWhereReceivingFails(threads: Int) {
    let started = Counter()
    #expect(throws: Stop.self) {
      try computeInOrder(1_000_000, threads: threads, ahead: 5) { index, _ in
        started.add()
        return index
      } receive: { index, _ in
        if index == 10 { throw Stop() }
      }
    }
    #expect(started.value <= 10 + 5)
  }

  @Test func backgroundValue() {
    let value = Background { (0..<1000).reduce(0, +) }
    #expect(value.value == 499_500)
    #expect(value.value == 499_500)
  }

  /// Letting go of it waits, so that nothing it uses is gone too soon.
  @Test func backgroundIsWaitedFor() {
    let done = Counter()
    do {
      _ = Background {
        usleep(20_000)
        done.add()
      }
    }
    #expect(done.value == 1)
  }
}
