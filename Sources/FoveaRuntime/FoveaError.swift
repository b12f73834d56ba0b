import FoveaCore

/// Why a model could not be opened or run. Every description is one line that names the file or argument.
public enum FoveaError: Error, Equatable, CustomStringConvertible, Sendable {
  /// The file does not exist, is a directory, or may not be read.
  case cannotOpen(file: String, reason: String)
  /// The file's bytes are not a model that this version runs.
  case invalidModel(file: String, ModelError)
  /// `FOVEA_ISA` (or the argument in its place) asks for instructions that do not exist or that this CPU lacks.
  case instructionSet(name: String, available: [String])
  /// The caller's tensors do not fit the network.
  case invalidInput(String)

  public var description: String {
    switch self {
    case .cannotOpen(let file, let reason): "\(file): \(reason)"
    case .invalidModel(let file, let error): "\(file): \(error.explanation)"
    case .instructionSet(let name, let available):
      "instruction set \"\(name)\" is not available here; these are: \(available.joined(separator: ", "))"
    case .invalidInput(let reason): reason
    }
  }
}

extension ModelError {
  /// The error in words, without the file's name.
  package var explanation: String {
    let place =
      switch self.place {
      case .file: "the file"
      case .header: "the header"
      case .buffer: "buffer \(index)"
      case .constant: "constant \(index)"
      case .step: "step \(index)"
      case .input: "input \(index)"
      case .output: "output \(index)"
      }
    return switch reason {
    case .truncated: "the model is truncated"
    case .notAModel: "not a Fovea model; make one with `fovea convert`"
    case .unsupportedVersion:
      "model format version \(found) is not supported (this is version \(ProgramHeader.currentVersion)); convert the network again"
    case .checksumMismatch:
      "the model is damaged: the checksum of \(place == "the header" ? "its structure" : "its weights") does not match"
    case .misaligned: "the model is damaged: \(place) is not aligned to 64 bytes"
    case .invalidValue: "invalid model: \(place) holds a value that is not allowed (\(found))"
    case .noSuchEntry: "invalid model: \(place) refers to entry \(found), which does not exist"
    case .outOfBounds: "invalid model: \(place) reaches out of bounds (\(found))"
    case .overlap: "invalid model: \(place) writes the memory that it reads"
    case .unboundedScale: "invalid model: \(place) has a scale or bias that could overflow (channel \(found))"
    case .outOfMemory: "not enough memory for the model's \(found) bytes of activations"
    }
  }
}
