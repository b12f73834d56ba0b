extension Operation {
  /// The name that ONNX gives the operation, for messages and listings; operations that only Fovea has are named alike.
  public var name: String {
    switch self {
    case .convolution: "Conv"
    case .gemm: "Gemm"
    case .fullyConnected: "FullyConnected"
    case .matMul: "MatMul"
    case .batchNormalization: "BatchNormalization"
    case .activation(let activation): activation.name
    case .binary(let binary): binary.operator.name
    case .concat: "Concat"
    case .maxPool: "MaxPool"
    case .averagePool: "AveragePool"
    case .globalAveragePool: "GlobalAveragePool"
    case .globalMaxPool: "GlobalMaxPool"
    case .reduce(let reduction): reduction.kind.rawValue
    case .normalize: "MeanVarianceNormalization"
    case .resample(let resampling): resampling.isGather ? "Gather" : "Resize"
    case .depthToSpace: "DepthToSpace"
    case .spaceToDepth: "SpaceToDepth"
    case .pad: "Pad"
    case .reshape: "Reshape"
    case .transpose: "Transpose"
    case .slice: "Slice"
    case .softmax: "Softmax"
    case .identity: "Identity"
    case .quantizeDequantize: "QuantizeDequantize"
    }
  }
}

extension Activation {
  var name: String {
    switch self {
    case .clamp(Clamp(min: 0)): "Relu"
    case .clamp: "Clip"
    case .leakyRelu: "LeakyRelu"
    case .sigmoid: "Sigmoid"
    case .hardSigmoid: "HardSigmoid"
    case .hardSwish: "HardSwish"
    case .tanh: "Tanh"
    case .silu: "Silu"
    case .elu: "Elu"
    case .celu: "Celu"
    case .selu: "Selu"
    case .thresholdedRelu: "ThresholdedRelu"
    case .shrink: "Shrink"
    case .function(let function): function.rawValue
    }
  }
}

extension Binary.Operator {
  var name: String {
    switch self {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .minimum: "Min"
    case .maximum: "Max"
    case .power: "Pow"
    case .prelu: "PRelu"
    }
  }
}
