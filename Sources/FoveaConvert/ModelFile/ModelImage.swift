import FoundationEssentials
import FoveaCore
import FoveaGraph
import FoveaRuntime

/// The bytes of a model file: a safetensors container whose first tensor is the program (docs/MODEL_FORMAT.md).
struct ModelImage {
  /// Where an engine can use them.
  let memory: AlignedBytes
  /// A copy.
  var bytes: [UInt8] { unsafe Array(memory.bytes) }

  /// Lays out a lowered network.
  ///
  /// - Parameters:
  ///   - lowering: given away, its constants take no memory beside the image.
  ///   - labels: the classes' names, or none.
  /// - Throws: `ConversionError.invalidNetwork` where it does not fit the format.
  init(
    lowering: consuming Lowering, metadata: ModelMetadata = ModelMetadata(), preprocessing: Preprocessing? = nil,
    labels: [String] = []
  ) throws(ConversionError) {
    let network = lowering.network
    var constants = lowering.builder.takeConstants()
    var ports: [PortRecord] = []
    var names: [UInt8] = []
    let (inputs, outputs) = (network.inputs.map(lowering.inputPort), network.outputs.map(lowering.outputPort))
    for (value, buffer) in zip(network.inputs + network.outputs, inputs + outputs) {
      var record = PortRecord()
      let name = Array(network[value].name.utf8)
      record.nameOffset = names.count
      record.nameLength = name.count
      record.buffer = buffer
      record.isImage = network[value].shape.count == 4 && !network[value].keepsSourceOrder ? 1 : 0
      names += name
      ports.append(record)
    }
    var header = ProgramHeader()
    header.names = constants.count
    constants.append(Self.text("fovea.names", names))
    header.labels = labels.isEmpty ? ProgramHeader.none : constants.count
    if !labels.isEmpty { constants.append(Self.text("fovea.labels", labels.flatMap { Array($0.utf8) + [0x0A] })) }

    let (buffers, arenaBytes) = placeBuffers(
      lowering.builder.buffers, steps: lowering.builder.steps, pinned: Set(ports.map(\.buffer)))
    guard arenaBytes < 1 << 30 else {
      throw .invalidNetwork(
        file: network.source, reason: "activations need \(arenaBytes >> 20) MiB; the format holds up to 1023")
    }
    header.magic = ProgramHeader.magic
    header.version = ProgramHeader.currentVersion
    header.bufferCount = buffers.count
    header.constantCount = constants.count
    header.stepCount = lowering.builder.steps.count
    header.inputCount = network.inputs.count
    header.outputCount = network.outputs.count
    header.arenaBytes = arenaBytes
    header.precision = lowering.int8Nodes.isEmpty ? Precision.float.rawValue : Precision.int8.rawValue
    let macs = network.multiplyAccumulates
    header.macs = (Int(Int32(truncatingIfNeeded: macs)), Int(Int32(truncatingIfNeeded: macs >> 32)))
    if let preprocessing { header.set(preprocessing) }

    var program = ProgramLayout(header: header)
    program.place(constants)
    let tables = program.tables(buffers: buffers, steps: lowering.builder.steps, ports: ports)
    let json = try safetensorsHeader(
      programBytes: program.header.byteCount, constants: constants, metadata: metadata, file: network.source)
    memory = Self.assemble(json: json, header: &program.header, tables: tables, constants: constants)
  }

  private static func text(_ name: String, _ utf8: [UInt8]) -> ConstantTensor {
    let padded = max(64, (utf8.count + 63) / 64 * 64)
    return ConstantTensor(name: name, shape: [padded], u8: utf8 + Array(repeating: 0, count: padded - utf8.count))
  }

  /// What may be freed before the system gets it back.
  private static let returnedBytes = 4 << 20

  private static func assemble(
    json: [UInt8], header: inout ProgramHeader, tables: [UInt32], constants: consuming [ConstantTensor]
  ) -> AlignedBytes {
    let dataOffset = 8 + json.count
    let memory = AlignedBytes(
      byteCount: constants.reduce(dataOffset + header.byteCount) { $0 + paddedCount($1.bytes.count) })
    // With zeros up to where the next part starts.
    func write(_ bytes: [UInt8], at offset: Int, of count: Int) {
      let target = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.mutableBytes[offset..<(offset + count)])
      unsafe target.copyBytes(from: bytes)
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[bytes.count...])
        .initializeMemory(as: UInt8.self, repeating: 0)
    }
    func writeProgram(_ header: ProgramHeader) {
      var writer = FieldWriter()
      var header = header
      header.visit(&writer)
      write(littleEndianBytes(writer.words + tables), at: dataOffset, of: header.byteCount)
    }
    let length = UInt64(json.count)
    write((0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + json, at: 0, of: dataOffset)
    var (offset, freed) = (dataOffset + header.byteCount, 0)
    for index in constants.indices {
      let count = paddedCount(constants[index].bytes.count)
      write(constants[index].bytes, at: offset, of: count)
      offset += count
      constants[index].bytes = []
      freed += count
      if freed >= Self.returnedBytes {
        returnFreeMemory()
        freed = 0
      }
    }
    returnFreeMemory()
    writeProgram(header)
    header.constantsChecksum = unsafe Checksum.ofConstants(
      in: memory.bytes, dataOffset: dataOffset, byteCount: header.byteCount
    ).words
    writeProgram(header)
    header.programChecksum = unsafe Checksum.ofProgram(
      in: memory.bytes, dataOffset: dataOffset, byteCount: header.byteCount
    ).words
    writeProgram(header)
    return memory
  }
}

/// Bytes of a constant with those that fill it up to the next one's place.
private func paddedCount(_ count: Int) -> Int {
  (count + ConstantRecord.unit - 1) / ConstantRecord.unit * ConstantRecord.unit
}

/// Where the program's parts go: sizes are known before contents.
private struct ProgramLayout {
  var header: ProgramHeader
  private var constants: [ConstantRecord] = []

  init(header: ProgramHeader) {
    self.header = header
    let words =
      ProgramHeader.words + header.bufferCount * BufferRecord.words + header.constantCount * ConstantRecord.words
      + header.stepCount * ProgramHeader.stepWords
      + (header.inputCount + header.outputCount) * PortRecord.words
    self.header.byteCount = (words * 4 + 63) / 64 * 64
  }

  mutating func place(_ tensors: [ConstantTensor]) {
    var offset = header.byteCount / ConstantRecord.unit
    for tensor in tensors {
      var record = ConstantRecord()
      record.offset = offset
      record.length = (tensor.bytes.count + ConstantRecord.unit - 1) / ConstantRecord.unit
      constants.append(record)
      offset += record.length
    }
  }

  func tables(buffers: [Buffer], steps: [Step], ports: [PortRecord]) -> [UInt32] {
    var writer = FieldWriter()
    for buffer in buffers {
      var record = BufferRecord()
      record.type = buffer.type.rawValue
      record.offset = buffer.offset
      record.rank = buffer.shape.count
      record.setSizes(buffer.shape)
      record.scale = buffer.scale
      record.zeroPoint = buffer.zeroPoint
      record.visit(&writer)
    }
    for var record in constants { record.visit(&writer) }
    var words = writer.words + steps.flatMap(\.words)
    writer = FieldWriter()
    for var record in ports { record.visit(&writer) }
    words += writer.words
    return words
  }
}

extension BufferRecord {
  fileprivate mutating func setSizes(_ shape: [Int]) {
    let padded = shape + Array(repeating: 1, count: Buffer.maximumRank - shape.count)
    sizes = (padded[0], padded[1], padded[2], padded[3], padded[4], padded[5])
  }
}

extension ProgramHeader {
  fileprivate mutating func set(_ preprocessing: Preprocessing) {
    hasPreprocessing = 1
    width = preprocessing.width
    height = preprocessing.height
    crop = preprocessing.crop
    filter = Int(preprocessing.filter.rawValue)
    channelOrder = Int(preprocessing.channelOrder.rawValue)
    mean = (preprocessing.mean.c0, preprocessing.mean.c1, preprocessing.mean.c2)
    let deviation = preprocessing.standardDeviation
    standardDeviation = (deviation.c0, deviation.c1, deviation.c2)
  }
}

extension Network {
  /// Multiply-accumulates of one run.
  var multiplyAccumulates: Int {
    nodes.reduce(0) { sum, node in
      sum
        + node.operation.multiplyAccumulates(
          inputs: node.inputs.map { self[$0].shape }, output: node.outputs.first.map { self[$0].shape } ?? [])
    }
  }
}
