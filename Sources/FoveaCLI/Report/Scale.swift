/// Round numbers in a range for an axis: 1, 2 or 5 times a power of ten apart, about `count` of them.
///
/// - Returns: ascending; the range's beginning alone where the range is empty or has no finite length.
package func ticks(in range: ClosedRange<Double>, count: Int) -> [Double] {
  let length = range.upperBound - range.lowerBound
  guard length > 0, length.isFinite else { return [range.lowerBound] }
  let least = length / Double(max(1, count))
  var power = 1.0
  while power > least { power /= 10 }
  while power * 10 <= least { power *= 10 }
  let step = ([1, 2, 5].first { $0 * power >= least * 0.999 } ?? 10) * power
  var ticks: [Double] = []
  var index = (range.lowerBound / step).rounded(.up)
  while index * step <= range.upperBound + step * 1e-9 {
    ticks.append(index * step)
    index += 1
  }
  return ticks
}

/// The fewest digits after the point that tell numbers apart which are `step` from each other.
package func places(forStep step: Double) -> Int {
  var (places, unit) = (0, 1.0)
  while places < 6, step.isFinite, step > 0, unit > step * 1.001 { (places, unit) = (places + 1, unit / 10) }
  return places
}

/// The labels of an axis's ticks, all with as many digits as they need.
func tickTexts(_ ticks: [Double]) -> [String] {
  let step = ticks.count > 1 ? ticks[1] - ticks[0] : abs(ticks.first ?? 1)
  return ticks.map { decimal($0, places: places(forStep: step)) }
}

/// A line across a chart at a value, with what it is.
package struct Mark {
  package var label: String
  package var value: Double

  package init(_ label: String, at value: Double) {
    self.label = label
    self.value = value
  }
}

/// An SVG drawing as wide as the page, `height` pixels high. What lies in it takes its horizontal places in per cent, so that
/// a narrow page squeezes bars and not letters.
///
/// - Parameters:
///   - label: what readers who cannot see it are told.
///   - hasAxis: whether room is left of it for `axisText`.
func chart(height: Double, label: String, hasAxis: Bool = false, _ content: [Markup]) -> Markup {
  .element(
    "svg",
    [
      "class": hasAxis ? "chart axis" : "chart", "width": "100%", "height": decimal(height, places: 0), "role": "img",
      "aria-label": label,
    ], content)
}

/// A value of the vertical axis, left of the drawing.
func axisText(_ text: String, y: Double) -> Markup {
  .element(
    "text", ["x": "0", "dx": "-6", "y": decimal(y + 4, places: 1), "text-anchor": "end"], [.text(text)])
}

/// A text in a chart, whose baseline begins, has its middle or ends at a share of the width, so that it stays inside.
func chartText(
  _ text: String, x: Double, y: Double, class name: String = "tick"
) -> Markup {
  let anchor = x < 0.08 ? "start" : x > 0.92 ? "end" : "middle"
  return .element(
    "text",
    [
      "x": percent(x), "y": decimal(y, places: 1), "text-anchor": anchor,
      "class": name,
    ], [.text(text)])
}

/// A straight line in a chart from one place to another, x in shares of the width.
func chartLine(class name: String, x: ClosedRange<Double>, y: ClosedRange<Double>) -> Markup {
  .element(
    "line",
    [
      "class": name, "x1": percent(x.lowerBound), "x2": percent(x.upperBound), "y1": decimal(y.lowerBound, places: 1),
      "y2": decimal(y.upperBound, places: 1),
    ])
}

/// A rectangle in a chart, x in shares of the width, with what a pointer over it tells.
func chartRectangle(
  class name: String, x: Double, width: Double, y: Double, height: Double, tip: String = ""
) -> Markup {
  .element(
    "rect",
    [
      "class": name, "x": percent(x), "width": percent(width), "y": decimal(y, places: 2),
      "height": decimal(max(0, height), places: 2),
    ], tip.isEmpty ? [] : [.element("title", [:], [.text(tip)])])
}
