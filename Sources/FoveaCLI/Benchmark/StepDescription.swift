import Fovea
import FoveaConvert
import FoveaCore
import FoveaRuntime

/// What a step is, whatever its time.
struct StepDescription {
  /// The node's name in the ONNX file.
  var name: String
  var operation: String
  /// What computes it: "conv_u8s8 avx512vnni", "sgemm OpenBLAS", "portable C".
  var kernel: String
  /// Of the output.
  var shape: [Int]
  var macs: Int
  /// Of the activations and weights that the step has to read and write, each counted once.
  var bytes: Int
  /// Whether its multiply-accumulates are of floats.
  var isFloat: Bool

  static func all(of session: Session) -> [StepDescription] {
    let program = session.model.program
    let names = ModelMetadata(inHeader: session.model.json)?.steps ?? []
    return program.steps.indices.map { index in
      let step = program.steps[index]
      let layer = program.layer(index, name: names.indices.contains(index) ? names[index] : "")
      return StepDescription(
        name: layer.name, operation: layer.operation, kernel: step.kernel(session.instructionSet), shape: layer.shape,
        macs: layer.macs, bytes: program.activationBytes(of: step) + layer.weightBytes, isFloat: step.isFloatArithmetic)
    }
  }

  /// For people: a step that came from no node has no name.
  var title: String { name.isEmpty ? operation : name }
}

extension Program {
  /// Bytes of buffers that a step has to read and write.
  fileprivate func activationBytes(of step: Step) -> Int {
    func part(_ buffer: Int, _ channels: Int, of all: Int) -> Int { buffers[buffer].byteCount / max(1, all) * channels }
    switch step {
    case .convolutionU8(let step):
      return part(step.input, step.inputs, of: step.inputChannels)
        + part(step.output, step.outputs, of: step.outputChannels)
    case .convolutionF32(let step), .depthwiseF32(let step):
      return part(step.input, step.inputs, of: step.inputChannels)
        + part(step.output, step.outputs, of: step.outputChannels)
        + (step.adds ? part(step.addend, step.outputs, of: step.outputChannels) : 0)
    case .copy(let step):
      return 2 * step.sizes.array.reduce(buffers[step.input].type.size, *)
    default:
      return (step.buffers.reads + step.buffers.writes).reduce(0) { $0 + buffers[$1].byteCount }
    }
  }
}

extension Step {
  /// Whether its multiply-accumulates are of floats.
  fileprivate var isFloatArithmetic: Bool {
    switch self {
    case .convolutionF32, .depthwiseF32, .matMulF32: true
    default: false
    }
  }

  /// The kernel that an instruction set has for the step.
  fileprivate func kernel(_ set: InstructionSet) -> String {
    switch self {
    case .convolutionU8: "conv_u8s8 \(set.convolutionKernel)"
    case .depthwiseU8: "depthwise_u8s8 \(set.depthwiseKernel)"
    case .addU8: "add_u8 \(set.additionKernel)"
    case .multiplyU8: "multiply_u8 \(set.multiplicationKernel)"
    case .tableU8: "table_u8 \(set.tableKernel)"
    case .channelTablesU8: "channel_tables_u8 \(set.channelTablesKernel)"
    case .convolutionF32: "conv_f32 \(set.floatKernel)"
    case .depthwiseF32: "depthwise_f32 \(set.floatKernel)"
    case .unaryF32: "unary_f32 \(set.floatKernel)"
    case .binaryF32: "binary_f32 \(set.floatKernel)"
    case .matMulF32: "sgemm \(BLAS.shared == nil ? "portable C" : "OpenBLAS")"
    default: "portable C"
    }
  }
}
