import Fovea
import FoveaConvert
import FoveaGraph

/// The folder of `--calibrate`: photos, or tensors of the input's shape.
struct CalibrationFolder {
  enum Kind {
    case photos, tensors
  }

  let path: String
  let kind: Kind
  let files: [String]

  /// - Throws: `ImageError` where the folder cannot be listed, `Failure` where it holds nothing to use.
  init(path: String) throws {
    let tensors = try Fovea.files(in: path, withExtensions: ["npy"])
    let photos = try Fovea.files(in: path, withExtensions: imageFileExtensions)
    self.path = path
    switch (photos.isEmpty, tensors.isEmpty) {
    case (false, true): (kind, files) = (.photos, photos)
    case (true, false): (kind, files) = (.tensors, tensors)
    case (true, true):
      throw Failure(.badData, "\(path): no .jpg, .jpeg, .png or .npy file in it to calibrate with")
    case (false, false):
      throw Failure(.badData, "\(path): both photos and .npy tensors in it; calibration needs one kind")
    }
  }

  private init(path: String, kind: Kind, files: [String]) {
    (self.path, self.kind, self.files) = (path, kind, files)
  }

  /// Every eighth file, or another number's, held back from calibration to measure on: files in a row may be of one class. At least
  /// one is.
  ///
  /// - Throws: `Failure` where nothing would be left.
  func split(oneOf every: Int) throws(Failure) -> (calibrating: CalibrationFolder, heldBack: CalibrationFolder) {
    guard files.count > 1 else {
      throw Failure(
        .badData, "\(path): --report and --max-drop hold files back from calibration, and there is only one")
    }
    let every = min(every, files.count)
    func folder(_ isHeldBack: Bool) -> CalibrationFolder {
      let chosen = files.enumerated().filter { ($0.offset % every == every - 1) == isHeldBack }
      return CalibrationFolder(path: path, kind: kind, files: chosen.map(\.element))
    }
    return (folder(false), folder(true))
  }

  /// Inputs that the folder gives: one a file, or at least so many of photos.
  func count(least: Int) -> Int { kind == .photos ? max(files.count, least) : files.count }

  /// The inputs of `network` that the files are. A file that cannot be used stops calibration: what it would have added is
  /// not to be guessed.
  ///
  /// - Parameters:
  ///   - preprocessing: how photos become the input.
  ///   - least: inputs to make of photos: where there are fewer photos, random parts of them follow.
  func inputs(of network: Network, preprocessing: Preprocessing?, least: Int) throws -> CalibrationInputs {
    guard network.inputs.count == 1, let first = network.inputs.first else {
      throw Failure(
        .badData, "\(network.source): calibration needs a network with one input; this one has \(network.inputs.count)")
    }
    let input = network[first]
    let files = files
    // In the order of the network's own file.
    let isChannelsLast = network.isChannelsLast(input: first)
    func arranged(_ pixels: [Float]) -> [Float] { isChannelsLast ? pixels : planes(pixels) }
    switch kind {
    case .tensors:
      return CalibrationInputs(count: files.count) { index throws(ConversionError) in
        do throws(NumPyError) {
          let array = try NumPyArray(path: files[index])
          guard array.shape == input.shape else {
            throw .malformed(
              file: files[index],
              reason: "its shape is \(array.shape), but input \"\(input.name)\" takes \(input.shape)")
          }
          return [array.values]
        } catch {
          throw .calibration(reason: "\(error)")
        }
      }
    case .photos:
      guard let preprocessing else {
        throw Failure(
          .badData,
          "\(network.source): input \"\(input.name)\" is \(input.shape) and takes no colour photos; "
            + "calibrate with .npy tensors of that shape")
      }
      let preprocessor = try ImagePreprocessor(preprocessing)
      var uncropped = preprocessing
      uncropped.crop = 1
      let whole = try ImagePreprocessor(uncropped)
      return CalibrationInputs(count: count(least: least)) { index throws(ConversionError) in
        do throws(ImageError) {
          let path = files[index % files.count]
          guard index < files.count else {
            // Parts are smaller than the photo: twice the side that the whole would need.
            let image = try Image(path: path, atLeast: 2 * whole.resizedShorterSide)
            var crop = RandomCrop(seed: index)
            let part = crop(image, width: preprocessing.width, height: preprocessing.height)
            return [arranged(whole.normalize(whole.pixels(of: part)))]
          }
          let image = try Image(path: path, atLeast: preprocessor.resizedShorterSide)
          return [arranged(preprocessor.normalize(preprocessor.pixels(of: image)))]
        } catch {
          throw .calibration(reason: "\(error)")
        }
      }
    }
  }
}

/// Three values a pixel (NHWC) as three planes (NCHW).
private func planes(_ pixels: [Float]) -> [Float] {
  (0..<3).flatMap { channel in stride(from: channel, to: pixels.count, by: 3).map { pixels[$0] } }
}
