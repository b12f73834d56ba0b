import FoveaCore
import Testing

/// Which steps run together: only where nothing tells that from running one after the other.
struct StepUnitsTests {
  /// A 1x1 convolution of 4x4 pixels, 16 channels each (buffer 0 to 1), then an addition with buffer 2 (to 3).
  private func file(_ change: (inout ProgramFile, inout ConvolutionU8, inout AddU8) -> Void = { _, _, _ in })
    -> ProgramFile
  {
    var file = ProgramFile()
    for _ in 0..<4 { file.add(.u8, [1, 4, 4, 16]) }
    for index in file.buffers.indices { file.buffers[index].scale = 1 }
    file.constants = [
      Array(repeating: 1, count: 256), bytes([Int32](repeating: 0, count: 16)),
      bytes([Float](repeating: 0.01, count: 16)),
    ]
    var conv = ConvolutionU8()
    (conv.input, conv.output, conv.weights, conv.bias, conv.scale) = (0, 1, 0, 1, 2)
    (conv.height, conv.width) = (4, 4)
    (conv.inputChannels, conv.inputs, conv.outputChannels, conv.outputs) = (16, 16, 16, 16)
    (conv.window.outputHeight, conv.window.outputWidth) = (4, 4)
    conv.range.high = 255
    var add = AddU8()
    (add.a, add.b, add.output) = (1, 2, 3)
    add.operands = Operands(rows: 16, columns: 16, aStride: 16, bStride: 16)
    (add.aMultiplier, add.bMultiplier, add.scale) = (1, 1, 0.5)
    add.range.high = 255
    change(&file, &conv, &add)
    file.steps = [.convolutionU8(conv), .addU8(add)]
    return file
  }

  private func units(_ file: ProgramFile) throws -> [Range<Int>] { try file.open { $0.units } }

  @Test func additionJoinsItsConvolution() throws {
    #expect(try units(file()) == [0..<2])
    #expect(try units(file { _, _, add in (add.a, add.b) = (2, 1) }) == [0..<2])
    // What the convolution reads stays what it is: it may be the other operand.
    #expect(try units(file { _, _, add in add.b = 0 }) == [0..<2])
    #expect(
      try units(file { _, _, add in add.operands = Operands(rows: 1, columns: 256, aStride: 0, bStride: 0) }) == [0..<2]
    )
  }

  /// Tables by channel join a convolution of as many channels; of others, the pixels would be others.
  @Test(arguments: [(rows: 16, channels: 16, joins: true), (rows: 8, channels: 32, joins: false)])
  func channelTablesJoinTheirConvolution(_ shape: (rows: Int, channels: Int, joins: Bool)) throws {
    var file = file()
    var tables = ChannelTablesU8()
    (tables.input, tables.output, tables.rows, tables.channels) = (1, 3, shape.rows, shape.channels)
    (tables.tables, tables.selection) = (0, 3)
    file.constants.append(Array(repeating: 0, count: 32))
    file.steps[1] = .channelTablesU8(tables)
    #expect(try units(file) == (shape.joins ? [0..<2] : [0..<1, 1..<2]))
  }

  /// A channel's table must be one that there is.
  @Test func channelTablesOutsideAreRefused() throws {
    var file = file()
    var tables = ChannelTablesU8()
    (tables.input, tables.output, tables.rows, tables.channels) = (1, 3, 16, 16)
    (tables.tables, tables.selection) = (0, 3)
    file.constants.append(Array(repeating: 0, count: 15) + [1])
    file.steps[1] = .channelTablesU8(tables)
    #expect(throws: ModelError(.invalidValue, in: .step, index: 1, found: 15)) { try units(file) }
    for change in [
      { (tables: inout ChannelTablesU8) in tables.count = 2 }, { $0.count = 0 }, { $0.rows = 17 }, { $0.channels = 17 },
      { $0.rows = 0 }, { $0.tables = 9 }, { $0.selection = -1 },
    ] {
      var changed = tables
      change(&changed)
      file.constants[3][15] = 0
      file.steps[1] = .channelTablesU8(changed)
      #expect(throws: ModelError.self) { try units(file) }
    }
  }

  @Test func unitsShareTheirCost() throws {
    #expect(try file().open { $0.parts(of: $0.units, threads: 2, most: 56) }.count == 1)
  }

  /// The sum would overwrite inputs that the convolution has yet to read.
  @Test func notWhereTheSumTakesTheInputsPlace() throws {
    #expect(try units(file { file, _, _ in file.buffers[3].offset = file.buffers[0].offset }) == [0..<1, 1..<2])
    #expect(
      try units(
        file { file, _, _ in
          file.buffers[3].offset = file.buffers[0].offset + 192
          file.buffers[1].offset = 1024
          file.buffers[2].offset = 1536
        }) == [0..<1, 1..<2])
  }

  /// The other operand would be read before the convolution has written it.
  @Test func notWhereTheOtherOperandIsPartOfTheOutput() throws {
    #expect(
      try units(
        file { file, _, _ in
          file.buffers[2].offset = file.buffers[1].offset + 64
          file.buffers[3].offset = 1024
        }) == [0..<1, 1..<2])
  }

  @Test func notWhereAnOperandIsRepeated() throws {
    #expect(try units(file { _, _, add in add.operands.bStride = 0 }) == [0..<1, 1..<2])
  }

  @Test func notOfTwoOtherBuffers() throws {
    #expect(try units(file { _, _, add in add.a = 2 }) == [0..<1, 1..<2])
  }

  /// A group of channels, or fewer pixels than the sum has: something would be left out.
  @Test func notWhereTheConvolutionMakesAPart() throws {
    #expect(try units(file { _, conv, _ in (conv.outputs, conv.firstOutput) = (8, 8) }) == [0..<1, 1..<2])
    #expect(try units(file { _, conv, _ in conv.window.outputHeight = 3 }) == [0..<1, 1..<2])
    #expect(try units(file { _, _, add in add.operands.rows = 8 }) == [0..<1, 1..<2])
  }
}
