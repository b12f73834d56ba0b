extension Report {
  /// How often values occur, as columns over their range. The slowest hundredth, where it lies far out, shares one column at the
  /// end: drawn to scale it would press the rest together.
  ///
  /// - Parameters:
  ///   - values: finite; at least one.
  ///   - unit: of the values.
  ///   - marks: lines at notable values.
  package static func histogram(_ values: [Double], unit: String, marks: [Mark] = [], label: String) -> Markup {
    let bins = HistogramBins(values)
    let rows = Double(marks.count) * 16
    let (top, bottom) = (rows + 10, rows + 170)
    let most = Double(bins.counts.max() ?? 1)
    let plot = bins.above == 0 ? 1 : 0.94
    var content: [Markup] = []
    for tick in ticks(in: 0...most, count: 3) where tick >= 1 && tick == tick.rounded() {
      let y = bottom - (bottom - top) * tick / most
      content.append(chartLine(class: "grid", x: 0...1, y: y...y))
      content.append(axisText(decimal(tick, places: 0), y: y))
    }
    let digits = places(forStep: bins.width)
    func text(_ value: Double) -> String { decimal(value, places: digits) }
    for (index, count) in bins.counts.enumerated() where count > 0 {
      let height = (bottom - top) * Double(count) / most
      let share = plot / Double(bins.counts.count)
      let begin = bins.low + Double(index) * bins.width
      content.append(
        chartRectangle(
          class: "strong", x: (Double(index) + 0.06) * share, width: 0.88 * share, y: bottom - height, height: height,
          tip: "\(text(begin)) to \(text(begin + bins.width)) \(unit): \(count)"))
    }
    if bins.above > 0 {
      let height = (bottom - top) * min(1, Double(bins.above) / most)
      content.append(
        chartRectangle(
          class: "bar", x: 0.955, width: 0.045, y: bottom - height, height: height,
          tip: "above \(text(bins.high)) \(unit): \(bins.above)"))
      content.append(chartText("> \(text(bins.high))", x: 1, y: bottom + 32))
    }
    content.append(chartLine(class: "grid", x: 0...1, y: bottom...bottom))
    let range = bins.low...bins.high
    func place(_ value: Double) -> Double {
      bins.high > bins.low ? min(1, (value - bins.low) / (bins.high - bins.low)) * plot : 0.5 * plot
    }
    let axis = ticks(in: range, count: 5)
    for (tick, text) in zip(axis, tickTexts(axis)) where place(tick) < 0.93 {
      content.append(chartText(text, x: place(tick), y: bottom + 16))
    }
    content.append(chartText(unit, x: 1, y: bottom + 16))
    for (row, mark) in marks.enumerated() {
      let x = mark.value > bins.high ? 0.9775 : place(mark.value)
      let y = Double(row) * 16 + 12
      content.append(chartLine(class: "mark", x: x...x, y: (y - 10)...bottom))
      // Beside its line, on the side where there is room.
      let isRight = x < 0.55
      content.append(
        .element(
          "text",
          [
            "class": "mark-label", "x": percent(x), "dx": isRight ? "5" : "-5", "y": decimal(y, places: 0),
            "text-anchor": isRight ? "start" : "end",
          ], [.text(mark.label)]))
    }
    return chart(height: bottom + (bins.above > 0 ? 38 : 22), label: label, hasAxis: true, content)
  }
}

/// Values counted in columns of equal width.
package struct HistogramBins: Equatable, Encodable {
  package var low: Double
  /// The end of the last column.
  package var high: Double
  package var counts: [Int]
  /// Values above `high`.
  package var above: Int

  package var width: Double { (high - low) / Double(counts.count) }

  /// - Parameter values: finite; at least one.
  package init(_ values: [Double]) {
    let sorted = values.sorted()
    low = sorted[0]
    let (last, tail) = (sorted[sorted.count - 1], sorted.percentile(0.99))
    // Half of the range for a hundredth of the values is too much.
    high = last - low > 2 * (tail - low) && tail > low ? tail : last
    // Freedman and Diaconis (1981): twice the interquartile range over the cube root of the count.
    let quartiles = sorted.percentile(0.75) - sorted.percentile(0.25)
    var cubeRoot = 1.0
    while cubeRoot * cubeRoot * cubeRoot < Double(values.count) { cubeRoot += 1 }
    let wanted = quartiles > 0 ? (high - low) * cubeRoot / (2 * quartiles) : 1
    let count = high > low ? Int(min(max(wanted, 8), 60)) : 1
    counts = [Int](repeating: 0, count: count)
    above = 0
    for value in sorted {
      guard value <= high else {
        above += 1
        continue
      }
      let share = high > low ? (value - low) / (high - low) : 0
      counts[min(count - 1, Int(share * Double(count)))] += 1
    }
  }
}
