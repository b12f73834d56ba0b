import Fovea
import FoveaRuntime

/// One instruction set on some threads, beside the portable kernels on one.
struct VerificationRun: Encodable {
  /// The first step that is not as it should be.
  struct Step: Encodable {
    var number: Int
    /// The node's name in the ONNX file.
    var layer: String
    var operation: String
  }

  var instructionSet: String
  var threads: Int
  /// Whether nothing differs that must not.
  var isRight: Bool
  var sameBits: Bool
  /// Of float steps that were given the same inputs, in parts of the step's largest value; nil for models all in 8 bits.
  var floatDifference: Double?
  /// Of the outputs of whole runs, in parts of an output's largest value; nil for models all in 8 bits.
  var outputDifference: Double?
  var firstDifference: Step?
  /// Whether there are 8-bit steps beside those in float.
  private let isMixed: Bool
  /// What is wrong, for people.
  private var fault: String?

  private enum CodingKeys: String, CodingKey {
    case threads, fault
    case instructionSet = "instruction_set"
    case isRight = "right"
    case sameBits = "same_bits"
    case floatDifference = "float_difference"
    case outputDifference = "output_difference"
    case firstDifference = "first_difference"
  }

  init(
    _ set: InstructionSet, threads: Int, _ result: VerificationResult, of precision: Precision,
    layer: (_ step: Int) -> LayerReport
  ) {
    instructionSet = set.rawValue
    self.threads = threads
    isMixed = precision == .int8 && result.stepDifference != nil
    isRight = result.fault == nil
    sameBits = result.hasSameBits && isRight
    floatDifference = result.stepDifference
    outputDifference = result.outputDifference
    func first(_ index: Int) -> String {
      let layer = layer(index)
      firstDifference = Step(number: index, layer: layer.name, operation: layer.operation)
      return "first in step \(index), \(layer.name): \(layer.operation)"
    }
    switch result.fault {
    case nil: break
    case .step(let index): fault = "differs \(first(index))"
    case .floatStep(let index, let difference):
      fault = "too far from the portable kernels, \(first(index)), by \(scientific(difference)) of its largest value"
    case .threads(let index): fault = "differs from what one thread computes, \(first(index))"
    case .outputs: fault = "differs in the outputs, but in no step alone: a race of threads"
    }
  }

  var text: String {
    if let fault { return fault }
    if sameBits { return "same bits" }
    return (isMixed ? "8-bit steps have the same bits, " : "")
      + "float steps differ by at most \(scientific(floatDifference ?? 0)) of their largest value, "
      + "outputs by \(scientific(outputDifference ?? 0)) of theirs"
  }
}
