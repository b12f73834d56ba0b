import ArgumentParser
import Fovea
import FoveaConvert
import Glibc

/// `fovea run`: tensors in, tensors out.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a model on NumPy files.",
    discussion: """
      Inputs and outputs have the names, shapes and types that the ONNX network gave them (float32, images as NCHW), whatever \
      the model's precision. Inputs without a NAME= are taken in the network's order. Without --output, a summary of each \
      output is written to standard output.
      """)

  @Argument(help: "The model.", completion: .file(extensions: ["fovea"]))
  var model: String

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The inputs.", valueName: "[NAME=]X.npy"),
    completion: .file(extensions: ["npy"]))
  var input: [String] = []

  @Option(
    help: ArgumentHelp("A file for the output, or a folder for all, as NAME.npy each.", valueName: "Y.npy|FOLDER"),
    completion: .file())
  var output: String?

  @OptionGroup var threads: ThreadOptions

  func run() throws {
    let model = try Model(path: model)
    let files = try InputAssignment(input, to: model.inputs).files
    let targets = try output.map { try OutputPlaces($0, for: model.outputs) }
    try checkTargets(targets?.paths ?? [], reading: [self.model] + files)
    let session = try Session(model, threads: threads.count)
    for (index, file) in files.enumerated() {
      let array = try NumPyArray(path: file)
      let tensor = model.inputs[index]
      guard array.shape == tensor.shape else {
        throw Failure(
          .badData, "\(file): its shape is \(array.shape), but input \"\(tensor.name)\" takes \(tensor.shape)")
      }
      try session.setInput(index, to: array.values)
    }
    session.run()
    for (index, tensor) in model.outputs.enumerated() {
      let array = NumPyArray(shape: tensor.shape, values: try session.output(index))
      if let targets {
        try writeResult(array.fileBytes, to: targets.paths[index])
      } else {
        writeOutput(summary(of: array, name: tensor.name))
      }
    }
  }

  /// "logits  1x1000  -0.24 0.31 ... (least -2.1, largest 9.3)"
  private func summary(of array: NumPyArray, name: String) -> String {
    let first = array.values.prefix(5).map { "\($0)" }.joined(separator: " ")
    let more = array.values.count > 5 ? " ..." : ""
    let range = array.values.min().flatMap { least in
      array.values.max().map { largest in "  (least \(least), largest \(largest))" }
    }
    return "\(printable(name))  \(shapeText(array.shape))  \(first)\(more)\(range ?? "")\n"
  }
}

/// Which file is which input.
private struct InputAssignment {
  /// A path for each of the model's inputs.
  var files: [String] = []

  init(_ arguments: [String], to inputs: [Model.Tensor]) throws(Failure) {
    let takes = inputs.map { "\"\($0.name)\" \($0.shape)" }.joined(separator: ", ")
    var places = [String?](repeating: nil, count: inputs.count)
    var unnamed: [String] = []
    for argument in arguments {
      guard let (index, path) = Self.named(argument, inputs) else {
        unnamed.append(argument)
        continue
      }
      guard places[index] == nil else {
        throw Failure(.usage, "input \"\(inputs[index].name)\" is given twice")
      }
      places[index] = path
    }
    for path in unnamed {
      if let sign = path.firstIndex(of: "="), !exists(path) {
        throw Failure(.usage, "the model has no input \"\(path[..<sign])\"; it takes \(takes)")
      }
      guard let index = places.firstIndex(of: nil) else {
        throw Failure(.usage, "\(path): there are more files than inputs; the model takes \(takes)")
      }
      places[index] = path
    }
    for (index, place) in places.enumerated() {
      guard let place else {
        throw Failure(.usage, "input \"\(inputs[index].name)\" is missing; the model takes \(takes)")
      }
      files.append(place)
    }
  }

  /// The input and the path of "NAME=PATH". Names as well as paths may hold "=", so the names decide.
  private static func named(_ argument: String, _ inputs: [Model.Tensor]) -> (index: Int, path: String)? {
    for (index, input) in inputs.enumerated() where argument.hasPrefix(input.name + "=") {
      return (index, String(argument.dropFirst(input.name.count + 1)))
    }
    return nil
  }
}

/// Where the outputs go.
private struct OutputPlaces {
  /// A path for each of the model's outputs.
  var paths: [String] = []

  /// - Parameter output: a file for a single output; a folder, made where it does not exist, for any number.
  init(_ output: String, for outputs: [Model.Tensor]) throws(Failure) {
    if outputs.count == 1, !isFolder(output), !output.hasSuffix("/") {
      paths = [output]
      return
    }
    if !isFolder(output) {
      guard !exists(output), !output.hasSuffix(".npy") else {
        throw Failure(.usage, "\(output): the model has \(outputs.count) outputs, so --output must be a folder")
      }
      guard unsafe mkdir(output, 0o755) == 0 else {
        throw Failure(.cannotOpen, "\(output): cannot make the folder: \(systemMessage(errno))")
      }
    }
    let folder = output.hasSuffix("/") ? output : output + "/"
    var taken: Set<String> = []
    for tensor in outputs {
      let name = Self.fileName(tensor.name)
      var unique = name
      var number = 2
      while !taken.insert(unique).inserted {
        unique = "\(name).\(number)"
        number += 1
      }
      paths.append("\(folder)\(unique).npy")
    }
  }

  /// A name of a network's value as the name of a file: it may hold slashes, or be longer than file names can be.
  private static func fileName(_ name: String) -> String {
    let scalars = printable(name).unicodeScalars.prefix(60).map { $0 == "/" || $0 == "\\" ? "_" : $0 }
    let text = String(String.UnicodeScalarView(scalars))
    // A leading point would hide the file, or be "..".
    return text.isEmpty || text.hasPrefix(".") ? "_" + text : text
  }
}
