import FoveaCore
import Testing

/// The header and the records of buffers, constants and ports: their words in the file's order.
struct TableRecordTests {
  private func words(_ record: some Record) -> [UInt32] {
    var record = record
    var writer = FieldWriter()
    record.visit(&writer)
    return writer.words
  }

  private func float(_ bits: UInt32) -> Float { Float(bitPattern: bits) }

  @Test func header() {
    var header = ProgramHeader()
    header.magic = (0, 1)
    (header.version, header.byteCount) = (2, 3)
    (header.bufferCount, header.constantCount, header.stepCount) = (4, 5, 6)
    (header.inputCount, header.outputCount, header.arenaBytes, header.precision) = (7, 8, 9, 10)
    (header.names, header.labels, header.hasPreprocessing) = (11, 12, 13)
    (header.width, header.height, header.crop, header.filter, header.channelOrder) = (14, 15, float(16), 17, 18)
    header.mean = (float(19), float(20), float(21))
    header.standardDeviation = (float(22), float(23), float(24))
    header.macs = (25, 26)
    header.constantsChecksum = (27, 28)
    header.programChecksum = (30, 31)
    // Word 29 is reserved.
    #expect(words(header) == (0..<32).map { $0 == 29 ? 0 : UInt32($0) })
    #expect(ProgramHeader.byteCount == 128)
  }

  @Test func magicSpellsItself() {
    let magic = [ProgramHeader.magic.0, ProgramHeader.magic.1]
    let bytes = magic.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    #expect(String(decoding: bytes, as: UTF8.self) == "FOVEAPRG")
  }

  @Test func buffer() {
    var record = BufferRecord()
    (record.type, record.offset, record.rank) = (1, 2, 3)
    record.sizes = (4, 5, 6, 7, 8, 9)
    (record.scale, record.zeroPoint) = (float(10), 11)
    #expect(words(record) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0])
    #expect(BufferRecord.words == 12)
  }

  @Test func constantAndPort() {
    var constant = ConstantRecord()
    (constant.offset, constant.length) = (1, 2)
    #expect(words(constant) == [1, 2])
    #expect(ConstantRecord.words == 2)
    var port = PortRecord()
    (port.nameOffset, port.nameLength, port.buffer, port.isImage) = (1, 2, 3, 4)
    #expect(words(port) == [1, 2, 3, 4])
    #expect(PortRecord.words == 4)
  }

  @Test func integersAreSigned() {
    let bytes: [UInt8] = [0xFE, 0xFF, 0xFF, 0xFF, 0, 0, 0x80, 0x3F, 1, 2, 3]
    unsafe bytes.withUnsafeBytes { bytes in
      var reader = unsafe FieldReader(bytes, at: 0)
      var (number, value) = (0, Float(0))
      reader.int(&number)
      reader.float(&value)
      #expect(number == -2 && value == 1 && !reader.overrun)
      // Three bytes are no word: missing ones read as 0.
      reader.int(&number)
      #expect(number == 0 && reader.overrun)
    }
  }

  @Test(arguments: [-1, -4, .min, .max, 8, 9, 1 << 40])
  func nothingIsReadOutside(offset: Int) {
    unsafe [UInt8](repeating: 1, count: 8).withUnsafeBytes { bytes in
      var reader = unsafe FieldReader(bytes, at: offset)
      var number = 1
      reader.int(&number)
      #expect(number == 0 && reader.overrun)
    }
  }
}
