import FoveaCore

/// A model file put together by hand, so that a test shows the one number that it is about.
struct ProgramFile {
  var header = ProgramHeader()
  var buffers: [Buffer] = []
  /// Each padded to 64 bytes with zeros. One more holds the names: "xy".
  var constants: [[UInt8]] = []
  var steps: [Step] = []
  var inputs = [Port(nameOffset: 0, nameLength: 1, buffer: 0, isImage: false)]
  var outputs = [Port(nameOffset: 1, nameLength: 1, buffer: 1, isImage: false)]

  init() {
    header.magic = ProgramHeader.magic
    header.version = ProgramHeader.currentVersion
    header.arenaBytes = 1 << 20
    header.labels = ProgramHeader.none
  }

  /// Adds a buffer behind the others.
  mutating func add(_ type: BufferElement, _ shape: [Int]) {
    let end = buffers.last.map { ($0.offset + $0.byteCount + 63) / 64 * 64 } ?? 0
    buffers.append(Buffer(type: type, offset: end, shape: shape))
  }

  /// The file's bytes, with checksums.
  func bytes() -> [UInt8] {
    var header = header
    let constants = constants + [Array("xy".utf8)]
    header.names = constants.count - 1
    (header.bufferCount, header.constantCount, header.stepCount) = (buffers.count, constants.count, steps.count)
    (header.inputCount, header.outputCount) = (inputs.count, outputs.count)
    let words = 32 + buffers.count * 12 + constants.count * 2 + steps.count * 40 + (inputs.count + outputs.count) * 4
    header.byteCount = (words * 4 + 63) / 64 * 64

    var writer = FieldWriter()
    for buffer in buffers {
      var record = BufferRecord()
      (record.type, record.offset, record.rank) = (buffer.type.rawValue, buffer.offset, buffer.shape.count)
      let sizes = buffer.shape + Array(repeating: 1, count: 6 - buffer.shape.count)
      record.sizes = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5])
      (record.scale, record.zeroPoint) = (buffer.scale, buffer.zeroPoint)
      record.visit(&writer)
    }
    var offset = header.byteCount / 64
    for constant in constants {
      var record = ConstantRecord()
      (record.offset, record.length) = (offset, (constant.count + 63) / 64)
      record.visit(&writer)
      offset += record.length
    }
    var tables = writer.words + steps.flatMap(\.words)
    writer = FieldWriter()
    for port in inputs + outputs {
      var record = PortRecord()
      (record.nameOffset, record.nameLength, record.buffer) = (port.nameOffset, port.nameLength, port.buffer)
      record.isImage = port.isImage ? 1 : 0
      record.visit(&writer)
    }
    tables += writer.words

    let json = Array("{}".utf8) + Array(repeating: UInt8(ascii: " "), count: 54)
    var bytes: [UInt8] = [56, 0, 0, 0, 0, 0, 0, 0] + json + Array(repeating: 0, count: header.byteCount)
    for constant in constants { bytes += constant + Array(repeating: 0, count: (64 - constant.count % 64) % 64) }
    func write() {
      var writer = FieldWriter()
      header.visit(&writer)
      let program = (writer.words + tables).flatMap { word in
        (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) }
      }
      bytes.replaceSubrange(64..<(64 + program.count), with: program)
    }
    write()
    let count = header.byteCount
    header.constantsChecksum = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofConstants(in: $0, dataOffset: 64, byteCount: count).words
    }
    write()
    header.programChecksum = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofProgram(in: $0, dataOffset: 64, byteCount: count).words
    }
    write()
    return bytes
  }

  /// Opens the file and hands the program on while its bytes exist.
  func open<Result>(_ body: (Program) throws -> Result) throws -> Result {
    let bytes = bytes()
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { unsafe memory.deallocate() }
    unsafe memory.copyBytes(from: bytes)
    return try body(try unsafe Program(file: UnsafeRawBufferPointer(memory)))
  }

  /// Why the file is refused, or nil.
  var refusal: ModelError? {
    do {
      return try open { _ in nil }
    } catch {
      return error as? ModelError
    }
  }
}

/// Little-endian bytes of numbers.
func bytes(_ values: [Int32]) -> [UInt8] {
  values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}

func bytes(_ values: [Float]) -> [UInt8] { bytes(values.map { Int32(bitPattern: $0.bitPattern) }) }
