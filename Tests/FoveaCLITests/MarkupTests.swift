import Foundation
import FoveaCLI
import Testing

/// Strings from files become text and nothing else.
@Suite struct MarkupTests {
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='alert(1)", "</title></style><b>",
    "&lt;already&gt; & &amp;amp;", "]]>--><!--", "plain", "", "日本語 <é>", "a\u{202E}b",
  ]

  @Test(arguments: hostile)
  func isTextAndNothingElse(text: String) throws {
    let parsed = ParsedMarkup(.element("p", ["title": text], [.text(text), "literal \(text)"]))
    #expect(parsed.failure == nil)
    #expect(parsed.elements.map(\.name) == ["p"])
    let element = try #require(parsed.elements.first)
    #expect(Array(element.attributes.keys) == ["title"])
    #expect(element.attributes["title"] == text)
    #expect(element.text == text + "literal " + text)
  }

  /// HTML forbids most of them, even escaped.
  @Test func controlCharacters() throws {
    let parsed = ParsedMarkup(.text("a\u{0}b\u{1B}[31mc\nd\u{7F}"))
    #expect(parsed.failure == nil)
    #expect(!Markup.text("a\u{0}b\u{1B}c\n").source.unicodeScalars.contains { $0.value < 32 })
  }

  @Test(arguments: hostile)
  func pages(text: String) throws {
    var page = Page(title: text, subtitle: text)
    page.add(figures: [(text, text)])
    page.add(warning: text)
    page.add(text, note: text, [Report.facts([(text, text)]), Report.table([(text, true)], rows: [[.text(text)]])])
    let bar = Bar(label: text, detail: text, value: 1, valueText: text, aside: text)
    page.add(text, [Report.bars([bar], titles: (text, text, text, text), legend: (text, text))])
    page.add(text, [Report.histogram([1, 2, 3], unit: text, marks: [Mark(text, at: 2)], label: text)])
    page.add(
      text,
      [Report.steps([1, 2], tips: [text, text], marks: [Mark(text, at: 1)], xTitle: text, label: text) { _ in text }])
    let parsed = ParsedMarkup(bodyOf: page.html)
    #expect(parsed.failure == nil)
    let known: Set = [
      "main", "header", "h1", "h2", "p", "section", "div", "b", "span", "i", "dl", "dt", "dd", "table", "thead",
      "tbody",
      "tr", "th", "td", "svg", "rect", "line", "path", "text", "title",
    ]
    #expect(Set(parsed.elements.map(\.name)).isSubset(of: known))
    let attributes = Set(parsed.elements.flatMap(\.attributes.keys))
    #expect(!attributes.contains { $0.hasPrefix("on") || ["href", "src", "style", "xlink:href"].contains($0) })
    #expect(try #require(parsed.all("h1").first).text == text)
    // One title in the head, and it ends where it should.
    let head = try #require(page.html.split(separator: "<body>").first)
    #expect(head.components(separatedBy: "<title>").count == 2)
    #expect(head.components(separatedBy: "</style>").count == 2)
  }

  /// A page may be opened where there is no network, and must not tell anybody that it was.
  @Test func loadsNothing() {
    let html = Page(title: "a", subtitle: "b").html
    for text in ["http:", "https:", "url(", "@import", "<script", "<link"] { #expect(!html.contains(text), "\(text)") }
    #expect(html.contains("default-src 'none'"))
    #expect(html.contains("prefers-color-scheme: dark"))
  }

  @Test func fileIsWholeOrNotThere() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let page = Page(title: "a", subtitle: "b")
    try page.write(to: folder.appending(path: "r.html").path(percentEncoded: false))
    #expect(try String(contentsOf: folder.appending(path: "r.html"), encoding: .utf8) == page.html)
    #expect(throws: (any Error).self) { try page.write(to: folder.path(percentEncoded: false)) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)) == ["r.html"])
  }
}
