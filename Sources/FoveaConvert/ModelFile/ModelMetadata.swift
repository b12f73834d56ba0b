import FoveaCore

/// What a model file says of itself to people and converters; nothing of it is needed to run.
public struct ModelMetadata: Codable, Equatable, Sendable {
  /// Where the network came from.
  public struct Source: Codable, Equatable, Sendable {
    public var file: String
    public var sha256: String

    public init(file: String, sha256: String) {
      self.file = file
      self.sha256 = sha256
    }
  }

  /// How activations' ranges were found.
  public struct Calibration: Codable, Equatable, Sendable {
    public var folder: String
    public var images: Int
    public var method: String

    public init(folder: String, images: Int, method: String) {
      self.folder = folder
      self.images = images
      self.method = method
    }
  }

  public var converter = "fovea \(foveaVersion)"
  public var precision = "float"
  public var source: Source?
  public var calibration: Calibration?
  /// The node that each step of the program came from.
  public var steps: [String] = []

  public init() {}
}
