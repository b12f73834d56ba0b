extension Report {
  /// A quantity over numbered steps, as a filled line of stairs.
  ///
  /// - Parameters:
  ///   - values: one a step, from 0 up; at least one.
  ///   - tips: what a pointer over a step tells; as many as values, or none.
  ///   - marks: horizontal lines, with their labels.
  ///   - text: a value for the vertical axis.
  ///   - xTitle: what is counted along the horizontal axis.
  package static func steps(
    _ values: [Double], tips: [String] = [], marks: [Mark] = [], xTitle: String, label: String,
    text: (Double) -> String
  ) -> Markup {
    let (top, bottom) = (24.0, 214.0)
    let most = max(values.max() ?? 0, marks.map(\.value).max() ?? 0, .leastNormalMagnitude) * 1.04
    func y(_ value: Double) -> Double { bottom - (bottom - top) * min(max(value / most, 0), 1) }
    var content: [Markup] = []
    let axis = ticks(in: 0...most, count: 4).dropFirst()
    for tick in axis { content.append(chartLine(class: "grid", x: 0...1, y: y(tick)...y(tick))) }
    // Stairs in a drawing of its own that is stretched to the width: paths know no per cent.
    let width = 1000 / Double(max(1, values.count))
    var stairs = ""
    for (index, value) in values.enumerated() {
      stairs += "\(index == 0 ? "M0 " : "V")\(decimal(y(value), places: 2))"
      stairs += "H\(decimal(Double(index + 1) * width, places: 2))"
    }
    let base = decimal(bottom, places: 0)
    content.append(
      .element(
        "svg",
        [
          "viewBox": "0 0 1000 \(base)", "preserveAspectRatio": "none", "width": "100%", "height": base,
        ],
        [
          .element("path", ["class": "area", "d": "\(stairs)V\(base)H0Z"]),
          .element("path", ["class": "edge", "d": stairs]),
        ]))
    content.append(chartLine(class: "grid", x: 0...1, y: bottom...bottom))
    for tick in axis { content.append(axisText(text(tick), y: y(tick))) }
    for (index, mark) in marks.enumerated() {
      content.append(chartLine(class: "mark", x: 0...1, y: y(mark.value)...y(mark.value)))
      // One above its line, the next below, so that close lines keep their labels apart.
      content.append(chartText(mark.label, x: 1, y: y(mark.value) + (index % 2 == 0 ? -5 : 14), class: "mark-label"))
    }
    for (index, tip) in tips.prefix(values.count).enumerated() {
      content.append(
        chartRectangle(
          class: "target", x: Double(index) / Double(values.count), width: 1 / Double(values.count), y: top,
          height: bottom - top, tip: tip))
    }
    let last = Double(max(1, values.count - 1))
    for tick in ticks(in: 0...last, count: 6) where tick == tick.rounded() && tick < 0.9 * last {
      content.append(chartText(decimal(tick, places: 0), x: (tick + 0.5) / Double(values.count), y: bottom + 16))
    }
    content.append(chartText(xTitle, x: 1, y: bottom + 16))
    return chart(height: bottom + 22, label: label, hasAxis: true, content)
  }
}
