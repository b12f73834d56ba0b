/// Why bytes are not a model that this engine runs, and where that was seen.
///
/// Plain numbers, so that the core stays in embedded Swift; the hosted library adds `CustomStringConvertible`.
public struct ModelError: Error, Equatable, Sendable {
  public enum Reason: Int, Sendable {
    /// The file ends before what it should hold.
    case truncated
    /// It does not start as a Fovea model does.
    case notAModel
    /// Made by a newer (or unknown) version of the format; `found` is its version.
    case unsupportedVersion
    /// Bytes changed since the model was written.
    case checksumMismatch
    /// Data does not lie on the 64-byte boundaries that kernels rely on.
    case misaligned
    /// A number that the format does not allow there; `found` is the number.
    case invalidValue
    /// An index of a buffer or constant that does not exist; `found` is the index.
    case noSuchEntry
    /// A step would reach outside a buffer or constant; `found` is the extent it needs.
    case outOfBounds
    /// A step reads and writes the same memory.
    case overlap
    /// A requantization scale or bias that could leave the range of 32-bit integers; `found` is the channel.
    case unboundedScale
    /// The machine has no memory for the arena; `found` is the number of bytes.
    case outOfMemory
  }

  /// The part of the file.
  public enum Place: Int, Sendable {
    case file, header, buffer, constant, step, input, output
  }

  public var reason: Reason
  public var place: Place
  /// Which buffer, constant, step or port.
  public var index: Int
  public var found: Int

  public init(_ reason: Reason, in place: Place, index: Int = 0, found: Int = 0) {
    self.reason = reason
    self.place = place
    self.index = index
    self.found = found
  }
}
