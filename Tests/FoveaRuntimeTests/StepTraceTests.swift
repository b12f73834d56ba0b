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
    let steps = session.model.program.steps.count
    for thread in 0..<trace.threads {
      let parts = Array(trace[thread])
      #expect(parts.count == steps)
      for part in parts { #expect(0 <= part.begin && part.begin <= part.end && part.end <= part.released) }
      for (before, after) in zip(parts, parts.dropFirst()) { #expect(before.released <= after.begin) }
    }
    // Nobody goes on before everybody has come.
    for step in 0..<steps {
      let parts = (0..<trace.threads).map { Array(trace[$0])[step] }
      let last = parts.map(\.end).max() ?? 0
      #expect(parts.allSatisfy { $0.released >= last })
    }
  }
}
