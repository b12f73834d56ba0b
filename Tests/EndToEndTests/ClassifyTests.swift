import Foundation
import Testing

/// One photo of `classify --json`.
struct ClassifiedPhoto: Decodable {
  struct Prediction: Decodable {
    var index: Int
    var label: String
    var probability: Double
  }

  struct Milliseconds: Decodable {
    var decode: Double
    var preprocess: Double
    var inference: Double
  }

  var file: String
  var predictions: [Prediction]?
  var milliseconds: Milliseconds?
  var error: String?
}

@Suite struct ClassifyTests {
  private let folder = fixture("photos")

  private func photo(_ name: String) -> String { fixture("photos/\(name)") }

  @Test func text() throws {
    let outcome = expectSuccess(
      try fovea("classify", photo("castle.jpg"), photo("cat.png"), "-m", Models.int8(), "--top", "3"))
    let paragraphs = outcome.output.split(separator: "\n\n").map { $0.split(separator: "\n") }
    #expect(paragraphs.count == 2)
    #expect(paragraphs.allSatisfy { $0.count == 4 })
    #expect(paragraphs[0][0].hasPrefix(photo("castle.jpg") + "  (decode "))
    #expect(paragraphs[0][0].hasSuffix(" ms)"))
    let best = paragraphs[0][1]
    #expect(best.hasSuffix("%  castle"))
    #expect(try #require(Double(best.prefix { $0 != "%" }.drop { $0 == " " })) > 80)
    #expect(outcome.errors == "", "no progress bar where standard error is no terminal")
  }

  /// What is on the photos, in both precisions, and how sure the float network is according to ONNX Runtime.
  @Test(arguments: ["int8", "float"])
  func allPhotos(precision: String) throws {
    let model = precision == "int8" ? try Models.int8() : try Models.float()
    let outcome = expectSuccess(try fovea("classify", folder, "-m", model, "--json"))
    let answers = try outcome.json([ClassifiedPhoto].self)
    #expect(answers.map(\.file) == photos.map { "\(folder)/\($0.file)" })
    for (answer, photo) in zip(answers, photos) {
      let predictions = try #require(answer.predictions)
      #expect(predictions.count == 5)
      #expect(predictions[0].label == photo.label, "\(photo.file)")
      #expect(predictions.map(\.probability) == predictions.map(\.probability).sorted(by: >))
      let times = try #require(answer.milliseconds)
      #expect(times.decode > 0 && times.preprocess > 0 && times.inference > 0)

      let stem = photo.file.prefix { $0 != "." }
      let logits = try array(fixture("references/efficientnet_lite0/\(stem).logits.npy")).values
      let largest = try #require(logits.max())
      let expected = 1 / Double(logits.map { exp($0 - largest) }.reduce(0, +))
      #expect(predictions[0].index == logits.firstIndex(of: largest))
      // JPEGs are decoded at a fraction of their size here, at full size there; int8 adds its own noise.
      #expect(abs(predictions[0].probability - expected) < 0.08, "\(photo.file)")
    }
  }

  /// Command lines in which nothing is unusual are read without argument-parser: as it would read them. It reads all that end with
  /// a "--", after which nothing follows.
  @Test func plainCommandLinesMeanTheSame() throws {
    let model = try Models.int8()
    let fragments = [
      [photo("koala.jpg")], [photo("cat.png")], ["missing.jpg"], [""], ["-"], ["-m", model], ["--model", model],
      ["-m", "missing.fovea"], ["-m", ""], ["--model=\(model)"], ["-m"], ["--top", "2"], ["--top", "+3"],
      ["--top", "0"], ["--top", "many"], ["--top"], ["--threads", "2"], ["--threads", "-1"], ["--threads", "99999999"],
      ["--json"],
      ["--jso"], ["--help"],
    ]
    var random = Random(state: 20)
    func answer(_ arguments: [String]) throws -> String {
      let outcome = try fovea(["classify"] + arguments, environment: ["FOVEA_MODEL": model])
      let times = /[0-9.]+ ms|"(decode|preprocess|inference)" ?: ?[0-9.e-]+/
      return "\(outcome.status)\n\(outcome.output.replacing(times, with: ""))\n\(outcome.errors)"
    }
    var succeeded = 0
    for _ in 0..<80 {
      // Mostly of what is right: what comes first in the list is drawn more often.
      let count = Int.random(in: 0...4, using: &random)
      let line = (0..<count).flatMap { _ in
        let most = Int.random(in: 0..<4, using: &random) < 3 ? 8 : fragments.count
        return fragments[.random(in: 0..<most, using: &random)]
      }
      let arguments = line + [photo("castle.jpg")]
      let plain = try answer(arguments)
      #expect(try plain == answer(arguments + ["--"]), "\(arguments)")
      succeeded += plain.hasPrefix("0\n") ? 1 : 0
    }
    #expect(succeeded >= 10)
  }

  @Test func standardInput() throws {
    let bytes = try contents(photo("macaw.jpg"))
    let model = try Models.int8()
    let answers = try expectSuccess(try fovea("classify", "-", "-m", model, "--json", "--top", "1", input: bytes))
      .json([ClassifiedPhoto].self)
    #expect(answers.map(\.file) == ["-"])
    #expect(answers.first?.predictions?.map(\.label) == ["macaw"])

    let piped = try fovea(
      "classify", "-", "-m", model, "--top", "1", shell: "cat \"\(photo("koala.jpg"))\" | \"$@\"")
    #expect(expectSuccess(piped).output.contains("koala"))
    expectRefusal(try fovea("classify", "-", "-m", model), 1, "standard input: ")
    #expect(try fovea("classify", "-", "-", "-m", model).status == 64)
  }

  @Test(arguments: [1, 2, 7])
  func threads(count: Int) throws {
    let answers = try expectSuccess(
      try fovea("classify", photo("koala.jpg"), "-m", Models.int8(), "--json", "--threads", "\(count)")
    ).json([ClassifiedPhoto].self)
    #expect(answers.first?.predictions?.first?.label == "koala")
  }

  /// The failing image's place in the answer, its line on standard error, the status, and the rest.
  @Test func oneFailingImage() throws {
    let model = try Models.int8()
    let missing = "/no/such.jpg"
    let outcome = try fovea("classify", photo("macaw.jpg"), missing, photo("koala.jpg"), "-m", model, "--json")
    #expect(outcome.status == 1)
    let answers = try outcome.json([ClassifiedPhoto].self)
    #expect(answers.map(\.file) == [photo("macaw.jpg"), missing, photo("koala.jpg")])
    #expect(answers.map { $0.predictions?.first?.label } == ["macaw", nil, "koala"])
    #expect(answers.map { $0.error == nil } == [true, false, true])
    #expect(answers[1].milliseconds == nil)
    #expect(outcome.errors == "fovea: \(try #require(answers[1].error))\n")

    let text = try fovea("classify", missing, photo("koala.jpg"), "-m", model)
    #expect(text.status == 1)
    #expect(text.output.contains("koala"))
    #expect(text.errors.hasPrefix("fovea: \(missing): "))
  }

  /// -m, else FOVEA_MODEL, else build/ of the repository or of the working directory.
  @Test func defaultModel() throws {
    let model = try Models.int8()
    let arguments = ["classify", photo("macaw.jpg"), "--top", "1"]
    let environment = ["FOVEA_MODEL": model]
    #expect(expectSuccess(try fovea(arguments, environment: environment)).output.contains("macaw"))
    expectRefusal(try fovea(arguments + ["-m", "/no/model"], environment: environment), 66, "/no/model: ")
    expectRefusal(try fovea(arguments, environment: ["FOVEA_MODEL": "/no/model"]), 66, "/no/model: ")

    try withTemporaryFolder { folder in
      // Far from any repository, the command finds none.
      let binary = folder + "deep/down/here/fovea"
      try FileManager.default.createDirectory(atPath: folder + "deep/down/here", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: foveaBinary, toPath: binary)
      expectRefusal(try fovea(arguments, folder: folder, binary: binary), 66, "FOVEA_MODEL", "make demo")

      try FileManager.default.createDirectory(atPath: folder + "build", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: model, toPath: folder + "build/efficientnet_lite0.fovea")
      #expect(expectSuccess(try fovea(arguments, folder: folder, binary: binary)).output.contains("macaw"))
      // As the repository's own build would: .build/<platform>/release/fovea.
      #expect(expectSuccess(try fovea(arguments, folder: "/", binary: binary)).output.contains("macaw"))
    }
  }

  /// Several photos at once or one after another: the same answers in the same order, as one JSON list.
  @Test func orderAndAnswersDoNotDependOnThreads() throws {
    let model = try Models.int8()
    let files = (0..<3).flatMap { _ in photos.map { photo($0.file) } } + ["/no/such.jpg"]
    let outcomes = try ["1", "2", "5"].map { try fovea(["classify", "-m", model, "--json", "--threads", $0] + files) }
    for outcome in outcomes {
      #expect(outcome.status == 1)
      let answers = try outcome.json([ClassifiedPhoto].self)
      #expect(answers.map(\.file) == files)
      #expect(answers.dropLast().map { $0.predictions?[0].label } == (0..<3).flatMap { _ in photos.map(\.label) })
      let first = try outcomes[0].json([ClassifiedPhoto].self)
      #expect(answers.map { $0.predictions?.map(\.probability) } == first.map { $0.predictions?.map(\.probability) })
      #expect(outcome.output.hasPrefix("[\n  {\n    \"file\" : ") && outcome.output.hasSuffix("\n  }\n]\n"))
    }
  }

  /// In a folder they are passed over; named, they are read: process substitution gives such names.
  @Test(.timeLimit(.minutes(2))) func pipes() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "a.jpg", withDestinationPath: photo("koala.jpg"))
      #expect(unsafe mkfifo(folder + "b.jpg", 0o600) == 0)
      let arguments = ["classify", "-m", try Models.int8(), "--json", "--threads", "2"]
      let inFolder = try expectSuccess(try fovea(arguments + [folder])).json([ClassifiedPhoto].self)
      #expect(inFolder.map(\.file) == [folder + "a.jpg"])
      let named = expectSuccess(
        try fovea(arguments + [folder + "b.jpg"], shell: "cat '\(photo("koala.jpg"))' > '\(folder)b.jpg' & exec \"$@\"")
      )
      #expect(try named.json([ClassifiedPhoto].self).map { $0.predictions?[0].label } == ["koala"])
    }
  }

  @Test func modelWithoutPreprocessing() throws {
    try withTemporaryFolder { folder in
      let model = folder + "add.fovea"
      let network = fixture("operators/add_rank2_13/model.onnx")
      expectSuccess(try fovea("convert", network, "-o", model))
      expectRefusal(try fovea("classify", photo("macaw.jpg"), "-m", model), 65, model, "photos")
    }
  }
}
