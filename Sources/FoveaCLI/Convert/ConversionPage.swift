import Fovea

extension ConversionReport {
  /// For a browser.
  var page: Page {
    var page = Page(title: baseName(model), subtitle: "fovea convert \(baseName(network))")
    page.add(figures: figures)
    page.add("Conversion", [Report.facts(conversion)])
    if let mixedPrecision, !mixedPrecision.layers.isEmpty {
      page.add(
        "Kept in float",
        note:
          "The most costly first. Gains are what all outputs gain when the layer, with those that it was tried with, is "
          + "in float and everything else in int8, on calibration inputs; milliseconds are the layer's steps on this machine, "
          + "on one thread.",
        mixedPrecision.section)
    }
    if !suspicious.isEmpty {
      page.add(
        "Suspicious layers", note: "The worst first, with what was tried or can be.",
        [
          Report.table(
            [("layer", false), ("why", false), ("remedy", false)],
            rows: suspicious.flatMap { index in
              layers[index].suspicions.map { [.text(layers[index].name), .text($0.reason), .text($0.remedy)] }
            })
        ])
    }
    let measured = layers.filter { $0.accumulatedDecibels != nil }
    if !measured.isEmpty {
      page.add(
        "Where the error comes from",
        note:
          "Signal-to-noise ratio of each layer's output, in the order of execution: longer is better. The whole bar is "
          + "what rounding the float output to 8 bits leaves by itself, the strong part what all layers up to here leave.",
        [
          Report.bars(
            measured.map(\.bar), titles: ("layer", "", "accumulated", "alone"),
            legend: ("accumulated", "output rounded by itself"))
        ])
      page.add(
        "Ranges and weights",
        note: "Ranges are of the layers' outputs: what the 256 steps cover, and what the float network's values on the "
          + "held-back inputs were.",
        [Self.table(layers)])
    }
    return page
  }

  private var figures: [(name: String, value: String)] {
    var figures: [(name: String, value: String)] = []
    if let comparison {
      figures.append(("signal to noise, int8 against float", comparison.decibelsText))
      if let agreement = comparison.agreementText { figures.append(("same top 1", agreement)) }
    }
    figures.append(("of the work in int8", percentText(Double(int8Macs) / Double(max(1, macs)), places: 1)))
    figures.append(("from \(byteText(floatBytes)) of float weights", byteText(modelBytes)))
    return figures
  }

  private var conversion: [(name: String, value: String)] {
    [
      ("network", network),
      ("calibration", "\(calibration), \(calibrationInputs) inputs"),
      ("held back", comparison?.heldBackText ?? "none"),
      ("weights rounded", rounding),
      ("channels equalized", equalization.map(\.text) ?? "no"),
      ("float weights", byteText(floatBytes)),
      ("int8 model file", byteText(modelBytes)),
      ("work", "\(countText(macs))MAC, \(countText(int8Macs))MAC of it in int8"),
    ] + (mixedPrecision?.facts ?? [])
  }

  private static func table(_ layers: [Layer]) -> Markup {
    Report.table(
      [
        ("layer", false), ("operation", false), ("in", false), ("weights", true), ("covered", true), ("seen", true),
        ("clipped", true), ("dead channels", true), ("largest channel", true), ("gain in float", true),
      ],
      rows: layers.map { layer in
        [
          .text(layer.name), .text(layer.operation), .text(layer.precision),
          .text(layer.weightDecibels.map(text) ?? ""), .text(rangeText(layer.covered)), .text(rangeText(layer.seen)),
          .text(layer.covered == nil ? "" : layer.clippedShare.map { percentText($0, places: 2) } ?? ""),
          .text(layer.zeroChannels.map(String.init) ?? ""),
          .text(layer.channelRatio.map { "\(decimal($0, places: 1))x" } ?? ""),
          .text(layer.decibelsInFloat.map { "\(decimal($0, places: 2)) dB" } ?? ""),
        ]
      })
  }

  private static func rangeText(_ range: [Float]?) -> String {
    range.map { $0.map { decimal(Double($0), places: 3) }.joined(separator: " to ") } ?? ""
  }
}

extension ConversionReport.Layer {
  /// Bars have an end where decibels have none: what is exact is drawn as this.
  private static let longest = 60.0

  fileprivate var bar: Bar {
    func length(_ decibels: Double?) -> Double { min(max(0, decibels ?? 0), Self.longest) }
    let accumulated = length(accumulatedDecibels)
    return Bar(
      label: name, detail: "\(operation), \(shapeText(shape))\(precision == "float" ? ", in float" : "")",
      value: max(accumulated, length(outputDecibels)), part: accumulated,
      valueText: accumulatedDecibels.map(ConversionReport.text) ?? "",
      aside: outputDecibels.map(ConversionReport.text) ?? "")
  }
}
