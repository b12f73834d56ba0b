import FoveaCore
import FoveaRuntime
import FoveaVision

/// Photos in, labels out.
///
///     let classifier = try ImageClassifier(model: Model(path: "efficientnet_lite0.fovea"))
///     for prediction in try classifier.classify(path: "cat.jpg").predictions {
///       print(prediction.label, prediction.probability)
///     }
///
/// For one caller at a time, as the session inside it.
public final class ImageClassifier {
  /// What one photo gave.
  public struct Classification: Sendable {
    /// Most probable first.
    public var predictions: [Prediction]
    public var milliseconds: Milliseconds
  }

  /// Where the time went.
  public struct Milliseconds: Hashable, Sendable {
    /// From the file's bytes to pixels.
    public var decode: Double
    /// Resizing, cropping and quantizing.
    public var preprocess: Double
    public var inference: Double
  }

  public let session: Session
  private let preprocessor: ImagePreprocessor
  private let labels: [String]
  /// For u8 inputs: the byte that each pixel value becomes.
  private let tables: QuantizationTables?
  private var pixels: [UInt8]

  /// - Parameters:
  ///   - threads: how many share the work, the caller's own among them.
  ///   - instructionSet: nil takes `FOVEA_ISA`'s, or the best of this CPU.
  /// - Throws: `FoveaError.invalidInput` where the model takes no photos, and what `Session` throws.
  public init(model: Model, threads: Int = 1, instructionSet: InstructionSet? = nil) throws(FoveaError) {
    guard let preprocessing = model.preprocessing, let port = model.program.inputs.first else {
      throw .invalidInput(
        "\(model.name): this model says nothing of how photos become its input; convert it with --size, --mean and --std"
      )
    }
    do { preprocessor = try ImagePreprocessor(preprocessing) } catch { throw .invalidInput("\(model.name): \(error)") }
    session = try Session(model, threads: threads, instructionSet: instructionSet)
    labels = model.labels
    let buffer = model.program.buffers[port.buffer]
    tables =
      buffer.type == .u8
      ? preprocessor.quantizationTables(scale: buffer.scale, zeroPoint: Int32(buffer.zeroPoint)) : nil
    pixels = Array(repeating: 0, count: preprocessor.count)
  }

  /// Classifies an image file.
  ///
  /// - Throws: `ImageError` naming the file.
  public func classify(path: String, top: Int = 5) throws(ImageError) -> Classification {
    let start = monotonicMilliseconds()
    let image = try Image(path: path, atLeast: decodedShorterSide)
    return classify(image, top: top, decode: monotonicMilliseconds() - start)
  }

  /// Classifies an image file's bytes.
  ///
  /// - Parameter name: what errors call it.
  /// - Throws: `ImageError`.
  public func classify(bytes: [UInt8], name: String, top: Int = 5) throws(ImageError) -> Classification {
    let start = monotonicMilliseconds()
    let image = try Image(decoding: bytes, name: name, atLeast: decodedShorterSide)
    return classify(image, top: top, decode: monotonicMilliseconds() - start)
  }

  /// Pixels of an image's shorter side that are enough for this model: JPEG files of more are decoded to fewer, sooner.
  package var decodedShorterSide: Int { preprocessor.resizedShorterSide }

  /// Classifies a decoded image.
  public func classify(_ image: Image, top: Int = 5) -> Classification {
    classify(image, top: top, decode: 0)
  }

  private func classify(_ image: Image, top: Int, decode: Double) -> Classification {
    let start = monotonicMilliseconds()
    setInput(image)
    let ready = monotonicMilliseconds()
    session.run()
    let done = monotonicMilliseconds()
    let predictions = topPredictions(probabilities(ofLogits: session.values(ofOutput: 0)), labels: labels, count: top)
    return Classification(
      predictions: predictions,
      milliseconds: Milliseconds(decode: decode, preprocess: ready - start, inference: done - ready))
  }

  /// Pixels straight into the network's input: NHWC already, and quantized by table.
  private func setInput(_ image: Image) {
    let memory = unsafe session.bytes(ofBuffer: session.model.program.inputs[0].buffer)
    unsafe pixels.withUnsafeMutableBufferPointer { unsafe preprocessor.pixels(of: image, into: $0) }
    unsafe pixels.withUnsafeBufferPointer { pixels in
      if let tables {
        unsafe tables.apply(to: pixels, into: memory.bindMemory(to: UInt8.self))
      } else {
        unsafe preprocessor.normalize(pixels, into: memory.bindMemory(to: Float.self))
      }
    }
  }
}
