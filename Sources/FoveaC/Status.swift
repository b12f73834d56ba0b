import CFovea
import Fovea

/// What a C function gives back: `FOVEA_OK` once `body` is done, or the status of what it threw, whose words become
/// this thread's last error.
func status(of body: () throws -> Void) -> fovea_status {
  do {
    try body()
    return FOVEA_OK
  } catch {
    unsafe fovea_set_last_error("\(error)")
    return fovea_status(error)
  }
}

extension fovea_status {
  fileprivate init(_ error: any Error) {
    self =
      switch error {
      case FoveaError.cannotOpen, ImageError.cannotRead: FOVEA_CANNOT_OPEN
      case FoveaError.invalidModel: FOVEA_INVALID_MODEL
      case FoveaError.instructionSet: FOVEA_UNAVAILABLE_INSTRUCTION_SET
      case is ImageError: FOVEA_BAD_IMAGE
      default: FOVEA_INVALID_INPUT
      }
  }
}
