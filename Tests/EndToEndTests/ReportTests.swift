import Foundation
import FoveaConvert
import Testing

/// `fovea convert --report`.
@Suite struct ReportTests {
  private let network = fixture("operators/slashed_names_13/model.onnx")  // one input [1, 3, 5, 5]

  /// What the JSON tells, as far as tests look at it.
  private struct Report: Decodable {
    struct Comparison: Decodable {
      var inputs: Int
      var decibels: [Double]
    }

    struct Layer: Decodable {
      var name: String
      var accumulatedDecibels: Double?
    }

    var calibrationInputs: Int
    var modelBytes: Int
    var comparison: Comparison?
    var layers: [Layer]
    var suspicious: [Int]
  }

  /// A folder of tensors of the network's input.
  private func fill(_ folder: String, count: Int) throws -> String {
    let inputs = folder + "inputs/"
    try FileManager.default.createDirectory(atPath: inputs, withIntermediateDirectories: true)
    var random = Random(state: 8)
    for index in 0..<count {
      let values = (0..<75).map { _ in Float.random(in: -1...1, using: &random) }
      try write(NumPyArray(shape: [1, 3, 5, 5], values: values).fileBytes, to: inputs + "\(index).npy")
    }
    return inputs
  }

  /// The figures are those of the two models on the file that was held back.
  @Test func json() throws {
    try withTemporaryFolder { folder in
      let inputs = try fill(folder, count: 9)
      let model = folder + "m.fovea"
      let outcome = expectSuccess(
        try fovea("convert", network, "-o", model, "--calibrate", inputs, "--report", folder + "r.json"))
      let report = try JSONDecoder().decode(Report.self, from: contents(folder + "r.json"))
      #expect(report.calibrationInputs == 8)
      #expect(try inspect(model).provenance?.calibration?.images == 8)
      #expect(report.modelBytes == (try contents(model)).count)
      let comparison = try #require(report.comparison)
      #expect(comparison.inputs == 1)
      #expect(outcome.output.contains("1 input that calibration did not see"))

      // Every eighth: number 7 of 0 to 8.
      expectSuccess(try fovea("run", model, "--input", inputs + "7.npy", "--output", folder + "q.npy"))
      expectSuccess(try fovea("convert", network, "-o", model, "--precision", "float"))
      expectSuccess(try fovea("run", model, "--input", inputs + "7.npy", "--output", folder + "f.npy"))
      let (exact, other) = (try array(folder + "f.npy").values, try array(folder + "q.npy").values)
      let signal = exact.reduce(0.0) { $0 + Double($1) * Double($1) }
      let noise = zip(exact, other).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
      #expect(abs(try #require(comparison.decibels.first) - 10 * log10(signal / noise)) < 0.01)
      #expect(report.layers.allSatisfy { $0.accumulatedDecibels != nil })
      #expect(report.suspicious.allSatisfy(report.layers.indices.contains))
    }
  }

  /// A trained network: the page shows every layer, and the command the worst.
  @Test func page() throws {
    try withTemporaryFolder { folder in
      let page = folder + "r.html"
      // A name that a page must not take for its own.
      let model = folder + "<script>alert(1)<&'\".fovea"
      let outcome = expectSuccess(
        try fovea(
          "convert", Models.network, "-o", model, "--calibrate", fixture("calibration"), "--fast", "--crops", "1",
          "--report", page))
      for text in [
        "int8 against float", "same top 1", "of 6 (", "suspicious layer", "/_blocks.14/_depthwise_conv/Conv",
      ] {
        #expect(outcome.output.contains(text), "\(text)")
      }
      let html = String(decoding: try contents(page), as: UTF8.self)
      #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
      #expect(!html.contains("<script") && html.contains("&lt;script&gt;alert(1)&lt;&amp;&#39;&quot;.fovea"))
      for heading in ["Conversion", "Suspicious layers", "Where the error comes from", "Ranges and weights"] {
        #expect(html.contains("<h2>\(heading)</h2>"), "\(heading)")
      }
      let layers = try inspect(model).layers
      for layer in layers { #expect(html.contains(layer.name)) }
      #expect(html.components(separatedBy: "class=\"label\"").count - 1 >= layers.count)
    }
  }

  /// A budget that 8 bits alone cannot meet: told in all three reports, and met by the model.
  @Test func budget() throws {
    struct Mixed: Decodable {
      struct MixedPrecision: Decodable {
        struct Layer: Decodable {
          var name: String
          var group: [String]
          var floatMilliseconds: Double
        }

        var budget: String
        var layers: [Layer]
      }

      var mixedPrecision: MixedPrecision
    }
    try withTemporaryFolder { folder in
      let inputs = try fill(folder, count: 9)
      let model = folder + "m.fovea"
      let arguments = ["convert", network, "-o", model, "--calibrate", inputs, "--max-drop", "70dB", "--report"]
      let outcome = expectSuccess(try fovea(arguments + [folder + "r.json"]))
      let report = try JSONDecoder().decode(Mixed.self, from: contents(folder + "r.json"))
      #expect(report.mixedPrecision.budget == "70dB")
      let layers = report.mixedPrecision.layers
      #expect(!layers.isEmpty && layers.allSatisfy { $0.group.contains($0.name) })
      #expect(outcome.output.contains("70dB: met") && outcome.output.contains("kept in float"))
      expectSuccess(try fovea(arguments + [folder + "r.html"]))
      let html = String(decoding: try contents(folder + "r.html"), as: UTF8.self)
      #expect(html.contains("<h2>Kept in float</h2>") && html.contains(layers[0].name))
      let easy = expectSuccess(try fovea("convert", network, "-o", model, "--calibrate", inputs, "--max-drop", "1dB"))
      #expect(easy.output.contains("1dB: met by int8 alone"))
    }
  }

  @Test func refusals() throws {
    try withTemporaryFolder { folder in
      let inputs = try fill(folder, count: 1)
      let model = folder + "m.fovea"
      func refuse(_ status: Int32, _ mentions: String, _ options: String...) throws {
        expectRefusal(try fovea(["convert", network, "-o", model] + options), status, mentions)
        #expect(try names(in: folder) == ["inputs"])
      }
      try refuse(64, "is to float", "--calibrate", inputs, "--precision", "float", "--report", folder + "r.html")
      try refuse(65, "there is only one", "--calibrate", inputs, "--report", folder + "r.html")
      try refuse(64, "is to float", "--calibrate", inputs, "--precision", "float", "--max-drop", "1%")
      try refuse(66, "/no/such/folder", "--calibrate", inputs, "--report", "/no/such/folder/r.html")
    }
  }

  @Test(arguments: [
    (["--report", "r.html"], "--report"),
    (["--calibrate", "inputs", "--report", "m.fovea"], "m.fovea and m.fovea name the same file"),
  ])
  func usage(options: [String], mentions: String) throws {
    let outcome = try fovea(["convert", network, "-o", "m.fovea"] + options)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains(mentions))
  }
}
