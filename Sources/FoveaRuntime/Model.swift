import FoveaCore

/// A converted network, opened: weights stay in the mapped file and are used in place.
///
/// One model serves any number of sessions, on any threads.
///
///     let model = try Model(path: "efficientnet_lite0.fovea")
///     let session = try Session(model)
public final class Model: Sendable {
  /// An input or output, in the source network's own terms.
  public struct Tensor: Hashable, Sendable {
    public var name: String
    /// The source network's shape: NCHW for images.
    public var shape: [Int]

    public var count: Int { shape.reduce(1, *) }
  }

  /// The path, or what stood for it.
  public let name: String
  package let program: Program
  private let storage: Storage

  public let inputs: [Tensor]
  public let outputs: [Tensor]

  /// What keeps the program's bytes in place.
  private enum Storage {
    case file(MappedFile)
    case memory(AlignedBytes)
  }

  /// Maps and validates a model file.
  ///
  /// - Parameter verifying: with `.structure`, weights are read when a session first needs them, and one that changed on its
  ///   way goes unseen until `verifyContents` is called.
  /// - Throws: `FoveaError.cannotOpen` or `FoveaError.invalidModel`.
  public init(path: String, verifying: ModelVerification = .everything) throws(FoveaError) {
    let file = try MappedFile(path: path)
    (program, inputs, outputs) = try unsafe Self.open(file.bytes, name: path, verifying: verifying)
    storage = .file(file)
    name = path
  }

  /// Validates a copy of a model file's bytes, weights included: copying has read them already.
  ///
  /// - Throws: `FoveaError.invalidModel`.
  public init(bytes: [UInt8], name: String = "model") throws(FoveaError) {
    let memory = AlignedBytes(byteCount: bytes.count)
    unsafe memory.mutableBytes.copyBytes(from: bytes)
    (program, inputs, outputs) = try unsafe Self.open(memory.bytes, name: name, verifying: .everything)
    storage = .memory(memory)
    self.name = name
  }

  /// Validates a model file's bytes, weights included, and uses them where they are.
  ///
  /// - Throws: `FoveaError.invalidModel`.
  package init(_ memory: AlignedBytes, name: String) throws(FoveaError) {
    (program, inputs, outputs) = try unsafe Self.open(memory.bytes, name: name, verifying: .everything)
    storage = .memory(memory)
    self.name = name
  }

  /// Compares the weights with their checksum, which reads the whole file. Opening a model does it, unless asked not to: this is
  /// for doing it later, or on another thread while the model runs already.
  ///
  ///     let model = try Model(path: path, verifying: .structure)
  ///     // ... the first answer is computed ...
  ///     try model.verifyContents()
  ///     // ... and shown.
  ///
  /// - Throws: `FoveaError.invalidModel`.
  public func verifyContents() throws(FoveaError) {
    do { try program.verifyConstants() } catch { throw .invalidModel(file: name, error) }
  }

  private static func open(
    _ bytes: UnsafeRawBufferPointer, name: String, verifying: ModelVerification
  ) throws(FoveaError) -> (Program, [Tensor], [Tensor]) {
    do {
      let program = try unsafe Program(file: bytes, verifying: verifying)
      return (program, program.inputs.map { tensor($0, program) }, program.outputs.map { tensor($0, program) })
    } catch {
      throw .invalidModel(file: name, error)
    }
  }

  private static func tensor(_ port: Port, _ program: Program) -> Tensor {
    let names = unsafe program.bytes(of: program.header.names)
    let utf8 = unsafe names[port.nameOffset..<(port.nameOffset + port.nameLength)]
    let shape = program.buffers[port.buffer].shape
    return unsafe Tensor(
      name: String(decoding: utf8, as: UTF8.self),
      shape: port.isImage ? [shape[0], shape[3], shape[1], shape[2]] : shape)
  }

  /// How a photo becomes the network's input; nil where the model was converted without it.
  public var preprocessing: Preprocessing? { program.preprocessing }

  public var precision: Precision { program.precision }

  /// Multiply-accumulates of one run.
  public var macs: Int { program.macs }

  /// Bytes of the activations of one session.
  public var arenaBytes: Int { program.header.arenaBytes }

  /// Bytes of the file.
  public var byteCount: Int { unsafe program.file.count }

  /// The classes' names in order, or none.
  public var labels: [String] {
    guard program.header.labels != ProgramHeader.none else { return [] }
    let text = unsafe program.bytes(of: program.header.labels)
    // One a line, each ended by a line feed; zeros fill the constant.
    return unsafe text.prefix { $0 != 0 }.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .dropLast().map { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The file's JSON header: the safetensors table, with provenance under "__metadata__".
  public var json: String {
    let header = unsafe program.file[8..<program.dataOffset]
    return unsafe String(decoding: header, as: UTF8.self)
  }
}
