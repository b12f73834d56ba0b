/// What of a model file's bytes is compared with its checksums when it is opened.
public enum ModelVerification: Sendable {
  /// The JSON header and the program, some tens of kilobytes: everything whose change could do harm. Weights that changed
  /// give other answers, and nothing worse.
  case structure
  /// The weights as well, which reads the whole file.
  case everything
}
