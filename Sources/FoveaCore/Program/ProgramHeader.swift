/// The first 128 bytes of the program, which is the first tensor of a model file's data section.
package struct ProgramHeader: Record {
  /// "FOVEAPRG", read as two little-endian words.
  package static let magic = (0x4556_4F46, 0x4752_5041)
  package static let currentVersion = 1
  package static let words = 32
  package static let byteCount = words * 4
  /// A step's record: its kind and up to 39 fields.
  package static let stepWords = 40
  /// No constant.
  package static let none = -1

  package var magic = (0, 0)
  package var version = 0
  /// Bytes of the program: this header and the records after it, padded to a multiple of 64.
  package var byteCount = 0
  package var bufferCount = 0
  package var constantCount = 0
  package var stepCount = 0
  package var inputCount = 0
  package var outputCount = 0
  package var arenaBytes = 0
  /// A `Precision`.
  package var precision = 0
  /// The constant that holds the ports' names, and the one with the labels (one a line), or `none`.
  package var names = 0
  package var labels = 0
  /// Whether the preprocessing fields mean anything.
  package var hasPreprocessing = 0
  package var width = 0
  package var height = 0
  package var crop: Float = 0
  package var filter = 0
  package var channelOrder = 0
  package var mean: (Float, Float, Float) = (0, 0, 0)
  package var standardDeviation: (Float, Float, Float) = (0, 0, 0)
  /// Multiply-accumulates of one run, as two words.
  package var macs = (0, 0)
  /// Checksum of everything in the data section after the program.
  package var constantsChecksum = (0, 0)
  private var reserved = 0
  /// Checksum of the JSON header and the program, with this field as 0.
  package var programChecksum = (0, 0)

  package init() {}

  package mutating func visit<V: FieldVisitor>(_ visitor: inout V) {
    visitor.int(&magic.0)
    visitor.int(&magic.1)
    visitor.int(&version)
    visitor.int(&byteCount)
    visitor.int(&bufferCount)
    visitor.int(&constantCount)
    visitor.int(&stepCount)
    visitor.int(&inputCount)
    visitor.int(&outputCount)
    visitor.int(&arenaBytes)
    visitor.int(&precision)
    visitor.int(&names)
    visitor.int(&labels)
    visitor.int(&hasPreprocessing)
    visitor.int(&width)
    visitor.int(&height)
    visitor.float(&crop)
    visitor.int(&filter)
    visitor.int(&channelOrder)
    visitor.float(&mean.0)
    visitor.float(&mean.1)
    visitor.float(&mean.2)
    visitor.float(&standardDeviation.0)
    visitor.float(&standardDeviation.1)
    visitor.float(&standardDeviation.2)
    visitor.int(&macs.0)
    visitor.int(&macs.1)
    visitor.int(&constantsChecksum.0)
    visitor.int(&constantsChecksum.1)
    visitor.int(&reserved)
    // Last, in the last 8 bytes of a 64-byte block: `Checksum` counts them as 0.
    visitor.int(&programChecksum.0)
    visitor.int(&programChecksum.1)
  }
}

/// What the arithmetic of a program mostly is.
public enum Precision: Int, Sendable {
  case float = 0
  case int8 = 1
}
