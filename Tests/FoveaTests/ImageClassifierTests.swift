import FoundationEssentials
import Fovea
import FoveaConvert
import FoveaGraph
import Testing

/// Photos to labels, on a network that a test can follow: three classes, each the mean of one colour.
struct ImageClassifierTests {
  private static let labels = ["red", "green", "blue"]

  /// 8x8 colour photos through a 1x1 convolution and a mean to three logits, 20 times the channel's mean.
  private func model(_ precision: Precision, _ order: Preprocessing.ChannelOrder = .rgb, takesPhotos: Bool = true)
    throws -> Model
  {
    var network = Network(source: "colours")
    let x = network.addValue(name: "photo", shape: [1, 3, 8, 8])
    let weights: [Float] = [20, 0, 0, 0, 20, 0, 0, 0, 20]
    let w = network.addConstant(name: "w", Tensor(shape: [3, 3, 1, 1], floats: weights))
    let convolved = network.addValue(name: "convolved", shape: [1, 3, 8, 8])
    let pooled = network.addValue(name: "pooled", shape: [1, 3, 1, 1])
    let logits = network.addValue(name: "logits", shape: [1, 3])
    network.inputs = [x]
    network.outputs = [logits]
    network.nodes = [
      Node(
        name: "conv", operation: .convolution(Convolution(kernel: Size2D(1, 1))), inputs: [x, w], outputs: [convolved]),
      Node(name: "pool", operation: .globalAveragePool, inputs: [convolved], outputs: [pooled]),
      Node(name: "flatten", operation: .reshape([1, 3]), inputs: [pooled], outputs: [logits]),
    ]
    let preprocessing = Preprocessing(
      width: 8, height: 8, crop: 1, filter: .bilinear, channelOrder: order, mean: .init(0.5, 0.5, 0.5),
      standardDeviation: .init(0.5, 0.5, 0.5))
    // Three photos, each of one colour.
    let calibration = CalibrationInputs(count: 3) { index in [(0..<192).map { $0 / 64 == index ? 1 : -1 }] }
    return try Model(
      bytes: convert(
        network,
        options: ConversionOptions(
          precision: precision, preprocessing: takesPhotos ? preprocessing : nil, labels: Self.labels),
        calibration: calibration
      ).bytes, name: "colours")
  }

  /// 20x16 pixels of one colour.
  private func photo(_ red: UInt8, _ green: UInt8, _ blue: UInt8) throws -> Image {
    try #require(Image(width: 20, height: 16, pixels: (0..<320).flatMap { _ in [red, green, blue] }))
  }

  @Test(arguments: [Precision.float, .int8], [1, 2])
  func namesTheColour(_ precision: Precision, threads: Int) throws {
    let classifier = try ImageClassifier(model: model(precision), threads: threads)
    for (index, label) in Self.labels.enumerated() {
      let image = try photo(index == 0 ? 250 : 20, index == 1 ? 250 : 20, index == 2 ? 250 : 20)
      let result = classifier.classify(image)
      #expect(result.predictions.count == 3)
      #expect(result.predictions[0].label == label)
      #expect(result.predictions[0].index == index)
      #expect(result.predictions[0].probability > 0.99)
      #expect((result.predictions.reduce(0) { $0 + $1.probability } - 1).magnitude < 1e-5)
      #expect(classifier.classify(image, top: 1).predictions == Array(result.predictions.prefix(1)))
      #expect(result.milliseconds.decode == 0)
      #expect(result.milliseconds.preprocess >= 0 && result.milliseconds.inference >= 0)
    }
  }

  /// Logits are 20 * (pixel / 255 - 0.5) / 0.5.
  @Test(arguments: [Precision.float, .int8])
  func preprocessesAsTheModelSays(_ precision: Precision) throws {
    let classifier = try ImageClassifier(model: model(precision))
    _ = classifier.classify(try photo(255, 102, 0))
    let logits = try classifier.session.output(0)
    for (x, y) in zip(logits, [20, -4, -20] as [Float]) {
      #expect((x - y).magnitude <= (precision == .float ? 1e-4 : 0.4))
    }
  }

  @Test func channelsCanBeReversed() throws {
    let classifier = try ImageClassifier(model: model(.float, .bgr))
    #expect(classifier.classify(try photo(250, 0, 0)).predictions[0].label == "blue")
  }

  @Test func filesAndBytesAreTheSame() throws {
    let classifier = try ImageClassifier(model: model(.int8))
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let path = folder + "/fixtures/photos/castle.jpg"
    let first = try classifier.classify(path: path)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(try classifier.classify(bytes: bytes, name: "castle").predictions == first.predictions)
    #expect(throws: ImageError.unrecognizedFormat(file: "letter")) {
      try classifier.classify(bytes: Array("Dear Sir or Madam".utf8), name: "letter")
    }
    #expect(throws: ImageError.self) { try classifier.classify(path: "/nowhere/photo.jpg") }
    // A failure leaves the classifier as it was.
    #expect(try classifier.classify(path: path).predictions == first.predictions)
  }

  @Test func modelsWithoutPhotosAreRefused() throws {
    let model = try model(.float, takesPhotos: false)
    #expect(
      throws: FoveaError.invalidInput(
        "colours: this model says nothing of how photos become its input; convert it with --size, --mean and --std")
    ) { try ImageClassifier(model: model) }
  }
}
