import FoundationEssentials
import FoveaCore
import FoveaGraph

/// The bytes of a model file: a safetensors container whose first tensor is the program (docs/MODEL_FORMAT.md).
struct ModelImage {
  private(set) var bytes: [UInt8] = []

  /// Lays out a lowered network.
  ///
  /// - Parameters:
  ///   - labels: the classes' names, or none.
  /// - Throws: `ConversionError.invalidNetwork` where it does not fit the format.
  init(
    lowering: Lowering, metadata: ModelMetadata, preprocessing: Preprocessing?, labels: [String]
  ) throws(ConversionError) {
    let network = lowering.network
    var constants = lowering.builder.constants
    var ports: [PortRecord] = []
    var names: [UInt8] = []
    let (inputs, outputs) = (network.inputs.map(lowering.inputPort), network.outputs.map(lowering.outputPort))
    for (value, buffer) in zip(network.inputs + network.outputs, inputs + outputs) {
      var record = PortRecord()
      let name = Array(network[value].name.utf8)
      record.nameOffset = names.count
      record.nameLength = name.count
      record.buffer = buffer
      record.isImage = network[value].shape.count == 4 ? 1 : 0
      names += name
      ports.append(record)
    }
    var header = ProgramHeader()
    header.names = constants.count
    constants.append(text("fovea.names", names))
    header.labels = labels.isEmpty ? ProgramHeader.none : constants.count
    if !labels.isEmpty { constants.append(text("fovea.labels", labels.flatMap { Array($0.utf8) + [0x0A] })) }

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
    assemble(json: json, header: &program.header, tables: tables, constants: constants)
  }

  private func text(_ name: String, _ utf8: [UInt8]) -> ConstantTensor {
    let padded = max(64, (utf8.count + 63) / 64 * 64)
    return ConstantTensor(name: name, shape: [padded], u8: utf8 + Array(repeating: 0, count: padded - utf8.count))
  }

  private mutating func assemble(
    json: [UInt8], header: inout ProgramHeader, tables: [UInt32], constants: [ConstantTensor]
  ) {
    let length = UInt64(json.count)
    bytes = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) } + json
    let dataOffset = bytes.count
    bytes += [UInt8](repeating: 0, count: header.byteCount)
    for constant in constants {
      bytes += constant.bytes
      pad()
    }
    write(header, tables, at: dataOffset)
    header.constantsChecksum = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofConstants(in: $0, dataOffset: dataOffset, byteCount: header.byteCount).words
    }
    write(header, tables, at: dataOffset)
    header.programChecksum = unsafe bytes.withUnsafeBytes {
      unsafe Checksum.ofProgram(in: $0, dataOffset: dataOffset, byteCount: header.byteCount).words
    }
    write(header, tables, at: dataOffset)
  }

  private mutating func pad() {
    bytes += [UInt8](repeating: 0, count: (64 - bytes.count % 64) % 64)
  }

  private mutating func write(_ header: ProgramHeader, _ tables: [UInt32], at offset: Int) {
    var writer = FieldWriter()
    var header = header
    header.visit(&writer)
    let program = littleEndianBytes(writer.words + tables)
    bytes.replaceSubrange(offset..<(offset + program.count), with: program)
  }
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
