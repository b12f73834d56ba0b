import ArgumentParser
import Fovea
import FoveaConvert

/// How a command ends, in sysexits.h's numbers where it has one.
enum ExitStatus: Int32 {
  /// Some inputs failed; the rest were answered.
  case someInputsFailed = 1
  case usage = 64
  case badData = 65
  /// A file that does not exist, or that cannot be opened, read or written.
  case cannotOpen = 66
  /// Our mistake.
  case bug = 70
}

/// A failure that ends the command with one line on standard error.
struct Failure: Error {
  var status: ExitStatus
  var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// What any error means to the user; nil for argument-parser's own, which say more than one line.
  init?(_ error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as FoveaError: self.init(error.status, error.description)
    case let error as ImageError: self.init(error.status, error.description)
    case let error as ConversionError: self.init(error.status, error.description)
    case let error as NumPyError: self.init(error.status, error.description)
    case let error where FoveaCommand.exitCode(for: error) != .failure: return nil
    case is ExitCode: return nil
    default: self.init(.bug, "this is a bug in fovea, please report it: \(error)")
    }
  }
}

extension FoveaError {
  fileprivate var status: ExitStatus {
    switch self {
    case .cannotOpen: .cannotOpen
    case .invalidModel, .invalidInput: .badData
    case .instructionSet: .usage
    }
  }
}

extension ImageError {
  fileprivate var status: ExitStatus {
    switch self {
    case .cannotRead, .cannotList: .cannotOpen
    case .unrecognizedFormat, .corrupt, .unsupported, .tooLarge, .outOfMemory, .noImages, .invalidPreprocessing:
      .badData
    }
  }
}

extension ConversionError {
  fileprivate var status: ExitStatus {
    switch self {
    case .cannotRead, .cannotWrite: .cannotOpen
    case .malformed, .several, .unsupportedOperators, .invalidNode, .invalidNetwork, .calibration: .badData
    }
  }
}

extension NumPyError {
  fileprivate var status: ExitStatus {
    switch self {
    case .cannotRead: .cannotOpen
    case .malformed, .unsupported: .badData
    }
  }
}
