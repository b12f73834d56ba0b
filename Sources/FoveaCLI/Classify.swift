import ArgumentParser
import Fovea
import Glibc

/// `fovea classify`: photos in, labels out.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Says what is on photos.",
    discussion: """
      A photo that cannot be used is named on standard error and makes the exit status 1; the others are still answered. \
      The model is that of -m, else of $FOVEA_MODEL, else build/efficientnet_lite0.fovea.
      """)

  @Argument(
    help: ArgumentHelp(
      "JPEG or PNG files, folders of them, or - for a photo on standard input.", valueName: "photo"),
    completion: .file())
  var photos: [String]

  @Option(
    name: [.short, .long], help: "The model to use.", completion: .file(extensions: ["fovea"]))
  var model: String?

  @Option(help: "How many labels to give for each photo.")
  var top = 5

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Write JSON.")
  var json = false

  func validate() throws {
    guard top >= 1 else { throw ValidationError("--top takes a number from 1 up") }
    guard photos.filter({ $0 == "-" }).count <= 1 else {
      throw ValidationError("standard input (-) can be read only once")
    }
  }

  func run() throws {
    let files = try photos.flatMap { photo in
      photo != "-" && isFolder(photo) ? try imageFiles(in: photo) : [photo]
    }
    let classifier = try ImageClassifier(
      model: Model(path: model ?? defaultModelPath()), threads: threads.count)
    let bar = ProgressBar("classifying")
    var answers: [ClassifiedPhoto] = []
    var failures = 0
    for (done, file) in files.enumerated() {
      bar.show(done, of: files.count)
      let answer = classify(file, with: classifier)
      if case .failure(let error) = answer.result {
        failures += 1
        bar.clear()
        complain(error.description)
      }
      if json {
        answers.append(answer)
      } else if let text = answer.text(isFirst: done == 0) {
        bar.clear()
        writeOutput(text)
      }
    }
    bar.clear()
    if json { try writeJSON(answers) }
    if failures > 0 { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }

  private func classify(_ file: String, with classifier: ImageClassifier) -> ClassifiedPhoto {
    do throws(ImageError) {
      guard file == "-" else {
        return ClassifiedPhoto(file: file, result: .success(try classifier.classify(path: file, top: top)))
      }
      let name = "standard input"
      guard let bytes = readAll(STDIN_FILENO) else {
        throw .cannotRead(file: name, reason: "reading fails, or there is more than 1 GiB")
      }
      return ClassifiedPhoto(file: file, result: .success(try classifier.classify(bytes: bytes, name: name, top: top)))
    } catch {
      return ClassifiedPhoto(file: file, result: .failure(error))
    }
  }
}

/// The answer for one photo.
struct ClassifiedPhoto {
  var file: String
  var result: Result<ImageClassifier.Classification, ImageError>

  /// The answer for people; nil for a failure, which standard error has told already.
  func text(isFirst: Bool) -> String? {
    guard case .success(let answer) = result else { return nil }
    let times = answer.milliseconds
    var text = isFirst ? "" : "\n"
    text += printable(file)
    text += "  (decode \(decimal(times.decode, places: 1)) ms, preprocess \(decimal(times.preprocess, places: 1)) ms, "
    text += "inference \(decimal(times.inference, places: 1)) ms)\n"
    for prediction in answer.predictions {
      let share = decimal(Double(prediction.probability) * 100, places: 1)
      text += rightAligned(share, 7) + "%  \(printable(prediction.label))\n"
    }
    return text
  }
}

extension ClassifiedPhoto: Encodable {
  private enum CodingKeys: String, CodingKey {
    case file, predictions, milliseconds, error
  }

  private enum PredictionKeys: String, CodingKey {
    case index, label, probability
  }

  private enum TimeKeys: String, CodingKey {
    case decode, preprocess, inference
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    switch result {
    case .failure(let error):
      try container.encode(error.description, forKey: .error)
    case .success(let answer):
      var list = container.nestedUnkeyedContainer(forKey: .predictions)
      for prediction in answer.predictions {
        var entry = list.nestedContainer(keyedBy: PredictionKeys.self)
        try entry.encode(prediction.index, forKey: .index)
        try entry.encode(prediction.label, forKey: .label)
        try entry.encode(prediction.probability, forKey: .probability)
      }
      var times = container.nestedContainer(keyedBy: TimeKeys.self, forKey: .milliseconds)
      try times.encode(answer.milliseconds.decode.rounded3, forKey: .decode)
      try times.encode(answer.milliseconds.preprocess.rounded3, forKey: .preprocess)
      try times.encode(answer.milliseconds.inference.rounded3, forKey: .inference)
    }
  }
}
