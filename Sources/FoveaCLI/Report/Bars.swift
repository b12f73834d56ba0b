/// A row of a bar chart.
package struct Bar {
  package var label: String
  /// Small, under the label.
  package var detail: String
  /// The bar's length; negative or no number is none.
  package var value: Double
  /// The strongly coloured beginning of the bar; at most all of it.
  package var part: Double
  package var valueText: String
  /// Beside the value.
  package var aside: String

  package init(
    label: String, detail: String = "", value: Double, part: Double = 0, valueText: String, aside: String = ""
  ) {
    self.label = label
    self.detail = detail
    self.value = value
    self.part = part
    self.valueText = valueText
    self.aside = aside
  }
}

extension Report {
  /// Horizontal bars under each other: label, bar, value. Too long labels are cut, and shown whole by a pointer over them; on a
  /// phone each bar takes a line of its own.
  ///
  /// - Parameters:
  ///   - titles: of label, bar, value and what is beside it.
  ///   - legend: what the strong and the pale part of a bar are; nil for bars of one part.
  package static func bars(
    _ bars: [Bar], titles: (label: String, bar: String, value: String, aside: String),
    legend: (strong: String, pale: String)? = nil
  ) -> Markup {
    let longest = bars.map(\.value).filter(\.isFinite).max() ?? 0
    func share(_ value: Double) -> Double { longest > 0 ? value / longest : 0 }
    let head = Markup.element(
      "div", [:],
      [
        .element("span", ["class": "head"], [.text(titles.label)]),
        .element("span", ["class": "head plot"], [.text(titles.bar)]),
        .element("span", ["class": "head value"], [.text(titles.value)]),
        .element("span", ["class": "head aside"], [.text(titles.aside)]),
      ])
    let rows = bars.map { bar in
      let tip = bar.detail.isEmpty ? bar.label : "\(bar.label): \(bar.detail)"
      var label = [Markup.element("b", [:], [.text(bar.label)])]
      if !bar.detail.isEmpty { label.append(.element("span", [:], [.text(bar.detail)])) }
      let drawing = chart(
        height: 16, label: "\(bar.label): \(bar.valueText)",
        [
          chartRectangle(class: "bar", x: 0, width: share(bar.value), y: 2, height: 12),
          chartRectangle(class: "strong", x: 0, width: share(min(bar.part, bar.value)), y: 2, height: 12),
        ])
      return Markup.element(
        "div", [:],
        [
          .element("div", ["class": "label", "title": tip], label), .element("div", ["class": "plot"], [drawing]),
          .element("div", ["class": "value"], [.text(bar.valueText)]),
          .element("div", ["class": "aside"], [.text(bar.aside)]),
        ])
    }
    let grid = Markup.element("div", ["class": "bars"], [head] + rows)
    guard let legend else { return grid }
    return .group([
      .element(
        "p", ["class": "legend"],
        [
          .element("span", [:], [.element("i", ["class": "strong"]), .text(legend.strong)]),
          .element("span", [:], [.element("i"), .text(legend.pale)]),
        ]),
      grid,
    ])
  }
}
