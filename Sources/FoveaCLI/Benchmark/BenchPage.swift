extension BenchReport {
  /// The report as a page for a browser.
  var page: Page {
    var page = Page(title: baseName(model), subtitle: "fovea bench, \(system.date)")
    page.add(figures: figures)
    for warning in warnings { page.add(warning: warning) }
    page.add(
      "Latency",
      note:
        "How long \(iterations) runs took on \(threads) \(threads == 1 ? "thread" : "threads"), one image each, after "
        + "\(warmup) to warm up.",
      [
        Report.histogram(
          times, unit: "ms",
          marks: [
            Mark("median \(time(milliseconds.median))", at: milliseconds.median),
            Mark("p90 \(time(milliseconds.p90))", at: milliseconds.p90),
            Mark("p99 \(time(milliseconds.p99))", at: milliseconds.p99),
          ], label: "Histogram of the latencies, whose median is \(time(milliseconds.median))"),
        Report.facts(latencyFacts),
      ])
    if let profile { page.add("Layers", note: profile.note, [profile.chart]) }
    if let instructionSets {
      page.add(
        "Instruction sets",
        note: (bitsArePromised ? "The same bits by every one. " : "") + "Medians; the sets took turns.",
        [InstructionSetRow.chart(instructionSets)])
    }
    page.add(
      "Memory of the activations",
      note:
        "Bytes of the tensors that are alive at each step: computed, and still needed by it or later. Inputs and outputs "
        + "are alive throughout. Planned: \(memory.text).",
      [memoryChart])
    page.add("Machine", [Report.facts(machineFacts)])
    page.add("Model", [Report.facts(modelFacts)])
    return page
  }

  private func time(_ value: Double) -> String { "\(decimal(value, places: 3)) ms" }

  private var figures: [(name: String, value: String)] {
    var figures = [
      ("median latency", "\(decimal(milliseconds.median, places: 2)) ms"),
      ("99th percentile", "\(decimal(milliseconds.p99, places: 2)) ms"),
      ("speed", "\(decimal(gmacsPerSecond, places: 1)) GMAC/s"),
      ("load and first inference", "\(decimal(loadMilliseconds + firstInferenceMilliseconds, places: 1)) ms"),
      ("peak resident memory", byteText(peakRSSBytes)),
    ]
    if let energy {
      figures.append(
        energy.joulesPerInference.map { ("energy a run", "\(decimal($0 * 1000, places: 2)) mJ") }
          ?? ("processor time a run", "\(decimal(energy.cpuSecondsPerInference * 1000, places: 2)) ms"))
    }
    return figures
  }

  private var latencyFacts: [(name: String, value: String)] {
    var facts = [
      ("minimum", time(milliseconds.min)), ("p10", time(milliseconds.p10)), ("median", time(milliseconds.median)),
      ("p90", time(milliseconds.p90)), ("p99", time(milliseconds.p99)), ("p99.9", time(milliseconds.p999)),
      ("maximum", time(milliseconds.max)), ("interruptions", "\(disturbance.involuntarySwitches) by other programs"),
    ]
    if let first = disturbance.firstThird, let last = disturbance.lastThird {
      facts.append(("first, last third", "\(decimal(first, places: 3)), \(time(last))"))
    }
    return facts
  }

  private var memoryChart: Markup {
    let (planned, bound) = (Double(memory.arenaBytes), Double(memory.lowerBoundBytes))
    let marks =
      planned > bound
      ? [
        Mark("planned \(byteText(memory.arenaBytes))", at: planned),
        Mark("lower bound \(byteText(memory.lowerBoundBytes))", at: bound),
      ]
      : [Mark("planned = lower bound, \(byteText(memory.arenaBytes))", at: bound)]
    let names = profile?.steps.map { $0.name.isEmpty ? $0.operation : $0.name } ?? []
    let tips = memory.aliveBytes.enumerated().map { index, bytes in
      let name = names.indices.contains(index) ? " \(names[index])" : ""
      return "\(index)\(name): \(byteText(bytes))"
    }
    return Report.steps(
      memory.aliveBytes.map(Double.init), tips: tips, marks: marks, xTitle: "step",
      label: "Memory alive at each step, at most \(byteText(memory.lowerBoundBytes))"
    ) { byteText(Int($0)) }
  }

  private var machineFacts: [(name: String, value: String)] {
    var facts = [
      ("processor", processor), ("processors", "\(system.processors)"),
      ("instruction set", instructionSet),
      ("features", cpu.features.joined(separator: ", ")), ("operating system", system.operatingSystem),
      ("fovea", system.fovea),
    ]
    if let governor = system.governor { facts.append(("clock governor", governor)) }
    if let peaks = profile?.peaks {
      facts.append(("8-bit peak a thread", "\(decimal(peaks.int8, places: 1)) GMAC/s"))
      if let float = peaks.float { facts.append(("float peak a thread", "\(decimal(float, places: 1)) GMAC/s")) }
      facts.append(("copying peak", "\(decimal(peaks.copy, places: 1)) GB/s"))
    }
    if let energy { facts.append(("energy", "\(energy.perInference) a run (\(energy.origin))")) }
    return facts
  }

  private var modelFacts: [(name: String, value: String)] {
    var facts = [
      ("file", "\(model), \(byteText(fileBytes))"), ("precision", precision),
      ("work", "\(countText(macs))MAC a run"), ("inputs", inputs.map(\.text).joined(separator: ", ")),
      ("outputs", outputs.map(\.text).joined(separator: ", ")), ("load", time(loadMilliseconds)),
      ("first inference", time(firstInferenceMilliseconds)),
    ]
    if let source = provenance?.source { facts.append(("made from", "\(source.file), SHA-256 \(source.sha256)")) }
    if let provenance { facts.append(("made by", provenance.converter)) }
    if let calibration = provenance?.calibration {
      facts.append(("calibrated", "\(calibration.images) files of \(calibration.folder), \(calibration.method)"))
    }
    return facts
  }
}

extension Profile {
  fileprivate var note: String {
    "Median time of each step on one thread. The strong part of a bar is what the step would take at this machine's roofline: "
      + "the larger of its multiply-accumulates at peak rate and its bytes at copying speed, both measured before and after. A "
      + "step whose data lie in caches can be faster than that."
  }

  fileprivate var chart: Markup {
    Report.bars(
      steps.enumerated().map { index, step in
        var detail = "\(step.operation) to \(shapeText(step.shape)), \(step.kernel)"
        if step.macs > 0 { detail += ", \(countText(step.macs))MAC" }
        let rate =
          step.macs > 0
          ? "\(decimal(step.gmacsPerSecond, places: 0)) GMAC/s" : "\(decimal(step.gigabytesPerSecond, places: 1)) GB/s"
        return Bar(
          label: "\(index)  \(step.name.isEmpty ? step.operation : step.name)", detail: detail,
          value: step.microseconds,
          part: step.microseconds * step.percentOfPeak / 100,
          valueText: "\(decimal(step.microseconds, places: step.microseconds < 100 ? 1 : 0)) µs",
          aside: "\(rate), \(percentText(step.percentOfPeak / 100, places: 0))")
      },
      titles: ("layer", "time", "", "rate, of roofline"), legend: ("at the roofline", "above it"))
  }
}

extension InstructionSetRow {
  fileprivate static func chart(_ rows: [InstructionSetRow]) -> Markup {
    Report.bars(
      rows.map { row in
        Bar(
          label: row.instructionSet, value: row.milliseconds.median,
          valueText: "\(decimal(row.milliseconds.median, places: 2)) ms",
          aside: "\(decimal(row.gmacsPerSecond, places: 1)) GMAC/s, \(decimal(row.ratio, places: 1)) times portable")
      }, titles: ("instruction set", "median latency", "", "rate"))
  }
}
