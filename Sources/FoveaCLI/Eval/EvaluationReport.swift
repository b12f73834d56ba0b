import Fovea

/// What `eval` tells.
struct EvaluationReport: Encodable {
  /// Lines of lists for people; JSON has all.
  private static let shown = 10

  var evaluation: Evaluation
  var comparison: EvaluationComparison?

  private enum CodingKeys: String, CodingKey {
    case comparison
  }

  func encode(to encoder: any Encoder) throws {
    try evaluation.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(comparison, forKey: .comparison)
  }

  private var summary: [(name: String, value: String)] {
    var lines = [("model", evaluation.model)]
    if let other = comparison?.other { lines.append(("other", other.model)) }
    let failures = evaluation.failures
    lines.append(("photos", "\(evaluation.images)\(failures > 0 ? ", and \(failures) that could not be used" : "")"))
    if let rate = evaluation.top1 { lines.append(("top-1", rate.text)) }
    if let rate = comparison?.other.top1 { lines.append(("top-1, other", rate.text)) }
    if let rate = evaluation.top5 { lines.append(("top-5", rate.text)) }
    if let rate = comparison?.other.top5 { lines.append(("top-5, other", rate.text)) }
    guard let comparison else { return lines }
    lines.append(("same answer", comparison.agreement.text))
    if let first = comparison.onlyFirstRight, let other = comparison.onlyOtherRight {
      lines.append(("only one right", "the first on \(first), the other on \(other)"))
    }
    if let verdict = comparison.verdict { lines.append(("verdict", verdict)) }
    return lines
  }

  /// For people.
  var text: String {
    var text = facts(summary)
    if evaluation.classes.count > 1 {
      var table = Table([("least accurate classes", .left), ("photos", .right), ("top-1", .right), ("top-5", .right)])
      for result in evaluation.classes.prefix(Self.shown) {
        table.add([
          result.label, String(result.top1.of), percentText(result.top1.share, places: 1),
          percentText(result.top5.share, places: 1),
        ])
      }
      text += "\n" + table.text
    }
    if !evaluation.confusions.isEmpty {
      var table = Table([("taken for another", .left), ("answer", .left), ("photos", .right)])
      for confusion in evaluation.confusions.prefix(Self.shown) {
        table.add([confusion.label, confusion.predicted, String(confusion.count)])
      }
      text += "\n" + table.text
    }
    return text
  }

  /// For a browser.
  var page: Page {
    var page = Page(title: baseName(evaluation.model), subtitle: "fovea eval")
    var figures: [(name: String, value: String)] = []
    if let rate = evaluation.top1 { figures.append(("top-1 accuracy", percentText(rate.share))) }
    if let rate = evaluation.top5 { figures.append(("top-5 accuracy", percentText(rate.share))) }
    if let comparison { figures.append(("same answer as the other", percentText(comparison.agreement.share))) }
    figures.append(("photos", String(evaluation.images)))
    page.add(figures: figures)
    if evaluation.failures > 0 {
      page.add(warning: "\(evaluation.failures) photos could not be used and count for nothing here.")
    }
    page.add("Summary", [Report.facts(summary)])
    if !evaluation.classes.isEmpty {
      page.add(
        "Classes", note: "Least accurate first. The strong part is top-1, the whole bar top-5.",
        [
          Report.bars(
            evaluation.classes.map { result in
              Bar(
                label: result.label, value: result.top5.share, part: result.top1.share,
                valueText: percentText(result.top1.share, places: 1), aside: "of \(result.top1.of)")
            }, titles: ("class", "", "top-1", "photos"), legend: ("right answer first", "among the first five"))
        ])
    }
    if !evaluation.confusions.isEmpty {
      page.add(
        "Confusions", note: "What was taken for something else, most frequent first.",
        [
          Report.table(
            [("on the photo", false), ("answer", false), ("photos", true)],
            rows: evaluation.confusions.prefix(100).map {
              [.text($0.label), .text($0.predicted), .text(String($0.count))]
            })
        ])
      page.add(
        "Surest mistakes", note: "Wrong answers with the highest probability: some are wrong labels.",
        [
          Report.table(
            [("photo", false), ("label", false), ("answer", false), ("probability", true)],
            rows: evaluation.mistakes.prefix(50).map {
              [
                .text($0.file), .text($0.label), .text($0.predicted),
                .text(percentText(Double($0.probability), places: 1)),
              ]
            })
        ])
    }
    return page
  }
}
