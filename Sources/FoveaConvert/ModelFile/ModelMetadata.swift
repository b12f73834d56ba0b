import FoundationEssentials
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

  /// How activations' ranges were found, and how weights were rounded.
  public struct Calibration: Codable, Equatable, Sendable {
    public var folder: String
    public var images: Int
    /// Of activations: "min-max", "percentile:99.99", "mse", "entropy" or "auto".
    public var method: String
    /// Inputs made of the images; nil in files of earlier versions: one an image.
    public var inputs: Int?
    /// Of weights: "nearest" or "second-order"; nil in files of earlier versions: nearest.
    public var rounding: String?

    public init(folder: String, images: Int, method: String, inputs: Int? = nil, rounding: String? = nil) {
      self.folder = folder
      self.images = images
      self.method = method
      self.inputs = inputs
      self.rounding = rounding
    }
  }

  /// What the outputs were at conversion, for inputs that anyone can draw again (docs/MODEL_FORMAT.md).
  public struct Verification: Codable, Equatable, Sendable {
    public var seed: Int
    public var runs: Int
    /// Of the raw bytes of all output buffers, as the portable kernels compute them.
    public var sha256: String

    public init(seed: Int, runs: Int, sha256: String) {
      self.seed = seed
      self.runs = runs
      self.sha256 = sha256
    }
  }

  public var converter = "fovea \(foveaVersion)"
  public var precision = "float"
  public var source: Source?
  public var calibration: Calibration?
  /// Only for models whose every bit is promised: those of 8-bit steps.
  public var verification: Verification?
  /// The node that each step of the program came from.
  public var steps: [String] = []

  public init() {}
}

extension ModelMetadata {
  /// The metadata in a model's safetensors header: JSON in a string, because the format allows strings only. Nil where it
  /// is missing or not as this version writes it; nothing needs it.
  package init?(inHeader json: String) {
    struct Header: Decodable {
      var metadata: [String: String]

      enum CodingKeys: String, CodingKey {
        case metadata = "__metadata__"
      }
    }
    let decoder = JSONDecoder()
    guard let header = try? decoder.decode(Header.self, from: Data(json.utf8)),
      let text = header.metadata["fovea"],
      let metadata = try? decoder.decode(ModelMetadata.self, from: Data(text.utf8))
    else { return nil }
    self = metadata
  }
}
