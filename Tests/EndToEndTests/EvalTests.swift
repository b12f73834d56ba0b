import Foundation
import Testing

/// `fovea eval` on the photos of fixtures/.
@Suite struct EvalTests {
  private struct Report: Decodable {
    struct Rate: Decodable {
      var count: Int
      var of: Int
      var share: Double
    }

    struct Comparison: Decodable {
      var agreement: Rate
      var onlyFirstRight: Int?
      var onlyOtherRight: Int?
      var mcnemarP: Double?
    }

    struct Confusion: Decodable {
      var label: String
      var predicted: String
      var count: Int
    }

    var images: Int
    var failures: Int
    var top1: Rate?
    var top5: Rate?
    var confusions: [Confusion]
    var comparison: Comparison?
  }

  /// Copies fixture photos to `folder/class/`.
  private func lay(out photos: [(file: String, class: String)], in folder: String) throws {
    for (file, name) in photos {
      try FileManager.default.createDirectory(atPath: folder + name, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: fixture("photos/\(file)"), toPath: "\(folder)\(name)/\(file)")
    }
  }

  @Test("subfolders named by label, synonym and number; one photo lies in a wrong one")
  func folders() throws {
    try withTemporaryFolder { folder in
      // 105 is the koala; ImageNet's class 9 the ostrich.
      try lay(
        out: [("castle.jpg", "Castle"), ("koala.jpg", "105"), ("espresso.jpg", "espresso"), ("macaw.jpg", "9")],
        in: folder)
      let outcome = expectSuccess(try fovea("eval", Models.int8(), folder, "--json"))
      let report = try outcome.json(Report.self)
      #expect(report.images == 4 && report.failures == 0)
      #expect(report.top1?.count == 3 && report.top1?.of == 4 && report.top1?.share == 0.75)
      #expect(report.top5?.count == 3)
      #expect(report.confusions.map(\.label) == ["ostrich"] && report.confusions.map(\.predicted) == ["macaw"])
      #expect(report.comparison == nil)
      let text = expectSuccess(try fovea("eval", Models.int8(), folder)).output
      #expect(text.contains("75.00 % (3 of 4; 95 % confidence 30.1 % to 95.4 %)"))
    }
  }

  @Test("a table of labels, a photo that is none, two models, a page")
  func table() throws {
    try withTemporaryFolder { folder in
      let table = folder + "labels.csv"
      try write(Data("file,label\ncastle.jpg,castle\n\"koala.jpg\",105\nREADME.md,castle\n".utf8), to: table)
      let page = folder + "report.html"
      let outcome = try fovea(
        "eval", Models.int8(), fixture("photos"), "--labels", table, "--against", Models.float(), "--json", "--html",
        page)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("README.md"))
      let report = try outcome.json(Report.self)
      #expect(report.images == 2 && report.failures == 1)
      #expect(report.top1?.count == 2)
      let comparison = try #require(report.comparison)
      #expect(comparison.agreement.count == 2 && comparison.agreement.of == 2)
      #expect(comparison.onlyFirstRight == 0 && comparison.onlyOtherRight == 0 && comparison.mcnemarP == 1)
      let html = String(decoding: try contents(page), as: UTF8.self)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.contains("top-1 accuracy"))
    }
  }

  @Test("without labels two models can be compared, and one cannot be measured")
  func unlabelled() throws {
    let report = try expectSuccess(
      try fovea("eval", Models.int8(), fixture("photos"), "--against", Models.float(), "--json")
    ).json(Report.self)
    #expect(report.images == 8 && report.top1 == nil && report.comparison?.mcnemarP == nil)
    #expect(try fovea("eval", Models.int8(), fixture("photos")).errors.contains("have no labels"))
  }

  @Test func mistakesAreNamed() throws {
    try withTemporaryFolder { folder in
      try lay(out: [("castle.jpg", "no such class")], in: folder)
      let outcome = try fovea("eval", Models.int8(), folder)
      #expect(outcome.status == 65 && outcome.errors.contains("\"no such class\""))
      let table = folder + "labels.csv"
      try write(Data("castle.jpg,castle\ncastle.jpg\n".utf8), to: table)
      let second = try fovea("eval", Models.int8(), fixture("photos"), "--labels", table)
      #expect(second.status == 65 && second.errors.contains("labels.csv, line 2"))
    }
  }
}
