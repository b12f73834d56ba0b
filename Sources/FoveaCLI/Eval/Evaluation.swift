import Fovea

/// How many of a number of images.
struct Rate: Encodable {
  var count: Int
  var of: Int

  var share: Double { of > 0 ? Double(count) / Double(of) : 0 }

  /// "71.88 % (23 of 32; 95 % confidence 54.6 to 84.4)".
  var text: String {
    let interval = wilsonInterval(count, of: of)
    return
      "\(percentText(share)) (\(count) of \(of); 95 % confidence \(percentText(interval.lowerBound, places: 1)) to "
      + "\(percentText(interval.upperBound, places: 1)))"
  }

  private enum CodingKeys: String, CodingKey {
    case count, of, share
    case interval = "confidence_interval_95"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(count, forKey: .count)
    try container.encode(of, forKey: .of)
    try container.encode(share, forKey: .share)
    let interval = wilsonInterval(count, of: of)
    try container.encode([interval.lowerBound, interval.upperBound], forKey: .interval)
  }
}

/// What a model made of labelled images.
struct Evaluation: Encodable {
  /// The answer for one image.
  struct Answer {
    var path: String
    /// The right class; nil where nobody said.
    var label: Int?
    /// Most probable first, at most five.
    var classes: [Int]
    var probability: Float

    var isRight: Bool { label != nil && classes.first == label }
    var isInFive: Bool { label.map(classes.contains) ?? false }
  }

  struct ClassResult: Encodable {
    var label: String
    var top1: Rate
    var top5: Rate
  }

  struct Confusion: Encodable {
    var label: String
    var predicted: String
    var count: Int
  }

  /// A wrong answer that the model was sure of: often a wrong label.
  struct Mistake: Encodable {
    var file: String
    var label: String
    var predicted: String
    var probability: Float
  }

  var model: String
  var images: Int
  /// Images that could not be read.
  var failures: Int
  /// Nil where no image has a label.
  var top1: Rate?
  var top5: Rate?
  /// Least accurate first.
  var classes: [ClassResult]
  /// Most frequent first: the confusion matrix without its diagonal and zeros.
  var confusions: [Confusion]
  /// Surest first.
  var mistakes: [Mistake]

  private enum CodingKeys: String, CodingKey {
    case model, images, failures, top1, top5, classes, confusions, mistakes
  }

  init(model: Model, answers: [Answer], failures: Int) {
    self.model = model.name
    self.failures = failures
    images = answers.count
    let labels = model.labels
    func name(_ index: Int) -> String { labels.indices.contains(index) ? labels[index] : String(index) }

    let labelled = answers.filter { $0.label != nil }
    if !labelled.isEmpty {
      top1 = Rate(count: labelled.count(where: \.isRight), of: labelled.count)
      top5 = Rate(count: labelled.count(where: \.isInFive), of: labelled.count)
    }
    let byClass = Dictionary(grouping: labelled) { $0.label ?? 0 }
    let results = byClass.sorted { $0.key < $1.key }.map { index, answers in
      ClassResult(
        label: name(index), top1: Rate(count: answers.count(where: \.isRight), of: answers.count),
        top5: Rate(count: answers.count(where: \.isInFive), of: answers.count))
    }
    classes = results.enumerated().sorted {
      ($0.element.top1.share, $0.offset) < ($1.element.top1.share, $1.offset)
    }.map(\.element)

    let wrong = labelled.filter { !$0.isRight }
    let pairs = Dictionary(grouping: wrong) { [$0.label ?? 0, $0.classes.first ?? 0] }
    confusions = pairs.sorted {
      $0.value.count == $1.value.count ? $0.key.lexicographicallyPrecedes($1.key) : $0.value.count > $1.value.count
    }.map { Confusion(label: name($0.key[0]), predicted: name($0.key[1]), count: $0.value.count) }
    mistakes = wrong.enumerated().sorted {
      ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset)
    }.map { _, answer in
      Mistake(
        file: answer.path, label: name(answer.label ?? 0), predicted: name(answer.classes.first ?? 0),
        probability: answer.probability)
    }
  }
}

/// Two models on the same images.
struct EvaluationComparison: Encodable {
  var other: Evaluation
  /// Images for which both give the same first answer.
  var agreement: Rate
  /// Images that only one of them got right; nil without labels.
  var onlyFirstRight: Int?
  var onlyOtherRight: Int?
  /// McNemar's test: how probable such a difference is between equally good models.
  var pValue: Double?

  private enum CodingKeys: String, CodingKey {
    case other, agreement
    case onlyFirstRight = "only_first_right"
    case onlyOtherRight = "only_other_right"
    case pValue = "mcnemar_p"
  }

  /// - Parameters:
  ///   - first, second: answers for the same images in the same order.
  init(other: Evaluation, first: [Evaluation.Answer], second: [Evaluation.Answer]) {
    self.other = other
    let pairs = Array(zip(first, second))
    agreement = Rate(count: pairs.count { $0.classes.first == $1.classes.first }, of: pairs.count)
    guard pairs.contains(where: { $0.0.label != nil }) else { return }
    let (onlyFirst, onlySecond) = (
      pairs.count { $0.isRight && !$1.isRight }, pairs.count { !$0.isRight && $1.isRight }
    )
    onlyFirstRight = onlyFirst
    onlyOtherRight = onlySecond
    pValue = mcNemar(onlyFirst, onlySecond)
  }

  /// What the test says, in words.
  var verdict: String? {
    guard let pValue, let onlyFirstRight, let onlyOtherRight else { return nil }
    let p = "p = \(decimal(pValue, places: pValue < 0.001 ? 6 : 3))"
    if pValue >= 0.05 {
      return "no difference that these images can show: chance alone gives as much (\(p), McNemar's exact test)"
    }
    let better = onlyFirstRight > onlyOtherRight ? "the first" : "the other"
    return "\(better) is more often right, more than chance explains (\(p), McNemar's exact test)"
  }
}
