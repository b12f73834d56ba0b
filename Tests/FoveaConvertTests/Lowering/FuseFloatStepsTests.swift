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

  // MARK: Additions

  /// Buffers 0 -> 1 by a convolution, 0 -> 2 by another, 3 = 1 + 2.
  private func sum(
    _ change: (inout BinaryF32) -> Void = { _ in }, convolution changed: (inout ConvolutionF32) -> Void = { _ in }
  ) -> ProgramBuilder {
    var builder = ProgramBuilder()
    for _ in 0..<4 { _ = builder.addBuffer(.f32, shape: [1, 4, 4, 8]) }
    var convolution = ConvolutionF32()
    (convolution.input, convolution.output, convolution.height, convolution.width) = (0, 1, 4, 4)
    (convolution.inputChannels, convolution.inputs, convolution.outputChannels, convolution.outputs) = (8, 8, 8, 8)
    (convolution.window.outputHeight, convolution.window.outputWidth) = (4, 4)
    builder.currentName = "first"
    builder.add(.convolutionF32(convolution))
    convolution.output = 2
    changed(&convolution)
    builder.currentName = "second"
    builder.add(.convolutionF32(convolution))
    var binary = BinaryF32()
    (binary.a, binary.b, binary.output, binary.activation) = (1, 2, 3, Self.clamp)
    binary.operands = Operands(rows: 2, columns: 64, aStride: 64, bStride: 64)
    change(&binary)
    builder.currentName = "add"
    builder.add(.binaryF32(binary))
    return builder
  }

  /// The later of two convolutions adds what the earlier one made, in either order of the operands.
  @Test(arguments: [false, true])
  func theLaterConvolutionAdds(swapped: Bool) throws {
    var builder = sum { if swapped { swap(&$0.a, &$0.b) } }
    builder.fuseFloatFunctions(pinned: [0, 3])
    #expect(builder.stepNames == ["first", "second"])
    guard case .convolutionF32(let first) = builder.steps[0], case .convolutionF32(let second) = builder.steps[1] else {
      Issue.record("no convolutions")
      return
    }
    #expect(!first.adds)
    #expect(second.addend == 1 && second.output == 3)
    #expect(second.activation.operation == Self.clamp.operation && second.activation.beta == 6)
    #expect(builder.steps[1].buffers.reads == [0, 1])
  }

  /// A residual block: the input itself is added, and a function follows.
  @Test func inputsAreAddedAndFunctionsFollow() throws {
    var builder = sum {
      $0.a = 0
      $0.activation = UnaryFunction()
    }
    let output = builder.addBuffer(.f32, shape: [1, 4, 4, 8])
    var unary = UnaryF32()
    (unary.input, unary.output, unary.count, unary.function) = (3, output, 128, hardSwish)
    builder.add(.unaryF32(unary))
    builder.fuseFloatFunctions(pinned: [0, 1, output])
    guard case .convolutionF32(let second) = try #require(builder.steps.last) else {
      Issue.record("no convolution")
      return
    }
    #expect(builder.steps.count == 2)
    #expect(second.addend == 0 && second.output == output && second.activation.operation == hardSwish.operation)
  }

  @Test(
    arguments: [
      { $0.operation = 2 }, { $0.operands.bStride = 0 }, { $0.operands.aStride = 0 }, { $0.a = 2 },
      { $0.operands.rows = 1 },
    ] as [@Sendable (inout BinaryF32) -> Void])
  func otherSumsAreKept(_ change: @Sendable (inout BinaryF32) -> Void) {
    var builder = sum(change)
    builder.fuseFloatFunctions(pinned: [0, 3])
    #expect(builder.stepNames == ["first", "second", "add"])
  }

  @Test func convolutionsThatCannotAddAreLeft() {
    for change in [{ $0.activation = Self.clamp }, { $0.outputs = 4 }, { $0.addend = 0 }]
      as [(inout ConvolutionF32) -> Void]
    {
      var builder = sum(convolution: change)
      builder.fuseFloatFunctions(pinned: [0, 3])
      #expect(builder.stepNames == ["first", "second", "add"])
    }
    // Its results are an output of the network too.
    var builder = sum()
    builder.fuseFloatFunctions(pinned: [0, 2, 3])
    #expect(builder.stepNames == ["first", "second", "add"])
  }
}
