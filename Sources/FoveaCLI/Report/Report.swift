/// The pieces that reports are made of: charts, tables, lists. Each is `Markup` for `Page.add`.
package enum Report {
  /// Names with values, in columns as there is room.
  package static func facts(_ facts: [(name: String, value: String)]) -> Markup {
    .element(
      "dl", ["class": "facts"],
      facts.map { fact in
        .element(
          "div", [:], [.element("dt", [:], [.text(fact.name)]), .element("dd", [:], [.text(fact.value)])])
      })
  }

  /// Rows under column titles; numbers right-aligned. Wider than the page, it scrolls by itself.
  ///
  /// - Parameter columns: the titles, and whether their columns hold numbers.
  package static func table(_ columns: [(title: String, isNumber: Bool)], rows: [[Markup]]) -> Markup {
    func row(_ name: StaticString, _ cells: [Markup]) -> Markup {
      .element(
        "tr", [:],
        zip(columns, cells).map { column, cell in
          column.isNumber ? .element(name, ["class": "number"], [cell]) : .element(name, [:], [cell])
        })
    }
    let head = Markup.element("thead", [:], [row("th", columns.map { .text($0.title) })])
    let body = Markup.element("tbody", [:], rows.map { row("td", $0) })
    return .element("div", ["class": "scroll"], [.element("table", [:], [head, body])])
  }
}
