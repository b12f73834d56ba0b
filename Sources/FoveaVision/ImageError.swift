/// Why an image, or a folder of them, cannot be used. Each message is one line that begins with the file's name.
public enum ImageError: Error, Equatable {
  /// The file system refused: missing, a directory, no permission.
  case cannotRead(file: String, reason: String)
  /// The first bytes are neither JPEG's nor PNG's, whatever the file is called.
  case unrecognizedFormat(file: String)
  /// A JPEG or PNG that is truncated, damaged or inconsistent.
  case corrupt(file: String, reason: String)
  /// A sound file of a kind that is not decoded, such as 12-bit JPEG.
  case unsupported(file: String, reason: String)
  /// More pixels than `Image.pixelLimit`. Refused on the header's word, before any pixel's memory is allocated.
  case tooLarge(file: String, width: Int, height: Int, limit: Int)
  case outOfMemory(file: String)
  /// The folder, or one inside it, cannot be listed.
  case cannotList(folder: String, reason: String)
  /// The folder was listed and holds no .jpg, .jpeg or .png file.
  case noImages(folder: String)
  /// The model asks for preprocessing that has no meaning, such as a standard deviation of 0.
  case invalidPreprocessing(reason: String)
}

extension ImageError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .cannotRead(let file, let reason):
      "\(file): cannot be read: \(reason)"
    case .unrecognizedFormat(let file):
      "\(file): not an image that can be read; JPEG and PNG are (its content is neither)"
    case .corrupt(let file, let reason):
      "\(file): the image is damaged: \(reason)"
    case .unsupported(let file, let reason):
      "\(file): this kind of image is not supported: \(reason)"
    case .tooLarge(let file, let width, let height, let limit):
      "\(file): \(width) x \(height) pixels are too many; at most \(limit) in all are read"
    case .outOfMemory(let file):
      "\(file): not enough memory to decode it"
    case .cannotList(let folder, let reason):
      "\(folder): cannot list the folder: \(reason)"
    case .noImages(let folder):
      "\(folder): no .jpg, .jpeg or .png file in it"
    case .invalidPreprocessing(let reason):
      "the model's preprocessing is invalid: \(reason)"
    }
  }
}
