/// A model file as the core sees it: validated whole, then used in place.
///
/// The file is a safetensors container: 8 bytes of header length, a JSON header (which the core skips), then the data
/// section, whose first tensor is the program: a `ProgramHeader` and tables of records. docs/MODEL_FORMAT.md has the layout.
@safe
package struct Program: @unchecked Sendable {
  // The bytes are never written, and whoever made the program keeps them alive: hence @unchecked Sendable.
  package let file: UnsafeRawBufferPointer
  /// Where the data section starts in the file.
  package let dataOffset: Int
  package let header: ProgramHeader
  package let precision: Precision
  package let buffers: [Buffer]
  package let constants: [Constant]
  package let steps: [Step]
  package let inputs: [Port]
  package let outputs: [Port]
  package let preprocessing: Preprocessing?

  /// Decodes and validates. `file` must stay mapped and unchanged as long as the program is used.
  package init(file: UnsafeRawBufferPointer, verifying: ModelVerification = .everything) throws(ModelError) {
    let (dataOffset, header) = unsafe try Self.readHeader(of: file)
    let program = unsafe UnsafeRawBufferPointer(
      rebasing: file[dataOffset..<(dataOffset + header.byteCount)])
    let checksum = unsafe Checksum.ofProgram(in: file, dataOffset: dataOffset, byteCount: header.byteCount)
    guard checksum.words == header.programChecksum else { throw ModelError(.checksumMismatch, in: .header) }
    if verifying == .everything { try unsafe Self.verifyConstants(of: file, dataOffset: dataOffset, header) }

    let reader = try unsafe TableReader(program: program, header: header)
    unsafe self.file = file
    self.dataOffset = dataOffset
    self.header = header
    self.buffers = try reader.buffers()
    self.constants = try reader.constants(dataBytes: file.count - dataOffset)
    self.steps = try reader.steps()
    self.inputs = try reader.ports(.input)
    self.outputs = try reader.ports(.output)
    self.preprocessing = try Self.preprocessing(of: header)
    guard let precision = Precision(rawValue: header.precision) else {
      throw ModelError(.invalidValue, in: .header, found: header.precision)
    }
    self.precision = precision
    try validate()
  }

  /// Compares everything after the program with its checksum, which reads the whole file.
  package func verifyConstants() throws(ModelError) {
    try unsafe Self.verifyConstants(of: file, dataOffset: dataOffset, header)
  }

  private static func verifyConstants(
    of file: UnsafeRawBufferPointer, dataOffset: Int, _ header: ProgramHeader
  ) throws(ModelError) {
    let checksum = unsafe Checksum.ofConstants(in: file, dataOffset: dataOffset, byteCount: header.byteCount)
    guard checksum.words == header.constantsChecksum else { throw ModelError(.checksumMismatch, in: .constant) }
  }

  private static func readHeader(of file: UnsafeRawBufferPointer) throws(ModelError) -> (Int, ProgramHeader) {
    guard file.count >= 8 + ProgramHeader.byteCount else { throw ModelError(.notAModel, in: .file) }
    let jsonLength = unsafe UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard jsonLength <= UInt64(file.count - 8 - ProgramHeader.byteCount) else {
      // Anything else also starts with eight bytes that make some length: say "not a model" unless it looks like one.
      let looksRight = unsafe file[8] == UInt8(ascii: "{") && jsonLength < 1 << 32
      throw ModelError(looksRight ? .truncated : .notAModel, in: .file)
    }
    let dataOffset = 8 + Int(jsonLength)
    var reader = unsafe FieldReader(file, at: dataOffset)
    var header = ProgramHeader()
    header.visit(&reader)
    guard header.magic == ProgramHeader.magic else { throw ModelError(.notAModel, in: .file) }
    guard header.version == ProgramHeader.currentVersion else {
      throw ModelError(.unsupportedVersion, in: .header, found: header.version)
    }
    guard header.byteCount >= ProgramHeader.byteCount, header.byteCount.isMultiple(of: 64) else {
      throw ModelError(.invalidValue, in: .header, found: header.byteCount)
    }
    guard header.byteCount <= file.count - dataOffset else { throw ModelError(.truncated, in: .file) }
    let aligned = UInt(bitPattern: file.baseAddress).isMultiple(of: 64)
    guard aligned, dataOffset.isMultiple(of: 64), file.count.isMultiple(of: 64) else {
      throw ModelError(.misaligned, in: .file)
    }
    return (dataOffset, header)
  }

  private static func preprocessing(of header: ProgramHeader) throws(ModelError) -> Preprocessing? {
    guard header.hasPreprocessing != 0 else { return nil }
    guard header.hasPreprocessing == 1,
      let filter = Preprocessing.Filter(rawValue: UInt32(truncatingIfNeeded: header.filter)),
      let order = Preprocessing.ChannelOrder(rawValue: UInt32(truncatingIfNeeded: header.channelOrder)),
      header.width > 0, header.height > 0, header.width <= 1 << 16, header.height <= 1 << 16,
      header.crop > 0, header.crop <= 1
    else { throw ModelError(.invalidValue, in: .header) }
    let mean = header.mean
    let deviation = header.standardDeviation
    for value in [mean.0, mean.1, mean.2] where !value.isFinite { throw ModelError(.invalidValue, in: .header) }
    for value in [deviation.0, deviation.1, deviation.2] where !(value.isFinite && value > 0) {
      throw ModelError(.invalidValue, in: .header)
    }
    return Preprocessing(
      width: header.width, height: header.height, crop: header.crop, filter: filter, channelOrder: order,
      mean: .init(mean.0, mean.1, mean.2), standardDeviation: .init(deviation.0, deviation.1, deviation.2))
  }

  /// The bytes of a constant, which validation has checked to lie in the file.
  package func bytes(of constant: Int) -> UnsafeRawBufferPointer {
    let constant = constants[constant]
    let start = dataOffset + constant.offset
    return unsafe UnsafeRawBufferPointer(rebasing: file[start..<(start + constant.byteCount)])
  }

  /// Multiply-accumulates of one run.
  package var macs: Int {
    Int(
      truncatingIfNeeded: UInt64(UInt32(truncatingIfNeeded: header.macs.0))
        | UInt64(UInt32(truncatingIfNeeded: header.macs.1)) << 32)
  }
}
