import FoveaRuntime
import Testing

/// What is measured twice is the better of the two.
struct MachinePeaksTests {
  @Test func theBestIsKept() {
    var peaks = MachinePeaks(.best, float: true)
    let before = peaks
    #expect(min(before.int8, before.float, before.copy) > 1e8)
    peaks.measureAgain()
    #expect(peaks.int8 >= before.int8 && peaks.float >= before.float && peaks.copy >= before.copy)
    #expect(MachinePeaks(.best, float: false).float == 0)
  }
}
