import ArgumentParser
import Fovea
import Glibc

/// `fovea classify`: photos in, labels out.
struct Classify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    _superCommandName: "fovea",
    abstract: "Says what is on photos.",
    discussion: """
      A photo that cannot be used is named on standard error and makes the exit status 1; the others are still answered. \
      The model is that of -m, else of $FOVEA_MODEL, else build/efficientnet_lite0.fovea. Its weights are not compared with \
      their checksum, for the sake of a quick start: fovea verify does that. Several photos are answered at once, at most two \
      for each core.
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

  func run() throws { try request.run() }

  /// What the command line asks for.
  var request: ClassifyRequest {
    ClassifyRequest(photos: photos, model: model, top: top, threads: threads.given, json: json)
  }
}

extension ClassifyRequest {
  func run() throws {
    let files = try photos.flatMap { photo in
      photo != "-" && isFolder(photo) ? try imageFiles(in: photo) : [photo]
    }
    // Weights are read as layers need them; whether they are sound is for `fovea verify` to say (docs/DECISIONS/0003).
    let model = try Model(path: model ?? defaultModelPath(), verifying: .structure)
    let lanes = Lanes(photos: files.count, givenThreads: threads)
    // Each is used by one thread alone.
    nonisolated(unsafe) let classifiers = try (0..<lanes.count).map { _ in
      try ImageClassifier(model: model, threads: lanes.threads)
    }
    let top = top
    let bar = ProgressBar("classifying")
    var list = JSONList()
    var failures = 0
    try computeInOrder(files.count, threads: lanes.count, ahead: 4 * lanes.count) { index, lane in
      unsafe ClassifiedPhoto(files[index], by: classifiers[lane], top: top)
    } receive: { index, answer in
      bar.show(index, of: files.count)
      if case .failure(let error) = answer.result {
        failures += 1
        bar.clear()
        complain(error.description)
      }
      if json {
        try list.write(answer)
      } else if let text = answer.text(isFirst: index == 0) {
        bar.clear()
        writeOutput(text)
      }
    }
    bar.clear()
    if json { list.end() }
    if failures > 0 { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }
}

/// The answer for one photo.
struct ClassifiedPhoto: Sendable {
  var file: String
  var result: Result<ImageClassifier.Classification, ImageError>

  /// - Parameter file: a path, or - for standard input.
  init(_ file: String, by classifier: ImageClassifier, top: Int) {
    self.file = file
    result = Result { () throws(ImageError) in
      guard file == "-" else { return try classifier.classify(path: file, top: top) }
      let name = "standard input"
      guard let bytes = readAll(STDIN_FILENO) else {
        throw .cannotRead(file: name, reason: "reading fails, or there is more than 1 GiB")
      }
      return try classifier.classify(bytes: bytes, name: name, top: top)
    }
  }

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
