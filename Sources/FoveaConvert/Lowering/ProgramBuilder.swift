import FoveaCore
import FoveaGraph

/// Collects the tables of a program while a network is lowered.
package struct ProgramBuilder {
  /// A buffer without its place, which `placeBuffers` decides.
  package struct PlannedBuffer {
    package var buffer: Buffer
    /// The buffer whose memory this one is seen through another shape.
    package var alias: Int?

    package init(buffer: Buffer, alias: Int? = nil) {
      self.buffer = buffer
      self.alias = alias
    }
  }

  private(set) var buffers: [PlannedBuffer] = []
  private(set) var constants: [ConstantTensor] = []
  package var steps: [Step] = []
  /// The node that each step came from.
  package var stepNames: [String] = []
  /// Named while a node is lowered, so that steps need not say it.
  package var currentName = ""

  package init() {}

  package mutating func addBuffer(_ type: BufferElement, shape: [Int], quantization: AffineQuantization? = nil) -> Int {
    var buffer = Buffer(type: type, shape: shape)
    if let quantization {
      buffer.scale = quantization.scale
      buffer.zeroPoint = quantization.zeroPoint
    }
    buffers.append(PlannedBuffer(buffer: buffer))
    return buffers.count - 1
  }

  /// The memory of `buffer` under another shape of the same count.
  package mutating func addAlias(of buffer: Int, shape: [Int]) -> Int {
    var alias = buffers[buffer].buffer
    alias.shape = shape
    buffers.append(PlannedBuffer(buffer: alias, alias: buffers[buffer].alias ?? buffer))
    return buffers.count - 1
  }

  mutating func addConstant(_ tensor: ConstantTensor) -> Int {
    constants.append(tensor)
    return constants.count - 1
  }

  /// Gives the constants away: a builder that keeps none takes no memory for them.
  mutating func takeConstants() -> [ConstantTensor] {
    defer { constants = [] }
    return constants
  }

  package mutating func add(_ step: Step) {
    steps.append(step)
    stepNames.append(currentName)
  }

  func buffer(_ index: Int) -> Buffer { buffers[index].buffer }
}

/// A tensor of the model file.
struct ConstantTensor {
  enum ElementKind: String {
    case u8 = "U8"
    case s8 = "I8"
    case s32 = "I32"
    case f32 = "F32"

    var size: Int {
      switch self {
      case .u8, .s8: 1
      case .s32, .f32: 4
      }
    }
  }

  var name: String
  var kind: ElementKind
  var shape: [Int]
  /// Little-endian.
  var bytes: [UInt8]

  init(name: String, shape: [Int], u8 values: [UInt8]) {
    self.init(name: name, kind: .u8, shape: shape, bytes: values)
  }

  init(name: String, shape: [Int], s8 values: [Int8]) {
    self.init(name: name, kind: .s8, shape: shape, bytes: values.map(UInt8.init(bitPattern:)))
  }

  init(name: String, shape: [Int], s32 values: [Int32]) {
    self.init(name: name, kind: .s32, shape: shape, bytes: littleEndianBytes(values.lazy.map(UInt32.init(bitPattern:))))
  }

  init(name: String, shape: [Int], f32 values: [Float]) {
    self.init(name: name, kind: .f32, shape: shape, bytes: littleEndianBytes(values.lazy.map(\.bitPattern)))
  }

  private init(name: String, kind: ElementKind, shape: [Int], bytes: [UInt8]) {
    precondition(shape.reduce(kind.size, *) == bytes.count, "shape and element count differ")
    self.name = name
    self.kind = kind
    self.shape = shape
    self.bytes = bytes
  }
}

func littleEndianBytes(_ words: some Collection<UInt32>) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: words.count * 4) { bytes, count in
    let memory = UnsafeMutableRawBufferPointer(bytes)
    for word in words {
      unsafe memory.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt32.self)
      count += 4
    }
  }
}
