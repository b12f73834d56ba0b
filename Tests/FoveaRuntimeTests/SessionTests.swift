import FoveaCore
import FoveaRuntime
import Testing

/// A session takes and gives tensors in the source network's order, and says what is wrong with those that do not fit.
struct SessionTests {
  private let image = (0..<24).map { Float($0) - 10 }

  @Test(arguments: [Precision.float, .int8], [-1, 0, 1, 2, 8])
  func runs(_ precision: Precision, threads: Int) throws {
    let session = try Session(smallModel(precision), threads: threads)
    #expect(session.threads == max(1, threads))
    try session.setInput(0, to: image)
    try session.setInput(1, to: [1, 2, 3, 4, -5])
    session.run()
    let tolerance: Float = precision == .float ? 0 : 0.15
    #expect(try zip(session.output(0), image).allSatisfy { ($0 - min(max($1, 0), 6)).magnitude <= tolerance })
    #expect(try zip(session.output(1), [1, 4, 9, 16, 25]).allSatisfy { ($0 - $1).magnitude <= tolerance })
  }

  /// Inputs stay set, and outputs until the next run.
  @Test func inputsStay() throws {
    let session = try Session(smallModel())
    try session.setInput(0, to: image)
    session.run()
    let first = try session.output(0)
    try session.setInput(1, to: [1, 1, 1, 1, 1])
    session.run()
    #expect(try session.output(0) == first)
    #expect(try session.output(1) == [1, 1, 1, 1, 1])
  }

  @Test func sessionsOfOneModelAreSeparate() throws {
    let model = try smallModel()
    let (a, b) = (try Session(model), try Session(model, threads: 2))
    try a.setInput(1, to: [1, 2, 3, 4, 5])
    try b.setInput(1, to: [2, 2, 2, 2, 2])
    a.run()
    b.run()
    #expect(try a.output(1) == [1, 4, 9, 16, 25])
    #expect(try b.output(1) == [4, 4, 4, 4, 4])
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 3.4e38, -3.4e38])
  func anyNumberIsAnInput(_ value: Float) throws {
    for precision in [Precision.float, .int8] {
      let session = try Session(smallModel(precision))
      try session.setInput(0, to: Array(repeating: value, count: 24))
      session.run()
      #expect(try session.output(0).count == 24)
    }
  }

  @Test(
    arguments: [
      (-1, 24, "the network has 2 inputs, no number -1"), (2, 24, "the network has 2 inputs, no number 2"),
      (0, 23, "input \"image\" takes 24 values ([1, 3, 2, 4]), not 23"),
      (0, 0, "input \"image\" takes 24 values ([1, 3, 2, 4]), not 0"),
      (1, 6, "input \"vector\" takes 5 values ([5]), not 6"),
    ])
  func inputsThatDoNotFit(_ index: Int, _ count: Int, _ message: String) throws {
    let session = try Session(smallModel())
    #expect(throws: FoveaError.invalidInput(message)) {
      try session.setInput(index, to: Array(repeating: 0, count: count))
    }
  }

  @Test(
    arguments: [
      (-1, "the network has 2 outputs, no number -1"), (2, "the network has 2 outputs, no number 2"),
      (.max, "the network has 2 outputs, no number \(Int.max)"),
    ])
  func outputsThatAreNotThere(_ index: Int, _ message: String) throws {
    let session = try Session(smallModel())
    #expect(throws: FoveaError.invalidInput(message)) { try session.output(index) }
  }

  /// Threads share rows, or channels where there is one row, as the global mean has; 4 channels go into 2 and 4 parts, not 3.
  @Test(arguments: [Precision.float, .int8], [2, 3, 4, 9])
  func threadsGiveTheSameValues(_ precision: Precision, threads: Int) throws {
    let side = 200
    let model = try convolutionModel(precision, side: side)
    let (one, several) = (try Session(model), try Session(model, threads: threads))
    for session in [one, several] {
      try session.setInput(0, to: testImage(side: side))
      session.run()
    }
    let pixels = try one.output(0)
    for index in 0..<2 {
      // A library may add up float products in another order for other shapes.
      let pairs = try zip(one.output(index), several.output(index))
      #expect(pairs.allSatisfy { ($0 - $1).magnitude <= (precision == .int8 ? 0 : 1e-6) })
    }
    // int8 rounds once more.
    let count = side * side
    for (channel, mean) in try several.output(1).enumerated() {
      let expected = pixels[(channel * count)..<((channel + 1) * count)].reduce(0) { $0 + Double($1) } / Double(count)
      #expect((Double(mean) - expected).magnitude <= (precision == .int8 ? 0.02 : 1e-5))
    }
  }

  @Test(arguments: InstructionSet.allCases)
  func instructionSets(_ set: InstructionSet) throws {
    let model = try smallModel(.int8)
    guard !InstructionSet.available.contains(set) else {
      #expect(try Session(model, instructionSet: set).instructionSet == set)
      return
    }
    #expect(
      throws: FoveaError.instructionSet(name: set.rawValue, available: InstructionSet.available.map(\.rawValue))
    ) { try Session(model, instructionSet: set) }
  }

  @Test func portableIsAlwaysThere() {
    #expect(InstructionSet.available.first == .portable)
    #expect(InstructionSet.available.contains(InstructionSet.best))
    #expect(CPU.availableCount >= 1)
  }
}
