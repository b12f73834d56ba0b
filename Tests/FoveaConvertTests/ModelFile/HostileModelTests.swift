import FoveaConvert
import FoveaCore
import FoveaRuntime
import Testing

/// Model files whose checksums are right but whose numbers are not: each is refused, or runs inside its memory.
///
/// "Inside" is checked by looking: no step may change a byte of a buffer that it does not write. Run with
/// `swift test --sanitize=address` for reads, and for writes outside of the arena.
struct HostileModelTests {
  @Test func everyStepKindIsHere() throws {
    var kinds: Set<StepKind> = []
    for (name, precision) in SmallModels.all {
      let model = try Model(bytes: SmallModels.bytes(name, precision))
      kinds.formUnion(model.program.steps.map(\.kind))
    }
    #expect(Set(StepKind.allCases).subtracting(kinds) == [])
  }

  /// Every word of the program, each replaced by numbers that are likely to do harm.
  @Test(arguments: SmallModels.all)
  func hostileWords(_ name: String, _ precision: Precision) throws {
    let original = ModelBytes(try SmallModels.bytes(name, precision))
    var (accepted, refused) = (0, 0)
    for word in 0..<(original.programBytes / 4) {
      let old = original[word]
      let hostile: Set<Int32> = [
        0, 1, -1, 255, 256, 1 << 24, 1 << 30, .max, .min, old &+ 1, old &- 1, old &* 2, old &* 64, old ^ 1 << 20,
      ]
      for value in hostile.subtracting([old]).sorted() {
        var model = original
        model[word] = value
        model.seal()
        if try survives(model.bytes, turn: accepted) { accepted += 1 } else { refused += 1 }
      }
    }
    #expect(accepted > 0 && refused > 0)
  }

  /// Several words at a time, also exchanged with others of the program, so that numbers which agree are changed together.
  @Test(arguments: SmallModels.all)
  func hostileCombinations(_ name: String, _ precision: Precision) throws {
    let original = ModelBytes(try SmallModels.bytes(name, precision))
    let words = original.programBytes / 4
    var random = Random(seed: 7)
    for turn in 0..<1000 {
      var model = original
      for _ in 0..<Int.random(in: 2...4, using: &random) {
        // Behind the header most of the time.
        let word =
          Int.random(in: 0..<16, using: &random) == 0
          ? Int.random(in: 3..<27, using: &random) : Int.random(in: 32..<words, using: &random)
        let old = model[word]
        model[word] =
          switch Int.random(in: 0..<6, using: &random) {
          case 0: model[Int.random(in: 32..<words, using: &random)]
          case 1: Int32.random(in: 0...8, using: &random)
          case 2: old &+ Int32.random(in: -4...4, using: &random)
          case 3: old &* 2
          case 4: old / 2
          default: 1 << Int32.random(in: 0...31, using: &random)
          }
      }
      model.seal()
      _ = try survives(model.bytes, turn: turn)
    }
  }

  /// Constants (weights, biases, factors, tables) may be anything.
  @Test(arguments: SmallModels.all)
  func hostileConstants(_ name: String, _ precision: Precision) throws {
    let original = ModelBytes(try SmallModels.bytes(name, precision))
    let first = original.programBytes / 4
    let last = (original.bytes.count - original.dataOffset) / 4
    var random = Random(seed: 8)
    for value in [0, -1, .max, .min, 0x7F80_0000, 0x7FC0_0000, 0x7F7F_FFFF, 0x4F00_0000, -0x0080_0000] as [Int32] {
      for turn in 0..<20 {
        var model = original
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          model[Int.random(in: first..<last, using: &random)] = value
        }
        model.seal()
        _ = try survives(model.bytes, turn: turn)
      }
    }
  }

  /// Whether the bytes are accepted. If they are, runs them.
  ///
  /// - Parameter turn: chooses one of the instruction sets.
  private func survives(_ bytes: [UInt8], turn: Int) throws -> Bool {
    let model: Model
    do throws(FoveaError) {
      model = try Model(bytes: bytes)
    } catch {
      guard case .invalidModel = error else { throw error }
      return false
    }
    let program = model.program
    // Labels and the header are read by their users.
    _ = (model.labels, model.macs, model.preprocessing)
    guard program.buffers.reduce(0, { $0 + $1.byteCount }) < 1 << 22 else { return true }
    let sets = InstructionSet.available
    let session = try Session(model, instructionSet: sets[turn % sets.count])
    for (index, input) in model.inputs.enumerated() {
      try session.setInput(index, to: (0..<input.count).map { Float($0 % 7) - 3 })
    }
    var before = program.buffers.indices.map { unsafe Array(session.bytes(ofBuffer: $0)) }
    session.run { step in
      let writes = program.steps[step].buffers.writes.map { program.buffers[$0] }
      for (index, buffer) in program.buffers.enumerated() {
        let isWritten = writes.contains {
          $0.offset < buffer.offset + buffer.byteCount && buffer.offset < $0.offset + $0.byteCount
        }
        let now = unsafe Array(session.bytes(ofBuffer: index))
        if !isWritten, now != before[index] {
          Issue.record("step \(step) (\(program.steps[step].kind)) changes buffer \(index)")
        }
        before[index] = now
      }
    }
    for index in model.outputs.indices { _ = try session.output(index) }
    return true
  }
}
