import Fovea

/// One instruction set's row of `fovea bench --compare isa`.
struct InstructionSetRow: Encodable {
  var instructionSet: String
  var milliseconds: Latencies
  var gmacsPerSecond: Double
  /// How many times as fast as the portable kernels, by medians.
  var ratio: Double

  private enum CodingKeys: String, CodingKey {
    case milliseconds, ratio
    case instructionSet = "instruction_set"
    case gmacsPerSecond = "gmacs_per_second"
  }

  /// Measures every instruction set of this CPU in turns of a few runs each, so that a clock that changes or a neighbour
  /// disturbs all alike. The first run of each turn, which finds the others' data in the caches, does not count.
  ///
  /// - Parameter prepare: sets a new session's inputs.
  static func compare(
    _ model: Model, threads: Int, iterations: Int, prepare: (Session) throws -> Void
  ) throws -> [InstructionSetRow] {
    let turn = 5
    let sessions = try InstructionSet.available.map { set in
      let session = try Session(model, threads: threads, instructionSet: set)
      try prepare(session)
      return session
    }
    var times = [[Double]](repeating: [], count: sessions.count)
    for done in stride(from: 0, to: iterations, by: turn) {
      for (index, session) in sessions.enumerated() {
        session.run()
        for _ in 0..<min(turn, iterations - done) {
          let start = monotonicMilliseconds()
          session.run()
          times[index].append(monotonicMilliseconds() - start)
        }
      }
    }
    let portable = times[0].median
    return zip(sessions, times).map { session, times in
      let latencies = Latencies(times)
      return InstructionSetRow(
        instructionSet: session.instructionSet.rawValue, milliseconds: latencies,
        gmacsPerSecond: latencies.gmacsPerSecond(model.macs), ratio: (portable / max(times.median, 1e-9)).rounded3)
    }
  }

  /// A line each, slowest first.
  static func table(_ rows: [InstructionSetRow]) -> String {
    var table = Table([
      ("instruction set", .left), ("median ms", .right), ("p10", .right), ("p90", .right), ("GMAC/s", .right),
      ("times portable", .right),
    ])
    for row in rows {
      let times = row.milliseconds
      table.add(
        [row.instructionSet] + [times.median, times.p10, times.p90].map { decimal($0, places: 3) }
          + [decimal(row.gmacsPerSecond, places: 1), decimal(row.ratio, places: 2)])
    }
    return table.text
  }
}
