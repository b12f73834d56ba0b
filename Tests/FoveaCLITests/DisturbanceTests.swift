import FoveaCLI
import Testing

/// What `fovea bench` warns of.
struct DisturbanceTests {
  @Test(
    "Interruptions, and in what time",
    arguments: [
      ([12000.0, 3400], 500, "500 times in 15.4 s"), ([20.2, 10], 226, "226 times in 30 ms"),
      ([0.1, 0.2], 7, "7 times in less than 1 ms"),
    ])
  func interruptions(_ times: [Double], switches: Int, text: String) throws {
    let warnings = Disturbance(times, involuntarySwitches: switches).warnings
    #expect(warnings.count == 1)
    #expect(try #require(warnings.first).contains("interrupted the runs \(text): "))
  }

  @Test func fewInterruptionsAreNoneToSpeakOf() {
    #expect(Disturbance([1], involuntarySwitches: 5).warnings.isEmpty)
    #expect(Disturbance([100_000], involuntarySwitches: 500).warnings.isEmpty)
  }
}
