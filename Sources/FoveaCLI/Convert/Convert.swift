import ArgumentParser
import Fovea
import FoveaConvert
import FoveaGraph
import Glibc

/// `fovea convert`: an ONNX file in, a model file out.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Converts an ONNX network to a model.",
    discussion: """
      With --calibrate, the model computes in 8-bit integers; what it sees in the folder's photos (or .npy tensors of the \
      input's shape) decides their scales. For networks that take colour photos, the options from --size on say how a photo \
      becomes the input, as torchvision does it; they are stored in the model.
      """)

  @Argument(help: ArgumentHelp("The ONNX file.", valueName: "net.onnx"), completion: .file(extensions: ["onnx"]))
  var network: String

  @Option(
    name: [.short, .long], help: ArgumentHelp("The model file to write.", valueName: "net.fovea"),
    completion: .file(extensions: ["fovea"]))
  var output: String

  @Option(
    help: ArgumentHelp("Photos, or .npy tensors, to calibrate with.", valueName: "folder"), completion: .directory)
  var calibrate: String?

  @Option(help: "int8 or float. (default: int8 with --calibrate, else float)")
  var precision: PrecisionArgument?

  @Option(
    help: ArgumentHelp(
      "Fixes the shape of an input that the file leaves open; without a name, of the first.",
      valueName: "[name:]1,3,H,W"))
  var shape: [ShapeArgument] = []

  @Option(help: ArgumentHelp("The classes' names, one a line.", valueName: "file"), completion: .file())
  var labels: String?

  @OptionGroup(title: "Photos") var photos: PhotoOptions

  @Option(
    name: .customLong("calibration"),
    help: ArgumentHelp(
      "How activations' ranges are found: min-max, percentile[:PERCENT], mse, entropy or auto.", valueName: "method"))
  var calibrationMethod = CalibrationMethodArgument(method: .minMax)

  @Option(
    help: ArgumentHelp(
      "Inputs to make of the photos: where there are fewer photos, random parts of them follow.", valueName: "number"))
  var crops = 64

  @Option(
    help: ArgumentHelp(
      "How weights become integers: second-order, which changes the layers' outputs least, or nearest. (default: second-order)"
    ))
  var rounding: WeightRounding?

  @Option(
    help: ArgumentHelp(
      "Whether channels are scaled, where that changes no result, so that they share an activation's 256 steps better: on, off, or auto, where it helps.",
      valueName: "when"))
  var equalize = ChannelEqualization.automatic

  @Flag(help: "The same as --rounding nearest: a conversion in seconds.")
  var fast = false

  @Option(
    help: ArgumentHelp(
      "What int8 may cost: the share of top-1 answers that may differ from float's (0.01 or 1%), or the signal-to-noise ratio to keep (20dB).",
      discussion: """
        Keeps as few layers in float as that takes, chosen by what each one is measured to gain. One in eight of the files is held \
        back from calibration, to decide on.
        """, valueName: "drop"))
  var maxDrop: MaxDropArgument?

  @Option(
    help: ArgumentHelp(
      "Write what int8 cost, layer by layer, as one HTML page, or as JSON if the name ends in .json.",
      discussion: "One in eight of the files is held back from calibration, to measure on.", valueName: "file"),
    completion: .file(extensions: ["html", "json"]))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write the network after this pass to standard output.",
      discussion: "One of \(Self.passNames.joined(separator: ", ")).", valueName: "pass"))
  var dumpAfter: String?

  @OptionGroup var threads: ThreadOptions

  private static let mostCrops = 100_000

  private static var passNames: [String] {
    var seen: Set<String> = []
    return standardPasses.map(\.name).filter { seen.insert($0).inserted }
  }

  func validate() throws {
    guard (1...Self.mostCrops).contains(crops) else {
      throw ValidationError("--crops takes a number from 1 to \(Self.mostCrops)")
    }
    if fast, rounding == .secondOrder { throw ValidationError("--fast is --rounding nearest, not second-order") }
    if report != nil, calibrate == nil { throw ValidationError("--report measures int8: it needs --calibrate") }
    if maxDrop != nil, calibrate == nil {
      throw ValidationError("--max-drop limits what int8 costs: it needs --calibrate")
    }
    if let dumpAfter, !Self.passNames.contains(dumpAfter) {
      throw ValidationError("no pass is called \"\(dumpAfter)\"; these are: \(Self.passNames.joined(separator: ", "))")
    }
  }

  func run() throws {
    let start = monotonicMilliseconds()
    returnLargeBlocksOnceFreed()
    try checkTargets([output, report].compactMap(\.self), reading: [self.network, self.labels].compactMap(\.self))
    let labels = try labels.map { try readLines(of: $0, holding: "labels") } ?? []
    let folder = try calibrate.map { try CalibrationFolder(path: $0) }
    let network = try importONNX(
      path: network, shapes: Dictionary(shape.map { ($0.name, $0.shape) }, uniquingKeysWith: { _, last in last }))
    let precision = precision?.precision ?? (calibrate == nil && !network.isQuantized ? .float : .int8)
    guard precision == .float || calibrate != nil || network.isQuantized else {
      throw Failure(.usage, "--precision int8 needs --calibrate with a folder of photos (or .npy tensors)")
    }
    let calibrates = precision == .int8 && !network.isQuantized
    guard calibrates || report == nil && maxDrop == nil else {
      let what = precision == .int8 ? "takes the network's own integers" : "is to float"
      throw Failure(
        .usage,
        "\(report == nil ? "--max-drop limits" : "--report measures") what calibration to int8 costs; this conversion \(what)"
      )
    }
    let preprocessing = try preprocessing(for: network, calibration: folder)
    // What a few photos accept, others may not: a search takes more of them than a measurement.
    let parts = try report == nil && maxDrop == nil ? nil : folder?.split(oneOf: maxDrop == nil ? 8 : 4)
    let calibrating = calibrates ? parts?.calibrating ?? folder : nil
    let options = ConversionOptions(
      precision: precision, preprocessing: preprocessing, labels: labels, calibrationMethod: calibrationMethod.method,
      rounding: weightRounding, equalization: equalize, budget: maxDrop?.budget, threads: threads.count)
    // A share of answers takes more inputs to tell than decibels do.
    let heldBackCount = maxDrop == nil ? (crops + 1) / 2 : 2 * crops
    let inputs = try calibrating?.inputs(of: network, preprocessing: preprocessing, least: crops)
    let heldBack = try parts?.heldBack.inputs(of: network, preprocessing: preprocessing, least: heldBackCount)
    let notes = notes(network, preprocessing)
    let result = try convert(
      consume network, options: options, metadata: try metadata(calibration: calibrating), calibration: inputs,
      heldBack: heldBack)
    try writeResult(result.bytes, to: output)
    let quantization = result.quantization.map {
      ConversionReport(
        $0, network: self.network, model: output, options: options, calibration: calibrationMethod.description,
        calibrationInputs: calibrating?.count(least: crops) ?? 0, modelBytes: result.bytes.count,
        budget: maxDrop?.description)
    }
    if let report { try quantization?.write(to: report) }
    for note in notes { writeError("note: \(note)\n") }
    writeOutput(
      summary(of: result, precision: precision, seconds: (monotonicMilliseconds() - start) / 1000)
        + (quantization?.text ?? ""))
  }

  /// What conversion has to tell on its way.
  private func convert(
    _ network: consuming Network, options: ConversionOptions, metadata: ModelMetadata, calibration: CalibrationInputs?,
    heldBack: CalibrationInputs?
  ) throws -> ConversionResult {
    let (calibrating, rounding) = (ProgressBar("calibrating"), ProgressBar("rounding weights"))
    let (trying, comparing) = (ProgressBar("trying layers in float"), ProgressBar("comparing with float"))
    defer {
      rounding.clear()
      trying.clear()
      comparing.clear()
    }
    let observer = ConversionObserver(
      calibrated: calibrating.follow, rounded: rounding.follow, tried: trying.follow, compared: comparing.follow,
      passed: { if $0 == dumpAfter { writeOutput($1.dump()) } })
    return try FoveaConvert.convert(
      consume network, options: options, metadata: metadata, calibration: calibration, heldBack: heldBack,
      observer: observer)
  }

  private var weightRounding: WeightRounding { fast ? .nearest : rounding ?? .secondOrder }

  /// Photos' way into the network, where it takes photos.
  private func preprocessing(for network: Network, calibration: CalibrationFolder?) throws(Failure) -> Preprocessing? {
    guard let size = network.photoSize else {
      guard !photos.areGiven else {
        let found = network.inputs.first.map { "\"\(network[$0].name)\" is \(network[$0].shape)" } ?? "does not exist"
        throw Failure(
          .badData,
          "\(network.source): options for photos need an input of [1, 3, height, width], or [1, height, width, 3] that is "
            + "transposed at once, but its first input \(found)")
      }
      return nil
    }
    // Whoever calibrates with tensors and says nothing of photos has a network for something else.
    if calibration?.kind == .tensors, !photos.areGiven { return nil }
    return photos.preprocessing(height: size.height, width: size.width)
  }

  /// What was decided for the user, who may have wanted something else.
  private func notes(_ network: Network, _ preprocessing: Preprocessing?) -> [String] {
    var notes: [String] = []
    if network.isQuantized {
      notes.append(
        "the network is quantized already: its own scales and integers are used"
          + (calibrate == nil ? "" : ", and nothing is calibrated"))
    } else if calibrate == nil, precision == nil {
      notes.append("without --calibrate the model computes in float; give a folder of photos for 8-bit integers")
    }
    let assumed = [photos.mean == nil ? "mean" : nil, photos.std == nil ? "standard deviation" : nil].compactMap(\.self)
    if preprocessing != nil, !assumed.isEmpty {
      notes.append(
        "assumed ImageNet's usual \(assumed.joined(separator: " and ")); "
          + "a network that was trained with others needs --mean and --std")
    }
    return notes
  }

  private func metadata(calibration: CalibrationFolder?) throws(FoveaError) -> ModelMetadata {
    var metadata = ModelMetadata()
    let file = try MappedFile(path: network)
    metadata.source = ModelMetadata.Source(file: baseName(network), sha256: unsafe sha256(file.bytes))
    if let calibration {
      metadata.calibration = ModelMetadata.Calibration(
        folder: baseName(calibration.path), images: calibration.files.count, method: calibrationMethod.description,
        inputs: calibration.count(least: crops), rounding: weightRounding.rawValue)
    }
    return metadata
  }

  private func summary(of result: ConversionResult, precision: Precision, seconds: Double) -> String {
    let layers = precision == .int8 ? ", \(result.int8Nodes) of \(result.nodes) layers in 8-bit integers" : ""
    return facts([
      ("model", output),
      ("precision", precision.name + layers),
      ("size", byteText(result.bytes.count)),
      ("steps", "\(result.steps)"),
      ("work", "\(countText(result.macs))MAC a run"),
      ("converted in", "\(decimal(seconds, places: 1)) s"),
    ])
  }
}

extension Network {
  /// The size of the colour photo that the first input takes; nil where it takes something else.
  fileprivate var photoSize: Size2D? {
    guard let input = inputs.first, self[input].shape.count == 4, self[input].shape[0] == 1 else { return nil }
    let shape = self[input].shape
    if isChannelsLast(input: input) { return shape[3] == 3 ? Size2D(shape[1], shape[2]) : nil }
    return shape[1] == 3 ? Size2D(shape[2], shape[3]) : nil
  }
}
