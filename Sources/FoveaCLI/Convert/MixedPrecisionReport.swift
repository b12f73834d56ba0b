import Fovea
import FoveaConvert

extension ConversionReport {
  /// What a budget of accuracy came to: `convert --max-drop`.
  struct MixedPrecisionReport: Encodable {
    /// Layers on standard output.
    private static let shown = 8

    /// As it was asked for.
    var budget: String
    /// With every layer in int8 that can be.
    var int8: Comparison
    var layers: [FloatLayer]
    /// Networks that ran to find out.
    var trials: Int
    /// One run, on one thread.
    var int8Milliseconds: Double
    var mixedMilliseconds: Double

    struct FloatLayer: Encodable {
      var name: String
      var operation: String
      var macs: Int
      /// The layers that were tried in float together, for what they gain.
      var group: [String]
      var decibelsGained: Double
      /// Its steps.
      var int8Milliseconds: Double
      var floatMilliseconds: Double
    }

    init(_ mixed: MixedPrecision, layers: [LayerQuantization], budget: String) {
      self.budget = budget
      int8 = Comparison(mixed.int8)
      self.layers = mixed.layers.map { layer in
        FloatLayer(
          name: layers[layer.index].name, operation: layers[layer.index].operation, macs: layers[layer.index].macs,
          group: layer.group.map { layers[$0].name }, decibelsGained: layer.decibels.rounded3,
          int8Milliseconds: layer.int8Milliseconds.rounded3, floatMilliseconds: layer.floatMilliseconds.rounded3)
      }
      trials = mixed.trials
      (int8Milliseconds, mixedMilliseconds) = (mixed.int8Milliseconds.rounded3, mixed.mixedMilliseconds.rounded3)
    }

    /// What the facts of a conversion say of it.
    var facts: [(name: String, value: String)] {
      var facts = [("budget", "\(budget): \(layers.isEmpty ? "met by int8 alone" : "met")")]
      guard !layers.isEmpty else { return facts }
      facts.append(("all in int8", [int8.decibelsText, int8.agreementText].compactMap(\.self).joined(separator: ", ")))
      facts.append(("kept in float", "\(layers.count) layer\(layers.count == 1 ? "" : "s"), found by \(trials) trials"))
      facts.append(
        (
          "a run, one thread",
          "\(decimal(mixedMilliseconds, places: 2)) ms, \(decimal(int8Milliseconds, places: 2)) ms all in int8"
        ))
      return facts
    }

    /// The layers, the most costly first.
    var text: String {
      guard !layers.isEmpty else { return "" }
      var table = Table([("kept in float", .left), ("gains", .right), ("int8 ms", .right), ("float ms", .right)])
      for layer in costly.prefix(Self.shown) { table.add([layer.name] + layer.figures) }
      let more = layers.count - Self.shown
      return table.text + (more > 0 ? "and \(more) more; --report FILE lists all\n" : "")
    }

    /// A section of the page.
    var section: [Markup] {
      [
        Report.table(
          [
            ("layer", false), ("operation", false), ("gains", true), ("tried with", true), ("int8 ms", true),
            ("float ms", true),
          ],
          rows: costly.map { layer in
            let figures = layer.figures.map(Markup.text)
            let others = layer.group.count - 1
            return [.text(layer.name), .text(layer.operation), figures[0], .text(others > 0 ? "\(others) others" : "")]
              + figures[1...]
          })
      ]
    }

    private var costly: [FloatLayer] {
      layers.enumerated().sorted { a, b in
        (b.element.extraMilliseconds, a.offset) < (a.element.extraMilliseconds, b.offset)
      }.map(\.element)
    }
  }
}

extension ConversionReport.MixedPrecisionReport.FloatLayer {
  fileprivate var extraMilliseconds: Double { floatMilliseconds - int8Milliseconds }

  fileprivate var figures: [String] {
    [ConversionReport.text(decibels: decibelsGained)]
      + [int8Milliseconds, floatMilliseconds].map { decimal($0, places: 3) }
  }
}
