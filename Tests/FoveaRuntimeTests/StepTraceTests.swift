import FoveaRuntime
import Testing

/// A traced run computes what a run computes, and says when each thread did what.
@Suite struct StepTraceTests {
  @Test(arguments: [1, 2, 3])
  func everyThreadsParts(threads: Int) throws {
    let session = try Session(smallModel(), threads: threads)
    try session.setInput(0, to: (0..<24).map { Float($0) - 10 })
    try session.setInput(1, to: [1, 2, 3, 4, -5])
    let trace = session.traceRun()
    #expect(try session.output(1) == [1, 4, 9, 16, 25])
    #expect(trace.threads == session.threads)
    #expect(trace.parts.reduce(into: Set<Int>()) { $0.formUnion($1.steps) } == Set(session.model.program.steps.indices))
    for part in trace.parts { #expect(0 <= part.begin && part.begin <= part.end && part.thread < threads) }
    for thread in 0..<trace.threads {
      for (before, after) in zip(trace[thread], trace[thread].dropFirst()) { #expect(before.end <= after.begin) }
    }
    // No step begins before the one before it has ended.
    for (before, after) in zip(trace.parts, trace.parts.dropFirst()) where before.steps != after.steps {
      #expect(trace.parts.filter { $0.steps == before.steps }.allSatisfy { $0.end <= after.begin })
    }
  }
}
