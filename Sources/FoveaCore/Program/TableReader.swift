/// Decodes the tables that follow a program's header. Checks each record by itself; `Program.validate` checks how they
/// fit together.
@safe
struct TableReader {
  private let program: UnsafeRawBufferPointer
  private let header: ProgramHeader
  private let constantsStart: Int
  private let stepsStart: Int
  private let portsStart: Int

  init(program: UnsafeRawBufferPointer, header: ProgramHeader) throws(ModelError) {
    unsafe self.program = program
    self.header = header
    // Each table is compared with the bytes that are left, so that no count can overflow, also where Int has 32 bits.
    var start = ProgramHeader.byteCount
    func table(_ count: Int, words: Int) throws(ModelError) -> Int {
      guard count >= 0 else { throw ModelError(.invalidValue, in: .header, found: count) }
      guard count <= (program.count - start) / (4 * words) else {
        throw ModelError(.truncated, in: .header, found: count)
      }
      defer { start += 4 * words * count }
      return start
    }
    _ = try table(header.bufferCount, words: BufferRecord.words)
    constantsStart = try table(header.constantCount, words: ConstantRecord.words)
    stepsStart = try table(header.stepCount, words: ProgramHeader.stepWords)
    portsStart = try table(header.inputCount, words: PortRecord.words)
    _ = try table(header.outputCount, words: PortRecord.words)
    guard header.arenaBytes >= 0, header.arenaBytes < 1 << 30 else {
      throw ModelError(.invalidValue, in: .header, found: header.arenaBytes)
    }
  }

  private func record<R: Record>(_: R.Type, at offset: Int) -> R {
    var reader = unsafe FieldReader(program, at: offset)
    var record = R()
    record.visit(&reader)
    return record
  }

  func buffers() throws(ModelError) -> [Buffer] {
    var buffers: [Buffer] = []
    buffers.reserveCapacity(header.bufferCount)
    for i in 0..<header.bufferCount {
      let record = record(BufferRecord.self, at: ProgramHeader.byteCount + 4 * BufferRecord.words * i)
      guard let type = BufferElement(rawValue: record.type) else {
        throw ModelError(.invalidValue, in: .buffer, index: i, found: record.type)
      }
      guard (0...Buffer.maximumRank).contains(record.rank) else {
        throw ModelError(.invalidValue, in: .buffer, index: i, found: record.rank)
      }
      let sizes = [
        record.sizes.0, record.sizes.1, record.sizes.2, record.sizes.3, record.sizes.4, record.sizes.5,
      ]
      let shape = Array(sizes.prefix(record.rank))
      var bytes = type.size
      for size in shape {
        let (product, overflow) = bytes.multipliedReportingOverflow(by: size)
        guard size > 0, !overflow, product <= header.arenaBytes else {
          throw ModelError(.invalidValue, in: .buffer, index: i, found: size)
        }
        bytes = product
      }
      guard record.offset >= 0, record.offset.isMultiple(of: 64), record.offset <= header.arenaBytes - bytes else {
        throw ModelError(.outOfBounds, in: .buffer, index: i, found: record.offset)
      }
      guard record.scale.isFinite, record.scale > 0, (0...255).contains(record.zeroPoint) else {
        throw ModelError(.invalidValue, in: .buffer, index: i, found: record.zeroPoint)
      }
      buffers.append(
        Buffer(
          type: type, offset: record.offset, shape: shape, scale: record.scale, zeroPoint: record.zeroPoint))
    }
    return buffers
  }

  /// - Parameter dataBytes: the length of the data section.
  func constants(dataBytes: Int) throws(ModelError) -> [Constant] {
    var constants: [Constant] = []
    constants.reserveCapacity(header.constantCount)
    for i in 0..<header.constantCount {
      let record = record(ConstantRecord.self, at: constantsStart + 4 * ConstantRecord.words * i)
      let (first, limit) = unsafe (program.count / ConstantRecord.unit, dataBytes / ConstantRecord.unit)
      guard record.offset >= first, record.length >= 0, record.offset <= limit, record.length <= limit - record.offset
      else { throw ModelError(.outOfBounds, in: .constant, index: i, found: record.offset) }
      constants.append(
        Constant(offset: record.offset * ConstantRecord.unit, byteCount: record.length * ConstantRecord.unit))
    }
    return constants
  }

  func steps() throws(ModelError) -> [Step] {
    var steps: [Step] = []
    steps.reserveCapacity(header.stepCount)
    for i in 0..<header.stepCount {
      var reader = unsafe FieldReader(program, at: stepsStart + 4 * ProgramHeader.stepWords * i)
      var number = 0
      reader.int(&number)
      guard let kind = StepKind(rawValue: number) else {
        throw ModelError(.invalidValue, in: .step, index: i, found: number)
      }
      steps.append(Step(kind: kind, reading: &reader))
    }
    return steps
  }

  func ports(_ place: ModelError.Place) throws(ModelError) -> [Port] {
    let isInput = place == .input
    let start = portsStart + (isInput ? 0 : 4 * PortRecord.words * header.inputCount)
    var ports: [Port] = []
    for i in 0..<(isInput ? header.inputCount : header.outputCount) {
      let record = record(PortRecord.self, at: start + 4 * PortRecord.words * i)
      guard record.isImage == 0 || record.isImage == 1 else {
        throw ModelError(.invalidValue, in: place, index: i, found: record.isImage)
      }
      ports.append(
        Port(
          nameOffset: record.nameOffset, nameLength: record.nameLength, buffer: record.buffer,
          isImage: record.isImage == 1))
    }
    return ports
  }
}
