import FoveaConvert
import FoveaCore
import Testing

/// A convolution and the function after it become one step only where nobody can tell.
struct FuseFloatStepsTests {
  // The numbers of docs/MODEL_FORMAT.md.
  private let hardSwish = UnaryFunction(operation: 5)
  private static let clamp = UnaryFunction(operation: 1, alpha: 0, beta: 6)

  /// Buffers 0 -> 1 by a 1x1 convolution, 1 -> 2 by hard swish.
  private func program(_ change: (inout ConvolutionF32) -> Void = { _ in }) -> ProgramBuilder {
    var builder = ProgramBuilder()
    for _ in 0..<3 { _ = builder.addBuffer(.f32, shape: [1, 4, 4, 8]) }
    var convolution = ConvolutionF32()
    (convolution.input, convolution.output, convolution.height, convolution.width) = (0, 1, 4, 4)
    (convolution.inputChannels, convolution.inputs, convolution.outputChannels, convolution.outputs) = (8, 8, 8, 8)
    (convolution.window.outputHeight, convolution.window.outputWidth) = (4, 4)
    change(&convolution)
    builder.currentName = "conv"
    builder.add(.convolutionF32(convolution))
    var unary = UnaryF32()
    (unary.input, unary.output, unary.count, unary.function) = (1, 2, 128, hardSwish)
    builder.currentName = "swish"
    builder.add(.unaryF32(unary))
    return builder
  }

  @Test func theSoleReaderIsFused() throws {
    var builder = program()
    builder.fuseFloatFunctions(pinned: [0, 2])
    #expect(builder.stepNames == ["conv"])
    guard case .convolutionF32(let step) = try #require(builder.steps.first) else {
      Issue.record("no convolution")
      return
    }
    #expect(step.output == 2)
    #expect(step.activation.operation == hardSwish.operation)
  }

  @Test(
    arguments: [
      { $0.activation = clamp },
      // One of two groups; more images than the function takes; another output.
      { $0.outputs = 4 }, { $0.images = 2 }, { $0.output = 2 },
    ] as [@Sendable (inout ConvolutionF32) -> Void])
  func othersAreKept(_ change: @Sendable (inout ConvolutionF32) -> Void) {
    var builder = program(change)
    builder.fuseFloatFunctions(pinned: [0, 2])
    #expect(builder.stepNames == ["conv", "swish"])
  }

  @Test func whatIsReadBesidesIsKept() {
    var builder = program()
    builder.fuseFloatFunctions(pinned: [0, 1, 2])
    #expect(builder.steps.count == 2)

    // The same memory under another shape.
    builder = program()
    let alias = builder.addAlias(of: 1, shape: [128])
    var unary = UnaryF32()
    (unary.input, unary.output, unary.count) = (alias, 2, 128)
    builder.add(.unaryF32(unary))
    builder.fuseFloatFunctions(pinned: [0, 2])
    #expect(builder.steps.count == 3)
  }
}
