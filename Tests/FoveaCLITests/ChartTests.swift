import FoveaCLI
import Testing

/// Charts are where their numbers say, and inside of their frame whatever the numbers are.
@Suite struct ChartTests {
  static let ranges: [ClosedRange<Double>] = [0...1, 0...100, 2.31...2.58, -3...7, 0...1e-6, 0...3e12, 0.999...1.001]

  @Test(arguments: ranges)
  func ticksAreRoundAndInRange(range: ClosedRange<Double>) {
    let found = ticks(in: range, count: 5)
    #expect((2...10).contains(found.count))
    let length = range.upperBound - range.lowerBound
    #expect(found.allSatisfy { $0 >= range.lowerBound - length * 1e-9 && $0 <= range.upperBound + length * 1e-9 })
    let steps = zip(found.dropFirst(), found).map { $0 - $1 }
    #expect(steps.allSatisfy { abs($0 - steps[0]) < length * 1e-9 })
    // 1, 2 or 5 times a power of ten.
    var mantissa = steps[0]
    while mantissa < 0.9999 { mantissa *= 10 }
    while mantissa > 9.9999 { mantissa /= 10 }
    #expect([1.0, 2, 5, 10].contains { abs($0 - mantissa) < 1e-6 }, "\(steps[0])")
  }

  @Test func ticksOfEmptyRange() {
    #expect(ticks(in: 3...3, count: 5) == [3])
    #expect(ticks(in: 0...(.infinity), count: 5) == [0])
  }

  @Test(arguments: [(0.5, 1), (1.0, 0), (20, 0), (0.1, 1), (0.02, 2), (0.005, 3), (1e-9, 6), (0, 0)])
  func digits(step: Double, expected: Int) {
    #expect(places(forStep: step) == expected)
  }

  @Test(arguments: UInt64(1)...40)
  func binsCountEveryValue(seed: UInt64) {
    var state = seed
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31)
    }
    let values = (0..<Int(1 + seed * seed)).map { _ in random() < 0.02 ? 5 * random() : 2 + random() }
    let bins = HistogramBins(values)
    #expect(bins.counts.reduce(0, +) + bins.above == values.count)
    #expect(bins.above * 50 <= values.count)
    #expect(bins.above == values.count { $0 > bins.high })
    // A value at the edge between two columns may round into either.
    for (index, count) in bins.counts.enumerated() {
      let (low, high) = (bins.low + Double(index) * bins.width, bins.low + Double(index + 1) * bins.width)
      let (sure, most) = (
        values.count { $0 > low + 1e-9 && $0 < high - 1e-9 }, values.count { $0 >= low - 1e-9 && $0 <= high + 1e-9 }
      )
      #expect((sure...most).contains(count))
    }
  }

  @Test(arguments: [[2.0], [3, 3, 3], [0, 0], [1, 1e9], [1e-9, 2e-9]] + [(0..<500).map { Double($0 % 7) }])
  func histogramStaysInside(values: [Double]) {
    let marks = [Mark("least", at: values.min() ?? 0), Mark("most", at: values.max() ?? 0)]
    let parsed = ParsedMarkup(Report.histogram(values, unit: "ms", marks: marks, label: "times"))
    #expect(parsed.failure == nil)
    let height = parsed.all("svg")[0].number("height")
    for bar in parsed.all("rect") {
      #expect(bar.percent("x") >= 0 && bar.percent("x") + bar.percent("width") <= 100.01)
      #expect(bar.number("y") >= 0 && bar.number("y") + bar.number("height") <= height)
    }
    #expect(parsed.all("rect", class: "strong").count >= 1)
    #expect(parsed.all("text", class: "mark-label").map(\.text) == ["least", "most"])
    // Two marks never share a line.
    #expect(Set(parsed.all("text", class: "mark-label").map { $0.number("y") }).count == 2)
  }

  /// The tallest column stands for the fullest bin, and the others keep the proportion.
  @Test func histogramHeights() {
    let parsed = ParsedMarkup(
      Report.histogram([1, 1, 1, 1, 2, 2, 3], unit: "ms", label: "times"))
    let heights = parsed.all("rect", class: "strong").map { $0.number("height") }
    #expect(heights.count == 3)
    #expect(abs(heights[0] / 4 - heights[2]) < 0.01 && abs(heights[1] / 2 - heights[2]) < 0.01)
  }

  @Test func barLengths() {
    let values: [(Double, Double)] = [(10, 5), (5, 9), (0, 0), (-1, 0), (.nan, .nan), (2.5, 0)]
    let bars = values.map { Bar(label: "a", value: $0.0, part: $0.1, valueText: "") }
    let parsed = ParsedMarkup(Report.bars(bars, titles: ("", "", "", "")))
    let whole = parsed.all("rect", class: "bar").map { $0.percent("width") }
    let part = parsed.all("rect", class: "strong").map { $0.percent("width") }
    #expect(whole == [100, 50, 0, 0, 0, 25])
    // The part is at most the whole.
    #expect(part == [50, 50, 0, 0, 0, 0])
  }

  @Test func noBarHasLength() {
    let parsed = ParsedMarkup(Report.bars([Bar(label: "a", value: 0, valueText: "0")], titles: ("", "", "", "")))
    #expect(parsed.all("rect").allSatisfy { $0.percent("width") == 0 })
  }

  @Test(arguments: [[0.0], [5], [1, 3, 2], Array(repeating: 7, count: 300)])
  func stairsReachTheirValues(values: [Double]) throws {
    let parsed = ParsedMarkup(
      Report.steps(
        values, tips: values.map { "\($0)" }, marks: [Mark("bound", at: values.max() ?? 0)], xTitle: "step",
        label: "memory"
      ) { "\($0)" })
    #expect(parsed.failure == nil)
    #expect(parsed.all("rect", class: "target").count == values.count)
    let path = try #require(parsed.all("path", class: "edge").first?.attributes["d"])
    // "M0 y0 H x V y1 H x ...": one height a step, ending at the right edge.
    let commands = path.dropFirst(3).split { "HV".contains($0) }.compactMap { Double($0) }
    #expect(commands.count == 2 * values.count)
    #expect(abs((commands.last ?? 0) - 1000) < 0.01)
    let heights = stride(from: 0, to: commands.count, by: 2).map { commands[$0] }
    // Higher values lie higher, the largest on the mark's line.
    let mark = try #require(parsed.all("line", class: "mark").first).number("y1")
    #expect(abs((heights.min() ?? 0) - mark) < 0.1)
    for (value, height) in zip(values, heights) where value == values.max() { #expect(abs(height - mark) < 0.1) }
    for (pair, heights) in zip(zip(values, values.dropFirst()), zip(heights, heights.dropFirst())) where pair.0 < pair.1
    {
      #expect(heights.0 > heights.1)
    }
  }
}
