import AllocationCounter
import FoveaCore
import FoveaRuntime
import Glibc
import Testing

/// `run` asks for no memory, whether its threads still spin or sleep.
struct AllocationTests {
  /// The calls of malloc and its relatives, of all threads, that `body` makes.
  private func allocations(in body: () -> Void) -> UInt {
    let before = allocation_count()
    body()
    return allocation_count() - before
  }

  /// Alone in a process, so that all allocations are its own.
  @Test func runAllocatesNothing() async {
    await #expect(processExitsWith: .success) {
      for precision in [Precision.int8, .float] {
        for threads in [1, 2, 3] {
          let session = try Session(convolutionModel(precision, side: 200), threads: threads)
          try session.setInput(0, to: testImage(side: 200))
          // The first run may load a library, and threads may still be starting.
          session.run()
          usleep(50_000)
          let found = AllocationTests().allocations {
            for round in 0..<50 {
              if round.isMultiple(of: 10) { usleep(2000) }
              session.run()
            }
          }
          try #require(found == 0, "\(precision), \(threads) threads")
        }
      }
    }
  }

  /// The counter counts what Swift and C allocate: without this, the test above could not fail.
  @Test func theCounterCounts() async {
    await #expect(processExitsWith: .success) {
      let test = AllocationTests()
      var kept: [[Int]] = []
      kept.reserveCapacity(10)
      let arrays = test.allocations { for size in 1...10 { kept.append(Array(repeating: size, count: size)) } }
      try #require(arrays >= 10 && kept.count == 10)
      let session = try Session(convolutionModel(.int8), threads: 2)
      try #require(test.allocations { _ = session.values(ofOutput: 0) } >= 1)
    }
  }
}
