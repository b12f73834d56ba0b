import FoveaCore
import Testing

/// Into how many parts steps are cut for threads that share them.
struct StepPartsTests {
  /// A step over `count` floats, its parts for numbers of threads, and the most that there may be.
  private func parts(count: Int, threads: Int, most: Int = 56) throws -> [Int] {
    var file = ProgramFile()
    file.header.arenaBytes = 1 << 28
    file.add(.f32, [count])
    file.add(.f32, [count])
    var step = UnaryF32()
    (step.input, step.output, step.count) = (0, 1, count)
    file.steps = [.unaryF32(step), .unaryF32(step)]
    return try file.open { $0.parts(of: $0.units, threads: threads, most: most) }
  }

  @Test func oneThreadCutsNothing() throws {
    #expect(try parts(count: 1 << 22, threads: 1) == [1, 1])
  }

  /// 8 bytes an element are read and written, each worth four multiplications; a part is worth 2^16.
  @Test(arguments: [(2048, 1), (4095, 1), (4096, 2), (6144, 3), (8192, 4), (10000, 4), (1 << 17, 4)])
  func smallStepsHaveFewParts(count: Int, expected: Int) throws {
    #expect(try parts(count: count, threads: 4) == [expected, expected])
  }

  /// Parts of 2^22 are worth having more of them than threads, but no more than four times as many.
  @Test(arguments: [(1 << 18, 2), (1 << 19, 4), (3 << 18, 6), (1 << 20, 8), (1 << 22, 8)])
  func largeStepsHaveSeveralAThread(count: Int, expected: Int) throws {
    #expect(try parts(count: count, threads: 2) == [expected, expected])
  }

  @Test func thereAreNoMoreThanMayBe() throws {
    #expect(try parts(count: 1 << 22, threads: 2, most: 5) == [4, 4])
    #expect(try parts(count: 1 << 22, threads: 40) == [40, 40])
  }

  /// Where Winograd's algorithm would have each part transform all inputs, there is one part a thread; where the inputs are more than
  /// the weights, parts have rows of their own.
  @Test(arguments: [(side: 28, channels: 128, stride: 1, parts: 2), (56, 32, 1, 8), (28, 128, 2, 8)])
  func transformedInputsAreShared(_ shape: (side: Int, channels: Int, stride: Int, parts: Int)) throws {
    var file = ProgramFile()
    let (side, channels) = (shape.side, shape.channels)
    file.header.arenaBytes = 1 << 28
    file.add(.f32, [1, side, side, channels])
    file.add(.f32, [1, side / shape.stride, side / shape.stride, channels])
    file.buffers[1].offset = 1 << 27
    file.constants = [
      [UInt8](repeating: 0, count: 36 * channels * channels), [UInt8](repeating: 0, count: 4 * channels),
    ]
    var step = ConvolutionF32()
    (step.input, step.output, step.weights, step.bias) = (0, 1, 0, 1)
    (step.height, step.width) = (side, side)
    (step.inputChannels, step.inputs, step.outputChannels, step.outputs) = (channels, channels, channels, channels)
    (step.window.kernelHeight, step.window.kernelWidth, step.window.padTop, step.window.padLeft) = (3, 3, 1, 1)
    (step.window.strideY, step.window.strideX) = (shape.stride, shape.stride)
    (step.window.outputHeight, step.window.outputWidth) = (side / shape.stride, side / shape.stride)
    file.steps = [.convolutionF32(step)]
    #expect(try file.open { $0.parts(of: $0.units, threads: 2, most: 56) } == [shape.parts])
  }
}
