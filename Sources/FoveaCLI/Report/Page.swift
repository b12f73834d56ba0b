import FoveaConvert

/// A report as one self-contained HTML page: no script, nothing loaded, light and dark as the reader's system is.
///
///     var page = Page(title: "lite0.fovea", subtitle: "fovea bench")
///     page.add("Latency", note: "100 runs on one thread.", [Report.histogram(times, unit: "ms", label: "Latencies")])
///     try page.write(to: "report.html")
package struct Page {
  private var title: String
  private var subtitle: String
  private var body: [Markup] = []

  package init(title: String, subtitle: String) {
    self.title = title
    self.subtitle = subtitle
  }

  /// Adds the most important figures, side by side.
  package mutating func add(figures: [(name: String, value: String)]) {
    let tiles = figures.map { figure in
      Markup.element(
        "div", ["class": "figure"],
        [.element("b", [:], [.text(figure.value)]), .element("span", [:], [.text(figure.name)])])
    }
    body.append(.element("div", ["class": "figures"], tiles))
  }

  /// Adds a box that must not be overlooked.
  package mutating func add(warning: String) {
    body.append(.element("p", ["class": "warning", "role": "alert"], [.text(warning)]))
  }

  /// Adds a section.
  ///
  /// - Parameters:
  ///   - note: how to read what follows.
  package mutating func add(_ heading: String, note: String = "", _ content: [Markup]) {
    var pieces = [Markup.element("h2", [:], [.text(heading)])]
    if !note.isEmpty { pieces.append(.element("p", ["class": "note"], [.text(note)])) }
    body.append(.element("section", [:], pieces + content))
  }

  /// The whole page. Its policy forbids the browser to run or load anything, should a mistake ever let something in.
  package var html: String {
    let header = Markup.element(
      "header", [:], [.element("h1", [:], [.text(title)]), .element("p", [:], [.text(subtitle)])])
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      \(Markup.element("title", [:], [.text("\(title), \(subtitle)")]).source)
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <main>
      \(([header] + body).map(\.source).joined(separator: "\n"))
      </main>
      </body>
      </html>

      """
  }

  /// Writes the page whole or not at all.
  ///
  /// - Throws: `ConversionError.cannotWrite`.
  package func write(to path: String) throws(ConversionError) { try writeResult(Array(html.utf8), to: path) }
}
