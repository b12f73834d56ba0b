import ArgumentParser
import Fovea

/// `fovea eval`: how often a model is right.
struct Eval: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval",
    abstract: "Measures a classifier's accuracy on labelled photos, or compares two classifiers.",
    discussion: """
      FOLDER holds a subfolder for each class, named after its label, one of the label's synonyms or its number; or as many \
      subfolders as the model has classes, in the classes' order (ImageNet's layout). --labels gives a table of files and \
      classes instead. Without either, photos have no labels, and --against tells how often two models agree.

      A photo that cannot be used is named on standard error and makes the exit status 1; it counts for nothing else.
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @Argument(help: "The photos: a folder of folders.", completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("Comma-separated values: a file's path in FOLDER, and its class.", valueName: "table"),
    completion: .file(extensions: ["csv"]))
  var labels: String?

  @Option(
    help: ArgumentHelp("Another model, compared photo by photo with McNemar's test.", valueName: "model"),
    completion: .file(extensions: ["fovea"]))
  var against: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Write JSON: everything, with the whole confusion matrix.")
  var json = false

  @Option(
    help: ArgumentHelp("Write a report as one HTML page.", valueName: "file"), completion: .file(extensions: ["html"]))
  var html: String?

  func run() throws {
    try checkTargets([html].compactMap(\.self), reading: [model, against, labels].compactMap(\.self))
    let models = try ([model] + [against].compactMap(\.self)).map { try Model(path: $0) }
    let classes = models[0].classCount
    if let other = models.dropFirst().first, other.classCount != classes {
      throw Failure(
        .badData,
        "\(other.name) tells \(other.classCount) classes apart and \(models[0].name) \(classes): no comparison")
    }
    let names = ClassNames(labels: models[0].labels, count: classes)
    let images =
      try labels.map { try LabelledImage.all(inTable: $0, folder: folder, classes: names) }
      ?? LabelledImage.all(in: folder, classes: names, count: classes)
    guard against != nil || images.contains(where: { $0.label != nil }) else {
      throw Failure(
        .badData,
        "\(folder): the photos have no labels. Put them into subfolders named after classes, give --labels, or compare "
          + "two models with --against")
    }

    let (answers, failures) = try answer(images, models: models)
    guard answers[0].count > 0 else {
      throw Failure(.badData, "\(folder): none of the \(images.count) photos can be used")
    }
    let evaluation = Evaluation(model: models[0], answers: answers[0], failures: failures)
    let comparison = models.dropFirst().first.map { other in
      EvaluationComparison(
        other: Evaluation(model: other, answers: answers[1], failures: failures), first: answers[0], second: answers[1])
    }
    let report = EvaluationReport(evaluation: evaluation, comparison: comparison)
    if let html { try report.page.write(to: html) }
    if json { try writeJSON(report) } else { writeOutput(report.text) }
    if failures > 0 { throw ExitCode(ExitStatus.someInputsFailed.rawValue) }
  }

  /// Each model's answers for the images that can be used, and how many cannot.
  private func answer(
    _ images: [LabelledImage], models: [Model]
  ) throws -> (answers: [[Evaluation.Answer]], failures: Int) {
    let lanes = threads.lanes(for: images.count)
    // Each is used by one thread alone.
    nonisolated(unsafe) let classifiers = try (0..<lanes.count).map { _ in
      try models.map { try ImageClassifier(model: $0, threads: lanes.threads) }
    }
    var answers = models.map { _ in [Evaluation.Answer]() }
    var failures = 0
    let bar = ProgressBar("evaluating")
    computeInOrder(images.count, threads: lanes.count, ahead: 4 * lanes.count) { index, lane in
      Result { () throws(ImageError) in unsafe try Evaluation.Answer.all(images[index], by: classifiers[lane]) }
    } receive: { index, result in
      bar.show(index, of: images.count)
      switch result {
      case .success(let found):
        for (model, answer) in found.enumerated() { answers[model].append(answer) }
      case .failure(let error):
        failures += 1
        bar.clear()
        complain(error.description)
      }
    }
    bar.clear()
    return (answers, failures)
  }
}

extension Evaluation.Answer {
  /// Each classifier's, for an image that is decoded once where they take the same size.
  fileprivate static func all(_ image: LabelledImage, by classifiers: [ImageClassifier]) throws(ImageError) -> [Self] {
    var decoded: (side: Int, image: Image)?
    var answers: [Self] = []
    for classifier in classifiers {
      let side = classifier.decodedShorterSide
      let photo: Image
      if let decoded, decoded.side == side {
        photo = decoded.image
      } else {
        photo = try Image(path: image.path, atLeast: side)
        decoded = (side, photo)
      }
      let found = classifier.classify(photo, top: 5).predictions
      answers.append(
        Self(
          path: image.path, label: image.label, classes: found.map(\.index), probability: found.first?.probability ?? 0)
      )
    }
    return answers
  }
}

extension Model {
  /// How many classes the first output tells apart.
  fileprivate var classCount: Int {
    program.outputs.first.map { program.buffers[$0.buffer].count } ?? 0
  }
}
