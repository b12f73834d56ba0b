import FoveaCore
import Testing

/// What a file may not say of reductions, normalizations and resampling.
struct ArrayValidationTests {
  private static func resampling() -> ProgramFile {
    var file = ProgramFile()
    file.add(.u8, [2, 3, 4])
    file.add(.u8, [2, 2, 4])
    file.constants = [bytes([0, 1, 2, 2] as [Int32]), bytes([4096, 12288, 16384, 0] as [Int32])]
    var step = ResampleStep()
    (step.input, step.output, step.positions, step.weights) = (0, 1, 0, 1)
    (step.outer, step.inputLength, step.outputLength, step.inner, step.taps) = (2, 3, 2, 4, 2)
    file.steps = [.resample(step)]
    return file
  }

  @Test func soundResamplingIsAccepted() {
    #expect(Self.resampling().refusal == nil)
  }

  @Test(
    arguments: [
      // Positions outside of the input, weights that are none or do not add up.
      [0, 1, 2, 3], [0, -1, 2, 2],
    ] as [[Int32]])
  func positionsLieInside(_ positions: [Int32]) {
    var file = Self.resampling()
    file.constants[0] = bytes(positions)
    #expect(file.refusal?.reason == .invalidValue)
  }

  @Test(arguments: [[4096, 12289, 16384, 0], [-4096, 20480, 16384, 0], [4096, 12288, 0, 0]] as [[Int32]])
  func weightsAddUp(_ weights: [Int32]) {
    var file = Self.resampling()
    file.constants[1] = bytes(weights)
    #expect(file.refusal?.reason == .invalidValue)
  }

  @Test(
    arguments: [
      { $0.taps = 0 }, { $0.taps = 1 << 17 }, { $0.outer = 3 }, { $0.inner = 5 }, { $0.outputLength = 3 },
      { $0.inputLength = 4 }, { $0.positions = 9 }, { $0.output = 0 },
    ] as [@Sendable (inout ResampleStep) -> Void])
  func reachesAreChecked(_ change: @Sendable (inout ResampleStep) -> Void) {
    var file = Self.resampling()
    guard case .resample(var step)? = file.steps.first else { return }
    change(&step)
    file.steps = [.resample(step)]
    #expect(file.refusal != nil)
  }

  @Test(arguments: [false, true])
  func statistics(isNormalization: Bool) {
    var file = ProgramFile()
    file.add(.f32, [2, 3, 4])
    file.add(.f32, isNormalization ? [2, 3, 4] : [2, 4])
    var step = StatisticF32()
    (step.input, step.output, step.outer, step.length, step.inner) = (0, 1, 2, 3, 4)
    func refusal() -> ModelError? {
      file.steps = [isNormalization ? .normalizeF32(step) : .reduceF32(step)]
      return file.refusal
    }
    #expect(refusal() == nil)
    step.length = 4
    #expect(refusal() != nil)
    (step.length, step.operation) = (3, 4)
    #expect(refusal() != nil)
    (step.operation, step.inner) = (0, 0)
    #expect(refusal() != nil)
  }
}
